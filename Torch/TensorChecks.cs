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
            throw new ArgumentException($"Parameter '{name}' is disposed; make the optimizer from a live model.", nameof(parameter));
        }

        if (parameter.is_sparse)
        {
            throw new NotSupportedException($"Parameter '{name}' is sparse; make it dense with to_dense().");
        }

        if (TorchElementTypes.Of(parameter.dtype) is null || parameter.device_type != DeviceType.CPU)
        {
            throw new NotSupportedException($"Parameter '{name}' is {parameter.dtype} on {parameter.device}; this "
                + "version trains Float32, Float16 and BFloat16 on cpu. Convert the model with to(torch.float32) and "
                + "to(torch.CPU) before making the optimizer.");
        }
    }

    /// <summary>Throws for a type that cannot be rounded so.</summary>
    public static void RequireRounding(Parameter parameter, string name, ParameterRounding rounding)
    {
        if (parameter.dtype == ScalarType.Float16 && rounding == ParameterRounding.Stochastic)
        {
            throw new NotSupportedException($"Parameter '{name}' is Float16, and {nameof(TorchOptions.Rounding)} = {rounding} rounds BFloat16; "
                + "convert the model with to(torch.bfloat16) before making the optimizer, or leave "
                + $"{nameof(TorchOptions.Rounding)} at {ParameterRounding.Nearest}.");
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

    /// <summary>Throws unless the gradient is dense, of the parameter's shape and device, and of a type that kernels take: it need not be
    /// the parameter's.</summary>
    public static void RequireGradient(Tensor gradient, TorchParameterState state)
    {
        if (gradient.is_sparse)
        {
            throw new NotSupportedException($"The gradient of '{state.State.Name}' is sparse; make the embedding "
                + "with sparse: false.");
        }

        Parameter parameter = state.Parameter;
        if (TorchElementTypes.Of(gradient.dtype) is null || gradient.device_type != parameter.device_type
            || !HasShape(gradient, state.Shape))
        {
            throw new InvalidOperationException($"The gradient of '{state.State.Name}' is {Describe(gradient)} "
                + "and the parameter "
                + $"{Describe(parameter)}; shapes must be equal, and the gradient Float32, Float16 or BFloat16. Leave "
                + "the gradient to backward(), or convert what is assigned to grad.");
        }
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
