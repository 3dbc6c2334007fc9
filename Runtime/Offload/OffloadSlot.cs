using Requant.Devices.Driver;

namespace Requant.Offload;

/// <summary>Pinned memory for one tensor at a time, between a device and the host.</summary>
internal sealed unsafe class OffloadSlot(CudaContext context) : IDisposable
{
    /// <summary>A cache line, and the widest vector.</summary>
    private const long Alignment = 64;

    private readonly CudaEvent _isFetched = context.CreateEvent();
    private readonly CudaEvent _isReturned = context.CreateEvent();
    private CudaPinnedBuffer? _buffer;
    private long _parameterBytes;

    /// <summary>Where the parameter's elements are.</summary>
    public nint Parameter => (nint)_buffer!.Pointer;

    /// <summary>Where its gradient's elements are.</summary>
    public nint Gradient => Parameter + (nint)Aligned(_parameterBytes);

    /// <summary>Makes room for a tensor and its gradient. Waits for the slot's last one only where there is not
    /// enough.</summary>
    public void Reserve(long parameterBytes, long gradientBytes)
    {
        long bytes = Aligned(parameterBytes) + gradientBytes;
        if (_buffer is null || _buffer.Bytes < bytes)
        {
            _isReturned.Synchronize();
            _buffer?.Dispose();
            _buffer = null;
            _buffer = context.AllocatePinned(bytes);
        }

        _parameterBytes = parameterBytes;
    }

    /// <summary>Asks for the elements, behind the return of the slot's last tensor.</summary>
    public void Fetch(ulong parameter, ulong gradient, long gradientBytes, nint stream)
    {
        _isReturned.MakeWait(stream);
        context.CopyToHostAsync((void*)Parameter, parameter, _parameterBytes, stream);
        context.CopyToHostAsync((void*)Gradient, gradient, gradientBytes, stream);
        _isFetched.Record(stream);
    }

    /// <summary>Waits until the elements are there.</summary>
    public void WaitForElements() => _isFetched.Synchronize();

    /// <summary>Sends the new elements back.</summary>
    public void Return(ulong parameter, nint stream)
    {
        context.CopyToDeviceAsync(parameter, (void*)Parameter, _parameterBytes, stream);
        _isReturned.Record(stream);
    }

    public void Dispose()
    {
        _isReturned.Synchronize();
        _isFetched.Synchronize();
        _isFetched.Dispose();
        _isReturned.Dispose();
        _buffer?.Dispose();
    }

    private static long Aligned(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;
}
