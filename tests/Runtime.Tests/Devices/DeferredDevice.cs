using Requant.Devices.Driver;
using Requant.Ptx.Cuda;

namespace Requant.Runtime.Tests.Devices;

/// <summary>An interpreted device whose work waits as long as it may, a stream of it, and what tests keep
/// in its memory.</summary>
internal sealed class DeferredDevice : IDisposable
{
    private readonly List<CudaBuffer> _buffers = [];

    public DeferredDevice()
    {
        Context = CudaContext.Get(Driver, 0);
        Stream = Context.CreateStream();
    }

    public InterpretedDriver Driver { get; } = new() { IsDeferred = true };

    public CudaContext Context { get; }

    public CudaStream Stream { get; }

    /// <summary>Puts values into memory of their own, so many bytes behind its beginning, and returns
    /// their address.</summary>
    public nint Put(float[] values, int offset = 0)
    {
        CudaBuffer buffer = Context.Allocate((values.Length * sizeof(float)) + offset);
        _buffers.Add(buffer);
        Context.CopyToDevice<float>(buffer.Address + (ulong)offset, values);
        return (nint)buffer.Address + offset;
    }

    /// <summary>Frees what was put.</summary>
    public void Free()
    {
        _buffers.ForEach(buffer => buffer.Dispose());
        _buffers.Clear();
    }

    public void Dispose()
    {
        Free();
        Stream.Dispose();
        Driver.Dispose();
    }
}
