using Requant.Devices;
using Requant.Devices.Driver;
using Requant.Optimizers;
using Requant.Ptx.Cuda;
using Requant.Tests;

namespace Requant.Runtime.Tests.Devices;

/// <summary>Steps that a graph repeats.</summary>
public sealed class CaptureTests : IDisposable
{
    private const int Length = 4096 + 300;
    private const int Seed = 23;

    private readonly InterpretedDriver _driver = new() { IsDeferred = true };
    private readonly CudaContext _context;
    private readonly CudaStream _stream;
    private readonly CudaBuffer _parameter;
    private readonly CudaBuffer _gradient;

    public CaptureTests()
    {
        _context = CudaContext.Get(_driver, 0);
        _stream = _context.CreateStream();
        _parameter = Put(Seed);
        _gradient = Put(Seed + 1);
    }

    public void Dispose()
    {
        _parameter.Dispose();
        _gradient.Dispose();
        _stream.Dispose();
        _driver.Dispose();
    }

    [Fact]
    public void Replay_OfAdam_TakesTheStepsThatFollow() => AssertReplays(new Adam(), rate => new Adam { Lr = rate });

    [Fact]
    public void Replay_OfLamb_TakesTheStepsThatFollow() => AssertReplays(new Lamb(), rate => new Lamb { Lr = rate });

    /// <summary>A graph has the products of a matrix, too, but no other number of them.</summary>
    [Fact]
    public void Replay_OfAMatrix_TakesTheStepsThatFollow()
    {
        const int Rows = 28;
        var rule = new Muon { Steps = 2 };
        using Optimizer<Muon> muon = NewOptimizer(rule);
        using var expected = new Optimizer<Muon>(rule, new OptimizerOptions());
        TensorUpdate update = UpdateOf(muon.Add("w", [Rows, Length / Rows]));
        ParameterState state = expected.Add("w", [Rows, Length / Rows]);
        float[] parameters = HardValues.Parameters(Length, Seed);
        float[] gradients = HardValues.Parameters(Length, Seed + 1);
        muon.Step(_stream.Handle, update);
        expected.Step(state, parameters, gradients);
        using CudaGraph graph = Capture(muon, update);
        for (int replay = 0; replay < 2; replay++)
        {
            Replay(muon, graph);
            expected.Step(state, parameters, gradients);
        }

        _context.Synchronize(_stream.Handle);
        Assert.Equal(parameters, Read(_parameter));
        Assert.Equal(state.States[0].Codes, update.State.States[0].Codes);
        muon.Rule = rule with { Steps = 3 };
        Assert.Throws<InvalidOperationException>(() => Replay(muon, graph));
    }

    /// <summary>Each replay writes the key of its step; the seed may change, too.</summary>
    [Fact]
    public void Replay_WithStochasticRounding_HasTheRandomBitsOfItsStep()
    {
        var stochastic = new OptimizerOptions { Rounding = ParameterRounding.Stochastic, RoundingSeed = 9 };
        using var adam = new Optimizer<Adam>(
            new Adam(), stochastic with { Device = Device.Cuda(_driver, 0, new PtxCache(null)), Capturable = true });
        using var expected = new Optimizer<Adam>(new Adam(), stochastic);
        BFloat16[] parameters = [.. HardValues.Parameters(Length, Seed).Select(value => (BFloat16)value)];
        float[] gradients = HardValues.Parameters(Length, Seed + 1);
        _context.CopyToDevice<BFloat16>(_parameter.Address, parameters);
        ParameterState state = expected.Add("w", Length);
        TensorUpdate update = UpdateOf(adam.Add("w", Length)) with { ParameterType = ElementType.BFloat16 };
        adam.Step(_stream.Handle, update);
        using CudaGraph graph = Capture(adam, update);
        expected.Step(state, parameters.AsSpan(), gradients.AsSpan());
        for (int replay = 0; replay < 4; replay++)
        {
            adam.RoundingSeed = expected.RoundingSeed = (ulong)(9 + (replay / 2));
            Replay(adam, graph);
            expected.Step(state, parameters.AsSpan(), gradients.AsSpan());
        }

        _context.Synchronize(_stream.Handle);
        var replayed = new BFloat16[Length];
        _context.CopyToHost(replayed.AsSpan(), _parameter.Address);
        Assert.Equal(parameters, replayed);
    }

    [Fact]
    public void PrepareReplay_OfARemovedGroup_IsRefused()
    {
        using Optimizer<Adam> adam = NewOptimizer(new Adam());
        ParameterGroup<Adam> group = adam.AddGroup(new Adam());
        TensorUpdate update = UpdateOf(adam.Add("w", Length, group));
        adam.Step(_stream.Handle, update);
        using CudaGraph graph = Capture(adam, update);
        adam.RemoveGroup(group);

        string message = Assert.Throws<InvalidOperationException>(() => Replay(adam, graph)).Message;

        Assert.Contains("'w'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Replay_AfterOtherSteps_StillTakesItsOwnTensors()
    {
        using Optimizer<Adam> adam = NewOptimizer(new Adam());
        using Optimizer<Adam> expected = NewOptimizer(new Adam());
        TensorUpdate update = UpdateOf(adam.Add("w", Length));
        adam.Step(_stream.Handle, update);
        using CudaGraph graph = Capture(adam, update);

        // Steps of more tensors would take the place of the captured one's table.
        using CudaBuffer other = Put(Seed + 5);
        TensorUpdate[] others = [.. Enumerable.Range(0, 8).Select(i => new TensorUpdate(
            adam.Add($"{i}", 16), (nint)other.Address + (i * 64), (nint)other.Address + 4096 + (i * 64)))];
        adam.Step(_stream.Handle, others);
        Replay(adam, graph);
        float[] replayed = Read(_parameter);

        _context.CopyToDevice<float>(_parameter.Address, HardValues.Parameters(Length, Seed));
        TensorUpdate same = UpdateOf(expected.Add("w", Length));
        expected.Step(_stream.Handle, same);
        expected.Step(_stream.Handle, same);
        Assert.Equal(Read(_parameter), replayed);
    }

    [Fact]
    public void Capture_WithoutTheOption_IsRefusedAndNamesIt()
    {
        using Optimizer<Adam> adam = NewOptimizer(new Adam(), capturable: false);
        TensorUpdate update = UpdateOf(adam.Add("w", Length));
        adam.Step(_stream.Handle, update);
        _context.BeginCapture(_stream.Handle);

        string message = Assert.Throws<InvalidOperationException>(() => adam.Step(_stream.Handle, update)).Message;

        Assert.Contains("Capturable = true", message, StringComparison.Ordinal);
        _context.EndCapture(_stream.Handle).Dispose();
        Assert.Equal(1, update.State.Step);
    }

    [Fact]
    public void Capture_BeforeAnyStep_IsRefusedAndLeavesTheCaptureWhole()
    {
        using Optimizer<Adam> adam = NewOptimizer(new Adam());
        TensorUpdate update = UpdateOf(adam.Add("w", Length));
        _context.BeginCapture(_stream.Handle);

        string message = Assert.Throws<InvalidOperationException>(() => adam.Step(_stream.Handle, update)).Message;

        Assert.Contains("before the capture begins", message, StringComparison.Ordinal);
        _context.EndCapture(_stream.Handle).Dispose();
        adam.Step(_stream.Handle, update);
        Assert.Equal(1, update.State.Step);
    }

    [Fact]
    public void PrepareReplay_WithoutACapture_OrForAnotherKernel_IsRefused()
    {
        using Optimizer<Adam> adam = NewOptimizer(new Adam());
        TensorUpdate update = UpdateOf(adam.Add("w", Length));
        adam.Step(_stream.Handle, update);
        Assert.Throws<InvalidOperationException>(() => adam.PrepareReplay(_stream.Handle));
        using CudaGraph graph = Capture(adam, update);
        adam.Rule = adam.Rule with { Amsgrad = true };

        string message = Assert.Throws<InvalidOperationException>(() => adam.PrepareReplay(_stream.Handle)).Message;

        Assert.Contains("Capture again", message, StringComparison.Ordinal);
        Assert.Equal(1, update.State.Step);
    }

    [Fact]
    public void Options_CapturableOnTheProcessor_IsRefused() => Assert.Throws<ArgumentException>(
        "Capturable", () => new Optimizer<Adam>(new Adam(), new OptimizerOptions { Capturable = true }));

    private void AssertReplays<TRule>(TRule rule, Func<float, TRule> withRate)
        where TRule : IOptimizerRule<TRule>
    {
        using Optimizer<TRule> optimizer = NewOptimizer(rule);
        using var expected = new Optimizer<TRule>(rule, new OptimizerOptions { SimdWidth = Requant.SimdWidth.Scalar });
        TensorUpdate update = UpdateOf(optimizer.Add("w", Length));
        ParameterState state = expected.Add("w", Length);
        float[] parameters = HardValues.Parameters(Length, Seed);
        float[] gradients = HardValues.Parameters(Length, Seed + 1);
        optimizer.Step(_stream.Handle, update);
        expected.Step(state, parameters, gradients);
        using CudaGraph graph = Capture(optimizer, update);
        Assert.Equal(1, update.State.Step);

        // The host is steps ahead of the device, with another rate each time.
        for (int replay = 0; replay < 6; replay++)
        {
            optimizer.Rule = expected.Rule = withRate(0.01f / (replay + 1));
            Replay(optimizer, graph);
            expected.Step(state, parameters, gradients);
        }

        _context.Synchronize(_stream.Handle);
        Assert.Equal(7, update.State.Step);
        Assert.Equal(parameters, Read(_parameter));
        Assert.Equal(state.States[0].Codes, update.State.States[0].Codes);
        Assert.Equal(state.States[1].Absmax, update.State.States[1].Absmax);
    }

    private CudaGraph Capture<TRule>(Optimizer<TRule> optimizer, TensorUpdate update)
        where TRule : IOptimizerRule<TRule>
    {
        _context.BeginCapture(_stream.Handle);
        optimizer.Step(_stream.Handle, update);
        return _context.EndCapture(_stream.Handle);
    }

    private void Replay<TRule>(Optimizer<TRule> optimizer, CudaGraph graph)
        where TRule : IOptimizerRule<TRule>
    {
        optimizer.PrepareReplay(_stream.Handle);
        graph.Launch(_stream.Handle);
    }

    private Optimizer<TRule> NewOptimizer<TRule>(TRule rule, bool capturable = true)
        where TRule : IOptimizerRule<TRule> =>
        new(
            rule,
            new OptimizerOptions { Device = Device.Cuda(_driver, 0, new PtxCache(null)), Capturable = capturable });

    private TensorUpdate UpdateOf(ParameterState state) =>
        new(state, (nint)_parameter.Address, (nint)_gradient.Address);

    private CudaBuffer Put(int seed)
    {
        CudaBuffer buffer = _context.Allocate(Length * sizeof(float));
        _context.CopyToDevice<float>(buffer.Address, HardValues.Parameters(Length, seed));
        return buffer;
    }

    private float[] Read(CudaBuffer buffer)
    {
        _context.Synchronize(_stream.Handle);
        var values = new float[Length];
        _context.CopyToHost(values.AsSpan(), buffer.Address);
        return values;
    }
}
