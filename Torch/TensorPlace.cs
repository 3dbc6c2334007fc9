using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>Where tensors of one of torch's devices lie, and in which order work on them is done: the one place that
/// knows devices apart.</summary>
internal abstract class TensorPlace
{
    private static readonly HostPlace Host = new();

    private static readonly ConcurrentDictionary<int, CudaPlace> Cuda = new();

    /// <summary>Where a tensor lies: the same object for all tensors of a device. Tests put another function
    /// here.</summary>
    internal static Func<Tensor, TensorPlace> Of { get; set; } = static tensor =>
        tensor.device_type == DeviceType.CUDA
            ? Cuda.GetOrAdd(tensor.device_index, static ordinal => new CudaPlace(ordinal))
            : Host;

    /// <summary>Where the optimizer's states live and its kernels run.</summary>
    public abstract Device Device { get; }

    /// <summary>The stream that torch's work on the calling thread goes to.</summary>
    public virtual nint Stream => 0;

    /// <summary>Whether tensors of a type of device can be trained.</summary>
    public static bool IsSupported(DeviceType type) => type is DeviceType.CPU or DeviceType.CUDA;

    /// <summary>The address at which kernels find a tensor's first element.</summary>
    public virtual nint AddressOf(Tensor tensor) => TensorPointer.Of(tensor);

    private sealed class HostPlace : TensorPlace
    {
        public override Device Device => Device.Cpu;
    }

    /// <summary>A CUDA device, in its primary context, which is libtorch's.</summary>
    private sealed unsafe class CudaPlace(int ordinal) : TensorPlace
    {
        /// <summary>libtorch's <c>aoti_torch_get_current_cuda_stream</c>; null where it has none.</summary>
        private static readonly delegate* unmanaged<int, nint*, int> CurrentStream =
            NativeLibrary.TryLoad("torch_cuda", typeof(Tensor).Assembly, null, out nint library)
            && NativeLibrary.TryGetExport(library, "aoti_torch_get_current_cuda_stream", out nint function)
                ? (delegate* unmanaged<int, nint*, int>)function
                : null;

        public override Device Device { get; } = Device.Cuda(ordinal);

        public override nint Stream
        {
            get
            {
                // TorchSharp has no way to change the stream: where libtorch cannot be asked, it is on the default one.
                nint stream = 0;
                return CurrentStream is not null && CurrentStream(ordinal, &stream) == 0 ? stream : 0;
            }
        }
    }
}
