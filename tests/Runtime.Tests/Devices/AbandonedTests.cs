using System.Runtime.CompilerServices;
using Requant.Devices;
using Requant.Devices.Driver;
using Requant.Optimizers;
using Requant.Tests;

namespace Requant.Runtime.Tests.Devices;

/// <summary>What was never disposed goes back to the device, but not while it could be in the way.</summary>
public sealed class AbandonedTests : IDisposable
{
    private const int Length = 4096;

    /// <summary>A parameter and its gradient, which are not the optimizer's.</summary>
    private const long OwnBytes = 2 * Length * sizeof(float);

    private readonly DeferredDevice _device = new();

    public void Dispose() => _device.Dispose();

    [Fact]
    public void Optimizer_NeverDisposed_IsFreedAtTheNextAllocation()
    {
        (long bytes, int pinned) = (_device.Driver.AllocatedBytes, _device.Driver.PinnedCount);
        StepAndForget();
        Assert.True(
            _device.Driver.AllocatedBytes > bytes + OwnBytes + (2 * Length) && _device.Driver.PinnedCount > pinned);
        int calls = _device.Driver.Calls.Count;

        Collect();
        Assert.Equal(calls, _device.Driver.Calls.Count);

        using CudaBuffer next = _device.Context.Allocate(100);
        Assert.Equal((bytes + OwnBytes + 100, pinned), (_device.Driver.AllocatedBytes, _device.Driver.PinnedCount));
    }

    [Fact]
    public void Allocation_ThatTheDeviceHasNoMemoryFor_HasTheCollectorFindSome()
    {
        long bytes = _device.Driver.AllocatedBytes;
        StepAndForget();
        _device.Driver.Fail("cuMemAlloc", CudaResult.OutOfMemory);

        using CudaBuffer next = _device.Context.Allocate(100);

        Assert.Equal(bytes + OwnBytes + 100, _device.Driver.AllocatedBytes);
    }

    /// <summary>The work that a device has not come to is done before its memory is freed.</summary>
    [Fact]
    public void Optimizer_OfWorkUnderWay_IsFreedAfterIt()
    {
        nint parameter = StepAndForget();
        Collect();

        using CudaBuffer next = _device.Context.Allocate(100);
        _device.Context.Synchronize(_device.Stream.Handle);

        var values = new float[Length];
        _device.Context.CopyToHost(values.AsSpan(), (ulong)parameter);
        Assert.DoesNotContain(float.NaN, values);
        Assert.NotEqual(HardValues.Parameters(Length, 1), values);
    }

    [Fact]
    public void Resource_GivenUpDuringACapture_IsFreedLater()
    {
        AllocateAndForget();
        Collect();
        _device.Context.BeginCapture(_device.Stream.Handle);
        Assert.Throws<CudaException>(() => _device.Context.Allocate(100));
        Assert.ThrowsAny<CudaException>(() => _device.Context.EndCapture(_device.Stream.Handle));

        using CudaBuffer next = _device.Context.Allocate(100);

        Assert.Equal(100, _device.Driver.AllocatedBytes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private nint StepAndForget()
    {
        var adam = new Optimizer<Adam>(
            new Adam(), new OptimizerOptions { Device = Device.Cuda(_device.Driver, 0, new PtxCache(null)) });
        nint parameter = _device.Put(HardValues.Parameters(Length, 1));
        nint gradient = _device.Put(HardValues.Parameters(Length, 2));
        adam.Step(_device.Stream.Handle, new TensorUpdate(adam.Add("w", Length), parameter, gradient));
        return parameter;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AllocateAndForget() => _ = _device.Context.Allocate(200);

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
