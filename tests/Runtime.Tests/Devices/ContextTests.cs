using Requant.Devices.Driver;
using Requant.Ptx.Cuda;

namespace Requant.Runtime.Tests.Devices;

public class ContextTests
{
    private const nint CallersContext = 0x7777;

    [Fact]
    public void Kernel_OnTheInterpretedDriver_AddsVectors()
    {
        using var driver = new InterpretedDriver();
        CudaContext context = CudaContext.Get(driver, 0);
        float[] a = [.. Enumerable.Range(0, 100).Select(i => i * 0.1f)];
        float[] b = [.. Enumerable.Range(0, 100).Select(i => 1f / (i + 1))];
        using CudaBuffer sum = VectorAdd.Put(context, a);
        using CudaBuffer addend = VectorAdd.Put(context, b);

        VectorAdd.Launch(context, sum.Address, addend.Address, a.Length);

        Assert.Equal([.. a.Zip(b, (x, y) => x + y)], VectorAdd.Get(context, sum));
        Assert.Equal(
            ("add", 4, 32),
            (driver.Launches.Single().Kernel, driver.Launches.Single().Groups, driver.Launches.Single().GroupSize));
    }

    [Fact]
    public void Get_OneDevice_IsOneContextThatRetainsOnce()
    {
        using var driver = new InterpretedDriver
        {
            Devices = [new InterpretedDevice(), new InterpretedDevice { Name = "Second" }],
        };

        Assert.Same(CudaContext.Get(driver, 1), CudaContext.Get(driver, 1));
        Assert.NotSame(CudaContext.Get(driver, 0), CudaContext.Get(driver, 1));
        Assert.Equal((1, 1), (driver.Retained(0), driver.Retained(1)));
        Assert.Equal("Second", CudaContext.Get(driver, 1).Device.Name);
    }

    [Fact]
    public void Get_ManyThreads_RetainsOnce()
    {
        using var driver = new InterpretedDriver();

        var contexts = new CudaContext[16];
        Parallel.For(0, contexts.Length, i => contexts[i] = CudaContext.Get(driver, 0));

        Assert.Single(contexts.Distinct());
        Assert.Equal(1, driver.Retained(0));
    }

    [Fact]
    public void EveryMember_CallersContext_IsCurrentAgain()
    {
        using var driver = new InterpretedDriver();
        CudaContext context = CudaContext.Get(driver, 0);
        driver.Current = CallersContext;

        using (CudaBuffer sum = VectorAdd.Put(context, 1, 2))
        using (CudaPinnedBuffer pinned = context.AllocatePinned(8))
        using (CudaStream stream = context.CreateStream())
        using (CudaEvent place = context.CreateEvent())
        {
            VectorAdd.Launch(context, sum.Address, sum.Address, 2, stream.Handle);
            place.Record(stream.Handle);
            context.Synchronize(stream.Handle);
            Assert.True(place.IsReached);
            _ = VectorAdd.Get(context, sum);
            Assert.Equal((CallersContext, 1), (driver.Current, driver.ContextDepth));
        }

        Assert.Equal((CallersContext, 1), (driver.Current, driver.ContextDepth));
    }

    [Theory]
    [InlineData("cuMemAlloc")]
    [InlineData("cuMemcpyHtoD")]
    [InlineData("cuModuleLoadDataEx")]
    [InlineData("cuLaunchKernel")]
    public void Member_ThatFails_RestoresTheCallersContext(string call)
    {
        using var driver = new InterpretedDriver();
        CudaContext context = CudaContext.Get(driver, 0);
        driver.Current = CallersContext;
        driver.Fail(call, CudaResult.InvalidValue);

        CudaException failure = Assert.Throws<CudaException>(() =>
        {
            using CudaBuffer sum = VectorAdd.Put(context, 1, 2);
            VectorAdd.Launch(context, sum.Address, sum.Address, 2);
        });

        Assert.Equal(call, failure.Call);
        Assert.Equal((CallersContext, 1), (driver.Current, driver.ContextDepth));
    }

    [Fact]
    public void Enter_Nested_PushesOnce()
    {
        using var driver = new InterpretedDriver();
        CudaContext context = CudaContext.Get(driver, 0);

        using (context.Enter())
        using (context.Enter())
        {
            Assert.Equal(1, driver.ContextDepth);
            using CudaBuffer buffer = context.Allocate(1);
        }

        Assert.Equal(0, driver.ContextDepth);
        Assert.Equal(1, driver.Calls.Count(call => call == "cuCtxPushCurrent"));
    }

    [Fact]
    public void LoadFunction_TheSameText_LoadsItOnce()
    {
        using var driver = new InterpretedDriver();
        CudaContext context = CudaContext.Get(driver, 0);

        CudaFunction first = context.LoadFunction(VectorAdd.Ptx, VectorAdd.Name);
        Parallel.For(0, 8, _ => Assert.Same(first, context.LoadFunction(new string(VectorAdd.Ptx), VectorAdd.Name)));
        Assert.Equal(1, driver.ModuleCount);

        Assert.NotSame(first, context.LoadFunction(VectorAdd.Ptx + "\n", VectorAdd.Name));
        Assert.Equal(2, driver.ModuleCount);
    }

    [Fact]
    public void LoadFunction_ThatFailedOnce_LoadsTheNextTime()
    {
        using var driver = new InterpretedDriver();
        CudaContext context = CudaContext.Get(driver, 0);
        driver.Fail("cuModuleLoadDataEx", CudaResult.OutOfMemory);

        Assert.Throws<CudaException>(() => context.LoadFunction(VectorAdd.Ptx, VectorAdd.Name));
        Assert.Equal(VectorAdd.Name, context.LoadFunction(VectorAdd.Ptx, VectorAdd.Name).Name);
    }

    [Fact]
    public void Allocate_Nothing_NeedsNoMemory()
    {
        using var driver = new InterpretedDriver();
        CudaContext context = CudaContext.Get(driver, 0);

        using CudaBuffer buffer = context.Allocate(0);
        context.CopyToDevice(buffer.Address, ReadOnlySpan<float>.Empty);

        Assert.Equal(0ul, buffer.Address);
        Assert.DoesNotContain("cuMemAlloc", driver.Calls);
    }

    [Fact]
    public void Buffers_Disposed_AreFreedOnce()
    {
        using var driver = new InterpretedDriver();
        CudaContext context = CudaContext.Get(driver, 0);
        CudaBuffer buffer = context.Allocate(100);
        CudaPinnedBuffer pinned = context.AllocatePinned(100);
        Assert.Equal((100, 1), (driver.AllocatedBytes, driver.PinnedCount));

        buffer.Dispose();
        buffer.Dispose();
        pinned.Dispose();
        pinned.Dispose();

        Assert.Equal((0, 0), (driver.AllocatedBytes, driver.PinnedCount));
        Assert.Equal(1, driver.Calls.Count(call => call == "cuMemFree"));
    }
}
