using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>What a parameter and its gradient have to be like.</summary>
internal static class TensorChecks
{
    /// <summary>Throws for a parameter that this version cannot train.</summary>
    public static void RequireSupported(Parameter? parameter, string name)
    {
        if (parameter is null)
        {
            throw new ArgumentException($"Parameter '{name}' is null; leave it out.", nameof(parameter));
        }

        if (parameter.IsInvalid)
        {
            throw new ArgumentException(
                $"Parameter '{name}' is disposed; make the optimizer from a live model.", nameof(parameter));
        }

        if (parameter.is_sparse)
        {
            throw new NotSupportedException($"Parameter '{name}' is sparse; make it dense with to_dense().");
        }

        if (parameter.device_type == DeviceType.META)
        {
            throw new NotSupportedException($"Parameter '{name}' is on the meta device, which has shapes and no "
                + "values. Make the model on the CPU, with device: torch.CPU, before making the optimizer.");
        }

        if (parameter.is_complex())
        {
            throw new NotSupportedException($"Parameter '{name}' is {parameter.dtype}, and optimizers train real "
                + "numbers. Make its real view the parameter, new Parameter(w.detach().view_as_real()), and compute "
                + "with torch.view_as_complex of it.");
        }

        if (TorchElementTypes.Of(parameter.dtype) is null || !TensorPlace.IsSupported(parameter.device_type))
        {
            throw new NotSupportedException($"Parameter '{name}' is {parameter.dtype} on {parameter.device}; this "
                + "version trains Float32, Float16 and BFloat16 on cpu and cuda. Convert the model with "
                + "to(torch.float32), or move it with to(torch.CPU) or to(torch.CUDA), before making the optimizer.");
        }

        if (!parameter.is_leaf)
        {
            throw new ArgumentException($"Parameter '{name}' was computed from tensors that require gradients, so "
                + "backward() gives it none. Make it of the values alone: new Parameter(tensor.detach().clone()).",
                nameof(parameter));
        }

        if (MayOverlap(parameter))
        {
            throw new ArgumentException($"Elements of parameter '{name}' share memory: its shape is "
                + $"[{string.Join(", ", parameter.shape)}] and its strides are "
                + $"[{string.Join(", ", parameter.stride())}], as after expand(). Make it of a copy, new "
                + "Parameter(tensor.detach().clone()), or, to train the shared elements, of the tensor "
                + "before expand().", nameof(parameter));
        }
    }

    /// <summary>Throws where elements of a parameter that is not contiguous have come to share memory: a step could not
    /// write it back.</summary>
    public static void RequireNoOverlap(Parameter parameter, string name)
    {
        if (MayOverlap(parameter))
        {
            throw new InvalidOperationException($"Elements of parameter '{name}' share memory: its shape is "
                + $"[{string.Join(", ", parameter.shape)}] and its strides are now "
                + $"[{string.Join(", ", parameter.stride())}]. Make a new optimizer after changing a parameter.");
        }
    }

    /// <summary>Throws for a type that cannot be rounded so.</summary>
    public static void RequireRounding(Parameter parameter, string name, TorchOptions options)
    {
        if (parameter.dtype != ScalarType.Float16)
        {
            return;
        }

        if (options.Rounding == ParameterRounding.Stochastic)
        {
            throw new NotSupportedException($"Parameter '{name}' is Float16, and {nameof(TorchOptions.Rounding)} = "
                + $"{options.Rounding} rounds BFloat16; convert the model with to(torch.bfloat16) before making the "
                + $"optimizer, or leave {nameof(TorchOptions.Rounding)} at {ParameterRounding.Nearest}.");
        }

        if (options.MasterWeights != MasterWeights.None)
        {
            throw new NotSupportedException(
                $"Parameter '{name}' is Float16, and {nameof(TorchOptions.MasterWeights)} = {options.MasterWeights} "
                + "completes BFloat16; convert the model with to(torch.bfloat16) before making the optimizer, or leave "
                + $"{nameof(TorchOptions.MasterWeights)} out.");
        }
    }

    /// <summary>Throws if the parameter is no longer what the states were made for.</summary>
    public static void RequireUsable(Parameter parameter, TorchParameterState state)
    {
        if (parameter.IsInvalid)
        {
            throw new InvalidOperationException($"Parameter '{state.State.Name}' is disposed: its model was "
                + "disposed, or moved or converted with to(...), which replaces parameters. Make the optimizer "
                + "after that.");
        }

        if (parameter.NumberOfElements != state.State.Length || parameter.dtype != state.Type)
        {
            throw new InvalidOperationException($"Parameter '{state.State.Name}' is {Describe(parameter)}; when "
                + "the optimizer was made it was "
                + $"{state.Type}[{string.Join(", ", state.Shape)}]. Make a new optimizer after changing a parameter.");
        }
    }

    /// <summary>Throws unless the gradient is dense, of the parameter's shape and device, and of a type that kernels
    /// take: it need not be the parameter's.</summary>
    public static void RequireGradient(Tensor gradient, TorchParameterState state)
    {
        if (gradient.is_sparse)
        {
            throw new NotSupportedException($"The gradient of '{state.State.Name}' is sparse; make the embedding "
                + "with sparse: false.");
        }

        Parameter parameter = state.Parameter;
        if (TorchElementTypes.Of(gradient.dtype) is null || gradient.device_type != parameter.device_type
            || gradient.device_index != parameter.device_index
            || !HasShape(gradient, state.Shape))
        {
            throw new InvalidOperationException($"The gradient of '{state.State.Name}' is {Describe(gradient)} "
                + "and the parameter "
                + $"{Describe(parameter)}; shapes must be equal, and the gradient Float32, Float16 or BFloat16. Leave "
                + "the gradient to backward(), or convert what is assigned to grad.");
        }
    }

    /// <summary>Whether two elements may be at one address: sorted by strides, each dimension has to step over all that
    /// the ones before it reach.</summary>
    private static bool MayOverlap(Tensor tensor)
    {
        if (tensor.NumberOfElements == 0 || tensor.is_contiguous())
        {
            return false;
        }

        long reach = 1;
        foreach ((long size, long stride) in tensor.shape.Zip(tensor.stride()).Where(one => one.First > 1)
            .OrderBy(one => one.Second))
        {
            if (stride < reach)
            {
                return true;
            }

            reach += (size - 1) * stride;
        }

        return false;
    }

    private static bool HasShape(Tensor tensor, long[] shape)
    {
        if (tensor.Dimensions != shape.Length)
        {
            return false;
        }

        // Tensor.shape would allocate.
        for (int i = 0; i < shape.Length; i++)
        {
            if (tensor.size(i) != shape[i])
            {
                return false;
            }
        }

        return true;
    }

    private static string Describe(Tensor tensor) => $"{tensor.dtype}[{string.Join(", ", tensor.shape)}] on "
        + $"{tensor.device}";
}
