using Requant.Devices;
using Requant.Devices.Driver;
using Requant.Optimizers;
using Requant.Ptx.Cuda;
using Requant.Tests;

namespace Requant.Runtime.Tests.Devices;

/// <summary>What steps of an optimizer ask of the driver, on a device whose work waits as long as it may.</summary>
public sealed class StepTests : IDisposable
{
    private const int Length = 4096 + 300;
    private const int Seed = 11;

    /// <summary>Calls that make the host wait, or that a busy device makes it wait for.</summary>
    private static readonly string[] Waiting =
        [
            "cuStreamSynchronize", "cuCtxSynchronize", "cuMemcpyDtoH", "cuMemcpyHtoD", "cuMemAlloc", "cuMemFree",
            "cuMemAllocHost", "cuMemFreeHost", "cuModuleLoadDataEx",
        ];

    private readonly DeferredDevice _device = new();

    public void Dispose() => _device.Dispose();

    [Fact]
    public void Step_OfAdam_AfterTheFirst_WaitsForNothingAndLaunchesOnce() =>
        AssertWaitsForNothing(new Adam(), launches: 1);

    [Fact]
    public void Step_OfLamb_AfterTheFirst_WaitsForNothingAndLaunchesTwoPhasesAndWhatIsBetween() =>
        AssertWaitsForNothing(new Lamb(), launches: 3);

    [Fact]
    public void Step_WithOtherGradients_WritesTheTableOfTensorsAgain()
    {
        using Optimizer<Adam> adam = NewOptimizer(new Adam());
        TensorUpdate[] updates = [.. Enumerable.Range(0, 3).Select(i => NewUpdate(adam, $"{i}"))];
        adam.Step(_device.Stream.Handle, updates);

        int same = CountWrites(() => adam.Step(_device.Stream.Handle, updates));
        updates[1] = updates[1] with { Gradient = _device.Put(HardValues.Parameters(Length, Seed + 7)) };
        int other = CountWrites(() => adam.Step(_device.Stream.Handle, updates));

        Assert.Equal((1, 2), (same, other));
    }

    [Fact]
    public void Step_OnAnotherStream_ComesAfterTheLastOne()
    {
        using Optimizer<Adam> adam = NewOptimizer(new Adam());
        using var expected = new Optimizer<Adam>(
            new Adam(), new OptimizerOptions { SimdWidth = Requant.SimdWidth.Scalar });
        using CudaStream second = _device.Context.CreateStream();
        TensorUpdate update = NewUpdate(adam, "w");
        float[] parameters = Get(update.Parameter);
        ParameterState state = expected.Add("w", Length);
        for (int step = 0; step < 4; step++)
        {
            adam.Step(step % 2 == 0 ? _device.Stream.Handle : second.Handle, update);
            expected.Step(state, parameters, Get(update.Gradient));
        }

        _device.Context.Synchronize(second.Handle);
        Assert.Equal(parameters, Get(update.Parameter));
        Assert.Equal(state.States["m"].Codes, update.State.States["m"].Codes);
        Assert.Equal(0, adam.SkippedElements);
    }

    [Fact]
    public void Step_WithBadGradients_CountsThemWhenAsked()
    {
        using Optimizer<Adam> adam = NewOptimizer(new Adam());
        float[] gradients = HardValues.Parameters(Length, Seed);
        (gradients[5], gradients[4300]) = (float.NaN, float.NegativeInfinity);
        TensorUpdate bad = NewUpdate(adam, "w", gradients);
        TensorUpdate good = bad with { Gradient = _device.Put(HardValues.Parameters(Length, Seed)) };

        adam.Step(_device.Stream.Handle, bad);
        Assert.Equal((2, 2), (adam.SkippedElements, adam.LastStepSkippedElements));
        adam.Step(_device.Stream.Handle, bad);
        adam.Step(_device.Stream.Handle, good);
        Assert.Equal((4, 0), (adam.SkippedElements, adam.LastStepSkippedElements));
        adam.Dispose();
        Assert.Equal(4, adam.SkippedElements);
    }

    [Fact]
    public void Step_ThatTheDeviceHasNoMemoryFor_SaysSoAndCountsNothing()
    {
        using Optimizer<Lamb> lamb = NewOptimizer(new Lamb());
        TensorUpdate update = NewUpdate(lamb, "w");
        _device.Driver.Fail("cuMemAlloc", CudaResult.OutOfMemory);

        string message = Assert.Throws<CudaException>(() => lamb.Step(_device.Stream.Handle, update)).Message;

        Assert.Contains("bytes were asked for", message, StringComparison.Ordinal);
        Assert.Equal(0, update.State.Step);
        lamb.Step(_device.Stream.Handle, update);
        Assert.Equal(1, update.State.Step);
    }

    [Fact]
    public void Add_ThatTheDeviceHasNoMemoryFor_LeavesTheNameFree()
    {
        using Optimizer<Adam> adam = NewOptimizer(new Adam());
        long before = _device.Driver.AllocatedBytes;
        _device.Driver.Fail("cuMemAlloc", CudaResult.OutOfMemory, after: 2);

        Assert.Throws<CudaException>(() => adam.Add("w", Length));

        Assert.Equal(Length, adam.Add("w", Length).Length);
        Assert.True(_device.Driver.AllocatedBytes > before);
    }

    [Theory]
    [InlineData("cuMemAlloc", 1)]
    [InlineData("cuMemsetD8Async", 0)]
    [InlineData("cuMemsetD8Async", 3)]
    public void Add_ThatFailsOnTheWay_FreesWhatItHadTaken(string call, int after)
    {
        using Optimizer<Adam> adam = NewOptimizer(new Adam());
        adam.Add("first", Length);
        long before = _device.Driver.AllocatedBytes;
        _device.Driver.Fail(call, CudaResult.OutOfMemory, after);

        Assert.Throws<CudaException>(() => adam.Add("w", Length));

        Assert.Equal(before, _device.Driver.AllocatedBytes);
    }

    [Fact]
    public void Add_AfterATableCouldNotBeWritten_WritesIt()
    {
        using Optimizer<Adam> adam = NewOptimizer(new Adam());
        using var expected = new Optimizer<Adam>(
            new Adam(), new OptimizerOptions { SimdWidth = Requant.SimdWidth.Scalar });
        _device.Driver.Fail("cuMemcpyHtoDAsync", CudaResult.InvalidValue);
        Assert.Throws<CudaException>(() => adam.Add("w", Length));

        TensorUpdate update = NewUpdate(adam, "w");
        ParameterState state = expected.Add("w", Length);
        expected.Step(state, Get(update.Parameter), Get(update.Gradient));
        adam.Step(_device.Stream.Handle, update);

        Assert.Equal(state.States["m"].Codes, update.State.States["m"].Codes);
    }

    [Theory]
    [InlineData("cuMemAlloc")]
    [InlineData("cuMemsetD8Async")]
    [InlineData("cuModuleLoadDataEx")]
    public void Constructor_ThatFailsOnTheWay_FreesWhatItHadTaken(string call)
    {
        long before = _device.Driver.AllocatedBytes;
        _device.Driver.Fail(call, CudaResult.OutOfMemory);

        Assert.Throws<CudaException>(() => NewOptimizer(new Lamb()));

        Assert.Equal(before, _device.Driver.AllocatedBytes);
    }

    [Fact]
    public void Dispose_FreesAllMemory()
    {
        long before = _device.Driver.AllocatedBytes;
        Optimizer<Lamb> lamb = NewOptimizer(new Lamb());
        TensorUpdate update = NewUpdate(lamb, "w");
        lamb.Step(_device.Stream.Handle, update);
        lamb.Dispose();
        _device.Free();

        Assert.Equal((before, 0), (_device.Driver.AllocatedBytes, _device.Driver.PinnedCount));
    }

    private void AssertWaitsForNothing<TRule>(TRule rule, int launches)
        where TRule : IOptimizerRule<TRule>
    {
        using Optimizer<TRule> optimizer = NewOptimizer(rule);
        TensorUpdate[] updates = [.. Enumerable.Range(0, 5).Select(i => NewUpdate(optimizer, $"{i}"))];
        optimizer.Step(_device.Stream.Handle, updates);
        _device.Context.Synchronize(_device.Stream.Handle);
        (int calls, int launched) = (_device.Driver.Calls.Count, _device.Driver.Launches.Count);

        optimizer.Step(_device.Stream.Handle, updates);

        Assert.Empty(_device.Driver.Calls.Skip(calls).Intersect(Waiting));
        Assert.Equal(launched, _device.Driver.Launches.Count);
        _device.Context.Synchronize(_device.Stream.Handle);
        Assert.Equal(launched + launches, _device.Driver.Launches.Count);
    }

    private int CountWrites(Action action)
    {
        int before = _device.Driver.Calls.Count;
        action();
        return _device.Driver.Calls.Skip(before).Count(call => call == "cuMemcpyHtoDAsync");
    }

    private Optimizer<TRule> NewOptimizer<TRule>(TRule rule)
        where TRule : IOptimizerRule<TRule> =>
        new(rule, new OptimizerOptions { Device = Device.Cuda(_device.Driver, 0, new PtxCache(null)) });

    private TensorUpdate NewUpdate<TRule>(Optimizer<TRule> optimizer, string name, float[]? gradients = null)
        where TRule : IOptimizerRule<TRule> => new(
        optimizer.Add(name, Length), _device.Put(HardValues.Parameters(Length, Seed)),
        _device.Put(gradients ?? HardValues.Parameters(Length, Seed + 1)));

    private float[] Get(nint address)
    {
        var values = new float[Length];
        _device.Context.CopyToHost(values.AsSpan(), (ulong)address);
        return values;
    }
}
