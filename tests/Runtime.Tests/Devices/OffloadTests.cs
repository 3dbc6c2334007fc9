using Requant.Devices;
using Requant.Devices.Driver;
using Requant.Runtime.Tests.Support;
using Requant.Tests;

namespace Requant.Runtime.Tests.Devices;

/// <summary>States on the host for parameters of a device whose work waits as long as it may: what the step does not
/// order itself comes too late.</summary>
public sealed class OffloadTests(AcceleratorFixture fixture) : IDisposable
{
    private const int Seed = 21;

    private static readonly int[] Lengths = [700, 4096 + 300, 1, 256, 5000, 0, 33];

    private readonly DeferredDevice _device = new();

    public void Dispose() => _device.Dispose();

    [Fact]
    public void Steps_OfAdam_HaveTheBitsOfTheProcessor() => AssertBits(new Adam { Lr = 0.01f }, new OptimizerOptions());

    /// <summary>What is between the phases is of one tensor at a time.</summary>
    [Fact]
    public void Steps_OfLamb_HaveTheBitsOfTheProcessor() => AssertBits(new Lamb { Lr = 0.01f }, new OptimizerOptions());

    [Fact]
    public void Steps_ThatClip_HaveTheBitsOfTheProcessor() =>
        AssertBits(new Adam { Lr = 0.01f }, new OptimizerOptions { MaxGradientNorm = 0.25f });

    [Fact]
    public void Steps_RoundedStochastically_HaveTheBitsOfTheProcessor() => AssertBits(
        new Adam { Lr = 0.01f },
        new OptimizerOptions { StateRounding = StateRounding.Stochastic, RoundingSeed = 3 });

    /// <summary>The gradient of the next tensor is on its way before the host waits for that of the first.</summary>
    [Fact]
    public void Step_OfManyTensors_FetchesAheadOfTheUpdates()
    {
        using Optimizer<Adam> adam = NewOptimizer(new Adam(), new OptimizerOptions());
        TensorUpdate[] updates = NewUpdates(adam);
        adam.Step(_device.Stream.Handle, updates);
        int before = _device.Driver.Calls.Count;

        adam.Step(_device.Stream.Handle, updates);

        string[] calls = [.. _device.Driver.Calls.Skip(before)];
        int firstWait = Array.IndexOf(calls, "cuEventSynchronize");
        Assert.Equal(3 * 2, calls[..firstWait].Count(call => call == "cuMemcpyDtoHAsync"));
        Assert.DoesNotContain(calls, call => call is "cuStreamSynchronize" or "cuLaunchKernel" or "cuMemAllocHost");
        Assert.Equal(2 * (Lengths.Length - 1), calls.Count(call => call == "cuMemcpyDtoHAsync"));
        Assert.Equal(Lengths.Length - 1, calls.Count(call => call == "cuMemcpyHtoDAsync"));
    }

    /// <summary>The first tensor of the last step takes a slot that is free before that tensor is back.</summary>
    [Fact]
    public void Step_OnAnotherStream_ComesAfterTheLastOne()
    {
        using Optimizer<Adam> adam = NewOptimizer(new Adam { Lr = 0.01f }, new OptimizerOptions());
        using var expected = new Optimizer<Adam>(
            new Adam { Lr = 0.01f }, new OptimizerOptions { MinQuantizedLength = 0 });
        using CudaStream second = _device.Context.CreateStream();
        TensorUpdate[] updates = NewUpdates(adam);
        float[][] parameters = [.. Lengths.Select((length, i) => Get(updates[i].Parameter, length))];
        float[][] gradients = [.. Lengths.Select((length, i) => Get(updates[i].Gradient, length))];
        ParameterState[] states = [.. Lengths.Select((length, i) => expected.Add($"{i}", length))];
        using var batch = new PinnedBatch(states, parameters, gradients);

        // Slots that grow would wait for all work.
        TensorUpdate[] some = updates[..5];
        TensorUpdate[] reversed = [.. some.Reverse()];
        adam.Step(_device.Stream.Handle, reversed);
        adam.Step(_device.Stream.Handle, some);
        adam.Step(second.Handle, reversed);
        for (int step = 0; step < 3; step++)
        {
            expected.Step(batch.Updates.AsSpan(0, 5));
        }

        _device.Context.Synchronize(second.Handle);
        Assert.All(Lengths.Index(), one => Assert.Equal(
            parameters[one.Index], Get(updates[one.Index].Parameter, one.Item)));
    }

    [Fact]
    public void States_AreInTheMemoryOfTheHost()
    {
        long before = _device.Driver.AllocatedBytes;
        using Optimizer<Adam> adam = NewOptimizer(new Adam(), new OptimizerOptions());
        adam.Add("w", 1 << 20);

        Assert.Equal(before, _device.Driver.AllocatedBytes);
        Assert.Contains("states on the host", adam.Options.Device.ToString(), StringComparison.Ordinal);
        Assert.True(adam.Options.Device is { HasStatesOnHost: true, IsCuda: true, IsCpu: false });
    }

    [Fact]
    public void Step_WithSkippedGradients_ChangesNothing()
    {
        using Optimizer<Adam> adam = NewOptimizer(
            new Adam(), new OptimizerOptions { NonFinite = NonFinitePolicy.SkipStep });
        TensorUpdate[] updates = NewUpdates(adam);
        float[] gradient = HardValues.Dense(Lengths[1], Seed);
        gradient[4200] = float.NaN;
        updates[1] = updates[1] with { Gradient = _device.Put(gradient) };
        float[] parameter = Get(updates[0].Parameter, Lengths[0]);

        adam.Step(_device.Stream.Handle, updates);

        _device.Context.Synchronize(_device.Stream.Handle);
        Assert.True(adam.LastStepSkipped);
        Assert.Equal(parameter, Get(updates[0].Parameter, Lengths[0]));
        Assert.Equal(0, updates[0].State.Step);
    }

    [Fact]
    public void Step_OfHostMemory_NeedsNoDevice()
    {
        using Optimizer<Adam> adam = NewOptimizer(new Adam(), new OptimizerOptions { MaxGradientNorm = 1f });
        using var expected = new Optimizer<Adam>(new Adam(), new OptimizerOptions { MaxGradientNorm = 1f });
        float[] mine = HardValues.Parameters(300, Seed);
        float[] others = [.. mine];
        float[] gradient = HardValues.Dense(300, Seed);
        int before = _device.Driver.Calls.Count;

        adam.Step(adam.Add("w", 300), mine, gradient);
        expected.Step(expected.Add("w", 300), others, gradient);

        Assert.Equal(others, mine);
        Assert.Equal(before, _device.Driver.Calls.Count);
    }

    [Fact]
    public void Step_OnAStreamThatIsCaptured_IsRefused()
    {
        using Optimizer<Adam> adam = NewOptimizer(new Adam(), new OptimizerOptions());
        TensorUpdate[] updates = NewUpdates(adam);
        _device.Context.BeginCapture(_device.Stream.Handle);

        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(
            () => adam.Step(_device.Stream.Handle, updates));

        _device.Context.EndCapture(_device.Stream.Handle).Dispose();
        Assert.Contains("the host has a part", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, updates[0].State.Step);
        Assert.Throws<ArgumentException>(
            () => NewOptimizer(new Adam(), new OptimizerOptions { Capturable = true }));
    }

    [Fact]
    public void WithStatesOnHost_OfOtherDevices_IsRefusedOrTheSame()
    {
        Assert.Same(Device.Cpu, Device.Cpu.WithStatesOnHost());
        Assert.Throws<NotSupportedException>(() => Device.Ilgpu(fixture.Accelerator).WithStatesOnHost());
    }

    [Fact]
    public void Dispose_FreesPinnedMemory()
    {
        int before = _device.Driver.PinnedCount;
        using (Optimizer<Adam> adam = NewOptimizer(new Adam(), new OptimizerOptions()))
        {
            adam.Step(_device.Stream.Handle, NewUpdates(adam));
            Assert.True(_device.Driver.PinnedCount > before);
        }

        Assert.Equal(before, _device.Driver.PinnedCount);
    }

    private void AssertBits<TRule>(TRule rule, OptimizerOptions options)
        where TRule : IOptimizerRule<TRule>
    {
        using Optimizer<TRule> offloaded = NewOptimizer(rule, options);
        using var expected = new Optimizer<TRule>(rule, options with { MinQuantizedLength = 0 });
        TensorUpdate[] updates = NewUpdates(offloaded);
        float[][] parameters = [.. Lengths.Select((length, i) => Get(updates[i].Parameter, length))];
        ParameterState[] states = [.. Lengths.Select((length, i) => expected.Add($"{i}", length))];
        for (int step = 1; step <= 3; step++)
        {
            float[][] gradients =
                [.. Lengths.Select((length, i) => HardValues.Sparse(length, Seed + (100 * step) + i))];
            for (int i = 0; i < updates.Length; i++)
            {
                updates[i] = updates[i] with { Gradient = gradients[i].Length == 0 ? 0 : _device.Put(gradients[i]) };
            }

            offloaded.Step(_device.Stream.Handle, updates);
            using var batch = new PinnedBatch(states, parameters, gradients);
            expected.Step(batch.Updates);
        }

        _device.Context.Synchronize(_device.Stream.Handle);
        for (int i = 0; i < updates.Length; i++)
        {
            Assert.Equal(parameters[i], Get(updates[i].Parameter, Lengths[i]));
            foreach ((QuantizedState one, QuantizedState other) in states[i].States.Zip(updates[i].State.States))
            {
                Assert.Equal(one.Codes, other.Codes);
                Assert.Equal(one.Absmax, other.Absmax);
            }
        }

        Assert.Equal(expected.SkippedElements, offloaded.SkippedElements);
        Assert.Equal(expected.LastStepSkippedElements, offloaded.LastStepSkippedElements);
        Assert.Equal(expected.GradientNorm, offloaded.GradientNorm);
    }

    private Optimizer<TRule> NewOptimizer<TRule>(TRule rule, OptimizerOptions options)
        where TRule : IOptimizerRule<TRule> => new(rule, options with
        {
            MinQuantizedLength = 0,
            Device = Device.Cuda(_device.Driver, 0, new PtxCache(null)).WithStatesOnHost(),
        });

    private TensorUpdate[] NewUpdates<TRule>(Optimizer<TRule> optimizer)
        where TRule : IOptimizerRule<TRule> =>
    [
        .. Lengths.Select((length, i) => new TensorUpdate(
            optimizer.Add($"{i}", length), length == 0 ? 0 : _device.Put(HardValues.Parameters(length, Seed + i)),
            length == 0 ? 0 : _device.Put(HardValues.Dense(length, Seed + i)))),
    ];

    private float[] Get(nint address, int length)
    {
        var values = new float[length];
        _device.Context.CopyToHost(values.AsSpan(), (ulong)address);
        return values;
    }
}
