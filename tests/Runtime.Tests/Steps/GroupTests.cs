using Requant.Runtime.Tests.Devices;
using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Steps;

/// <summary>Groups of one optimizer step as optimizers of their own would, and together.</summary>
[Collection("accelerator")]
public sealed class GroupTests(AcceleratorFixture fixture) : IDisposable
{
    private const int Length = 5000;

    private static readonly Adam Usual = new();
    private static readonly Adam Slow = new() { Lr = 1e-4f, WeightDecay = 0.1f };

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Step_OfTwoGroups_HasTheBitsOfTwoOptimizers(bool onDevice)
    {
        var options = new OptimizerOptions { Device = onDevice
            ? Requant.Device.Ilgpu(fixture.Accelerator)
            : Requant.Device.Cpu };
        using Optimizer<Adam> together = Make(options, out ParameterState[] states);
        using var first = new Optimizer<Adam>(Usual);
        using var second = new Optimizer<Adam>(Slow) { GradientScale = -1f };
        ParameterState[] alone = [first.Add("w", Length), second.Add("b", Length)];
        float[][] parameters = [Values(1), Values(2)];
        float[][] expected = [Values(1), Values(2)];
        for (int step = 0; step < 3; step++)
        {
            for (int i = 0; i < alone.Length; i++)
            {
                together.Step(states[i], parameters[i], Values(step + 10));
                (i == 0 ? first : second).Step(alone[i], expected[i], Values(step + 10));
            }
        }

        Assert.Equal(expected, parameters);
        Assert.Equal(alone[1].States["m"].Codes, states[1].States["m"].Codes);
    }

    [Fact]
    public unsafe void Step_HostValueOfTheSecondGroupNotFinite_ChangesNothing()
    {
        using Optimizer<Adam> optimizer = Make(new OptimizerOptions(), out ParameterState[] states);
        optimizer.Groups[1].Rule = Usual with { Beta1 = 1e38f };
        states[1].Step = 1;
        float[] values = Values(1);
        fixed (float* p = values)
        {
            nint address = (nint)p;
            Assert.Throws<NotFiniteNumberException>(() => optimizer.Step(
                new TensorUpdate(states[0], address, address), new TensorUpdate(states[1], address, address)));
        }

        Assert.Equal(Values(1), values);
        Assert.Equal((0, 1), (states[0].Step, states[1].Step));
    }

    [Fact]
    public void SaveAndLoad_Groups_KeepTheirHyperparameters()
    {
        using Optimizer<Adam> source = Make(new OptimizerOptions(), out ParameterState[] states);
        source.Step(states[1], Values(1), Values(2));
        source.Save(_file);
        using Optimizer<Adam> loaded = Make(new OptimizerOptions(), out ParameterState[] loadedStates);
        loaded.Groups[1].Maximize = false;
        loaded.Groups[1].Rule = Usual;
        loaded.Groups[0].Rule = Slow;

        loaded.Load(_file);

        Assert.Equal((Usual, false), (loaded.Rule, loaded.Groups[0].Maximize));
        Assert.Equal((Slow, true), (loaded.Groups[1].Rule, loaded.Groups[1].Maximize));
        Assert.Equal(states[1].States["v"].Codes, loadedStates[1].States["v"].Codes);
        using var other = new Optimizer<Adam>(Usual);
        other.Add("w", Length);
        Assert.Throws<CheckpointException>(() => other.Load(_file));
    }

    [Fact]
    public unsafe void StepTogether_OfTwoOptimizers_HasTheBitsOfOneThatClips()
    {
        var options = new OptimizerOptions { MaxGradientNorm = 0.1f };
        using var one = new Optimizer<Adam>(Usual, options);
        using var first = new Optimizer<Adam>(Usual, options);
        using var second = new Optimizer<Adam>(Usual, options);
        float[][] expected = [Values(1), Values(2)];
        float[][] parameters = [Values(1), Values(2)];
        float[][] gradients = [Values(3), Values(4)];
        fixed (float* p0 = parameters[0], p1 = parameters[1], e0 = expected[0], e1 = expected[1])
        fixed (float* g0 = gradients[0], g1 = gradients[1])
        {
            TensorUpdate[] updates =
            [
                new(first.Add("w", Length), (nint)p0, (nint)g0), new(second.Add("b", Length), (nint)p1, (nint)g1),
            ];
            one.Step(
                new TensorUpdate(one.Add("w", Length), (nint)e0, (nint)g0),
                new TensorUpdate(one.Add("b", Length), (nint)e1, (nint)g1));

            Optimizer<Adam>.StepTogether(
                new StepPart<Adam>(first, 0, updates.AsMemory(0, 1)),
                new StepPart<Adam>(second, 0, updates.AsMemory(1)));
        }

        Assert.Equal(expected, parameters);
        Assert.Equal((one.GradientNorm, one.GradientNorm), (first.GradientNorm, second.GradientNorm));
    }

    [Fact]
    public unsafe void StepTogether_SecondIsRefused_ChangesNothing()
    {
        using var first = new Optimizer<Adam>(Usual);
        using var second = new Optimizer<Adam>(Usual);
        float[] values = Values(1);
        fixed (float* p = values)
        {
            nint address = (nint)p;
            var good = new StepPart<Adam>(
                first, 0, new[] { new TensorUpdate(first.Add("w", Length), address, address) });
            var bad = new StepPart<Adam>(second, 0, new[] { new TensorUpdate(second.Add("b", Length), address, 0) });

            Assert.Throws<ArgumentException>(() => Optimizer<Adam>.StepTogether(good, bad));
            Assert.Throws<InvalidOperationException>(() => Optimizer<Adam>.StepTogether(good, good));
            Assert.Throws<ArgumentException>(() => Optimizer<Adam>.StepTogether());
            second.GradientScale = 0.5f;
            Assert.Contains(
                "GradientScale",
                Assert.Throws<ArgumentException>(() => Optimizer<Adam>.StepTogether(good, bad)).Message,
                StringComparison.Ordinal);
        }

        Assert.Equal(Values(1), values);
        Assert.Equal(0, first.Parameters[0].Step);
    }

    [Fact]
    public void RemoveGroup_FreesItsNamesAndStates()
    {
        using Optimizer<Adam> optimizer = Make(new OptimizerOptions(), out ParameterState[] states);
        ParameterGroup<Adam> group = optimizer.Groups[1];

        optimizer.RemoveGroup(group);

        Assert.Throws<ArgumentException>(() => optimizer.Step(states[1], Values(1), Values(2)));
        Assert.Throws<ObjectDisposedException>(() => states[1].States["m"].Codes.Length);
        Assert.Throws<ArgumentException>(() => optimizer.Add("b", Length, group));
        Assert.Throws<ArgumentException>(() => optimizer.RemoveGroup(group));
        Assert.Throws<ArgumentException>(() => optimizer.RemoveGroup(optimizer.Groups[0]));
        optimizer.Add("b", Length);
        Assert.Equal(["w", "b"], optimizer.Parameters.Select(state => state.Name));
    }

    [Fact]
    public void Updating_ThatThrows_CancelsTheStep()
    {
        using Optimizer<Adam> optimizer = Make(new OptimizerOptions(), out ParameterState[] states);
        float[] values = Values(1);
        optimizer.Updating = () => throw new InvalidOperationException("not now");

        Assert.Throws<InvalidOperationException>(() => optimizer.Step(states[0], values, Values(2)));

        Assert.Equal((0, 1f), (states[0].Step, values[0] / Values(1)[0]));
    }

    private static Optimizer<Adam> Make(OptimizerOptions options, out ParameterState[] states)
    {
        var optimizer = new Optimizer<Adam>(Usual, options);
        ParameterGroup<Adam> group = optimizer.AddGroup(Slow);
        group.Maximize = true;
        states = [optimizer.Add("w", Length), optimizer.Add("b", Length, group)];
        return optimizer;
    }

    private static float[] Values(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Length).Select(_ => random.NextSingle() - 0.5f)];
    }
}
