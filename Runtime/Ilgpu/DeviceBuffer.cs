using ILGPU;
using ILGPU.Runtime;

namespace Requant.Ilgpu;

/// <summary>Memory on an accelerator that grows on demand and loses its contents when it does.</summary>
internal sealed class DeviceBuffer<T>(Accelerator accelerator) : IDisposable
    where T : unmanaged
{
    private MemoryBuffer1D<T, Stride1D.Dense>? _buffer;

    /// <summary>A view of <paramref name="length"/> elements, empty for 0.</summary>
    public ArrayView<T> Reserve(long length)
    {
        if (length == 0)
        {
            return ArrayView<T>.Empty;
        }

        if (_buffer is null || _buffer.Length < length)
        {
            Dispose();
            _buffer = accelerator.Allocate1D<T>(length);
        }

        return ((ArrayView<T>)_buffer.View).SubView(0L, length);
    }

    public void Dispose()
    {
        _buffer?.Dispose();
        _buffer = null;
    }
}
