using Requant.Devices.Driver;
using Requant.Ptx.Cuda;

namespace Requant.Runtime.Tests.Devices;

/// <summary>Work that waits on its stream, as a busy device's does.</summary>
public sealed unsafe class DeferredTests : IDisposable
{
    private readonly InterpretedDriver _driver = new() { IsDeferred = true };
    private readonly CudaContext _context;
    private readonly CudaStream _stream;

    public DeferredTests()
    {
        _context = CudaContext.Get(_driver, 0);
        _stream = _context.CreateStream();
    }

    public void Dispose()
    {
        _stream.Dispose();
        _driver.Dispose();
    }

    [Fact]
    public void PinnedMemory_ChangedBeforeTheCopyRan_IsCopiedAsItIsThen()
    {
        using CudaBuffer buffer = VectorAdd.Put(_context, 0);
        using CudaPinnedBuffer staged = _context.AllocatePinned(sizeof(float));
        staged.AsSpan<float>()[0] = 1;
        _context.CopyToDeviceAsync(buffer.Address, staged.Pointer, staged.Bytes, _stream.Handle);
        staged.AsSpan<float>()[0] = 2;
        _context.Synchronize(_stream.Handle);

        Assert.Equal([2f], VectorAdd.Get(_context, buffer));
    }

    [Fact]
    public void PageableMemory_ChangedBeforeTheCopyRan_IsCopiedAsItWas()
    {
        using CudaBuffer buffer = VectorAdd.Put(_context, 0);
        float value = 1;
        _context.CopyToDeviceAsync(buffer.Address, &value, sizeof(float), _stream.Handle);
        value = 2;
        _context.Synchronize(_stream.Handle);

        Assert.Equal((1f, 2f), (VectorAdd.Get(_context, buffer)[0], value));
    }

    [Fact]
    public void Event_IsReachedOnceItsStreamIsWaitedFor()
    {
        using CudaBuffer sum = VectorAdd.Put(_context, 1);
        using CudaEvent place = _context.CreateEvent();
        Assert.True(place.IsReached);
        VectorAdd.Launch(_context, sum.Address, sum.Address, 1, _stream.Handle);
        place.Record(_stream.Handle);

        Assert.False(place.IsReached);
        Assert.Equal([1f], VectorAdd.Get(_context, sum));
        place.Synchronize();
        Assert.True(place.IsReached);
        Assert.Equal([2f], VectorAdd.Get(_context, sum));
    }

    [Fact]
    public void Stream_ThatWaitsForAnEvent_RunsBehindIt()
    {
        using CudaBuffer sum = VectorAdd.Put(_context, 1);
        using CudaEvent place = _context.CreateEvent();
        using CudaStream second = _context.CreateStream();
        VectorAdd.Launch(_context, sum.Address, sum.Address, 1, _stream.Handle);
        place.Record(_stream.Handle);
        place.MakeWait(second.Handle);
        using CudaPinnedBuffer result = _context.AllocatePinned(sizeof(float));
        _context.CopyToHostAsync(result.Pointer, sum.Address, sizeof(float), second.Handle);

        _context.Synchronize(second.Handle);

        Assert.Equal(2f, result.AsSpan<float>()[0]);
    }

    [Fact]
    public void Fault_OfAKernel_IsReportedByTheWaitAndByEveryCallAfterIt()
    {
        CudaBuffer sum = VectorAdd.Put(_context, 1);
        VectorAdd.Launch(_context, sum.Address, sum.Address, 2, _stream.Handle);

        CudaException failure = Assert.Throws<CudaException>(() => _context.Synchronize(_stream.Handle));

        Assert.Equal("CUDA_ERROR_LAUNCH_FAILED", failure.ErrorName);
        Assert.Contains("ld.global.f32", failure.Message, StringComparison.Ordinal);
        Assert.Contains("restart it", failure.Message, StringComparison.Ordinal);
        Assert.Throws<CudaException>(() => _context.Allocate(1));
        sum.Dispose();
    }

    [Fact]
    public void Memory_FreedWhileWorkWaits_IsFreedAfterIt()
    {
        CudaBuffer sum = VectorAdd.Put(_context, 1);
        VectorAdd.Launch(_context, sum.Address, sum.Address, 1, _stream.Handle);

        sum.Dispose();

        Assert.Single(_driver.Launches);
    }
}
