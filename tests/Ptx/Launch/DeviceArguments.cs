using Requant.Ilgpu;

namespace Requant.Ptx.Launch;

/// <summary>Fills the structs that generated device kernels take; the only place that knows their fields.</summary>
internal static class DeviceArguments
{
    /// <summary>The arguments of one launch, in the order of <see cref="DeviceKernel"/>'s parameters.</summary>
    /// <param name="tensor">The buffers of the tensor.</param>
    /// <exception cref="InvalidOperationException">The structs or the delegate have changed.</exception>
    public static List<byte[]> For(TensorBuffers tensor)
    {
        var arguments = new List<byte[]>();
        int state = 0;
        foreach (var parameter in typeof(DeviceKernel).GetMethod(nameof(DeviceKernel.Invoke))!.GetParameters())
        {
            if (parameter.ParameterType == typeof(DeviceTensor))
            {
                arguments.Add(StructBytes.Write(typeof(DeviceTensor), Tensor(tensor)));
            }
            else if (parameter.ParameterType == typeof(DeviceState))
            {
                StateBuffers? buffers = state < tensor.States.Count ? tensor.States[state] : null;
                arguments.Add(StructBytes.Write(typeof(DeviceState), State(buffers)));
                state++;
            }
            else
            {
                throw new InvalidOperationException(
                    $"Device kernels have a parameter '{parameter.Name}' of type {parameter.ParameterType.Name}, which "
                    + $"{nameof(DeviceArguments)} does not fill.");
            }
        }

        return arguments;
    }

    private static Dictionary<string, object> Tensor(TensorBuffers tensor) => new(StringComparer.Ordinal)
    {
        [nameof(DeviceTensor.Length)] = tensor.Length,
        [$"{nameof(DeviceTensor.Parameter)}.{nameof(DeviceElements.Float32)}"] = Elements(tensor.Parameter, tensor.ParameterType, is16Bit: false),
        [$"{nameof(DeviceTensor.Parameter)}.{nameof(DeviceElements.Bits16)}"] = Elements(tensor.Parameter, tensor.ParameterType, is16Bit: true),
        [$"{nameof(DeviceTensor.Gradient)}.{nameof(DeviceElements.Float32)}"] = Elements(tensor.Gradient, tensor.GradientType, is16Bit: false),
        [$"{nameof(DeviceTensor.Gradient)}.{nameof(DeviceElements.Bits16)}"] = Elements(tensor.Gradient, tensor.GradientType, is16Bit: true),
        [nameof(DeviceTensor.Uniforms)] = DeviceView.Of(tensor.Uniforms, sizeof(float)),
        [nameof(DeviceTensor.Partials)] = DeviceView.Of(tensor.Partials, sizeof(float)),
        [nameof(DeviceTensor.Skipped)] = DeviceView.Of(tensor.Skipped, sizeof(long)),
        [nameof(DeviceTensor.BlockSize)] = tensor.BlockSize,
        [nameof(DeviceTensor.SegmentSize)] = tensor.SegmentSize,
    };

    /// <summary>The view of the elements' own width, or the empty one of the other.</summary>
    private static DeviceView Elements(GlobalBuffer buffer, ElementType type, bool is16Bit) =>
        DeviceView.Of(is16Bit == (type != ElementType.Float32) ? buffer : null, is16Bit ? sizeof(ushort) : sizeof(float));

    private static Dictionary<string, object> State(StateBuffers? state) => new(StringComparer.Ordinal)
    {
        [nameof(DeviceState.Codes)] = DeviceView.Of(state?.Codes, sizeof(byte)),
        [nameof(DeviceState.Absmax)] = DeviceView.Of(state?.Absmax, sizeof(float)),
        [nameof(DeviceState.Values)] = DeviceView.Of(state?.Values, sizeof(float)),
        [nameof(DeviceState.Codebook)] = DeviceView.Of(state?.Codebook, sizeof(float)),
        [nameof(DeviceState.Thresholds)] = DeviceView.Of(state?.Thresholds, sizeof(float)),
        [nameof(DeviceState.NextAbsmax)] = DeviceView.Of(state?.NextAbsmax, sizeof(float)),
        [nameof(DeviceState.BlockSize)] = state?.BlockSize ?? 0,
    };
}
