using ILGPU;

namespace Requant.Ilgpu;

/// <summary>Updates one tensor on an ILGPU accelerator; emitted by the generator, explicitly grouped, one warp of 32 lanes
/// per block. The signature is the same for every rule; unused states are empty.</summary>
/// <param name="tensor">The tensor, its gradient, uniform values and reductions.</param>
/// <param name="state0">First state.</param>
/// <param name="state1">Second state.</param>
/// <param name="state2">Third state.</param>
/// <param name="state3">Fourth state.</param>
public delegate void DeviceKernel(
    DeviceTensor tensor, DeviceState state0, DeviceState state1, DeviceState state2, DeviceState state3);

/// <summary>One tensor in one phase of one step, as generated ILGPU kernels see it.</summary>
public struct DeviceTensor
{
    /// <summary>Elements of the tensor, n.</summary>
    public long Length;

    /// <summary>n elements, which the kernel's type for parameters reads and writes.</summary>
    public DeviceElements Parameter;

    /// <summary>n elements, which the kernel's type for gradients reads.</summary>
    public DeviceElements Gradient;

    /// <summary>float32: values computed once per tensor and step on the host.</summary>
    public ArrayView<float> Uniforms;

    /// <summary>float32[reductions * blocks]: partial results.</summary>
    public ArrayView<float> Partials;

    /// <summary>int64[1]: elements skipped because their gradient was not finite.</summary>
    public ArrayView<long> Skipped;

    /// <summary>Elements that a warp takes at a time: a block of every state, or a tile where block sizes differ.</summary>
    public int BlockSize;

    /// <summary>Elements of a tile's segment: the greatest common divisor of the states' block sizes.</summary>
    public int SegmentSize;
}

/// <summary>One state of one tensor on a device. Quantized: codes and absmax; otherwise values.</summary>
public struct DeviceState
{
    /// <summary>uint8[n], empty when not quantized.</summary>
    public ArrayView<byte> Codes;

    /// <summary>float32[ceil(n / block size)], empty when not quantized.</summary>
    public ArrayView<float> Absmax;

    /// <summary>float32[n], empty when quantized.</summary>
    public ArrayView<float> Values;

    /// <summary>float32[256]: the codec's values.</summary>
    public ArrayView<float> Codebook;

    /// <summary>float32[256]: entry k is the smallest float32 that rounds above code k; unused entries are infinite.</summary>
    public ArrayView<float> Thresholds;

    /// <summary>float32[ceil(n / block size)]: scratch memory for a quantized state of a rule whose states differ in block
    /// size; empty otherwise.</summary>
    public ArrayView<float> NextAbsmax;

    /// <summary>Elements that share one absmax; those of the tensor's <see cref="DeviceTensor.BlockSize"/> when not
    /// quantized.</summary>
    public int BlockSize;
}
