namespace Requant.Optimizers.Tests.Matrices;

/// <summary>Gradients that are not finite, or whose squares are not: what a matrix, and what rows and columns, are made
/// of is the whole tensor's.</summary>
public class NonFiniteTests
{
    /// <summary>Its square is infinite.</summary>
    private const float Overflowing = 1e30f;

    /// <summary>In a second block, and not the last of it.</summary>
    private const int Place = 300;

    private static readonly OptimizerOptions Quantized = new() { MinQuantizedLength = 0 };

    /// <summary>Matrices and a vector, the middle one of which gets the bad element.</summary>
    private static readonly long[][] Shapes = [[20, 16], [24, 17], [500]];

    public static MatrixTheoryData<float, long> BadElements =>
        new([float.NaN, float.PositiveInfinity, float.NegativeInfinity, Overflowing], [0, long.MaxValue]);

    public static MatrixTheoryData<string, NonFinitePolicy> Overflows => new(
        MatrixTable.Names, [NonFinitePolicy.SkipElement, NonFinitePolicy.SkipStep, NonFinitePolicy.Throw]);

    public static TheoryData<string> Rules => [.. MatrixTable.Names];

    [Theory]
    [MemberData(nameof(BadElements))]
    public void Muon_BadElement_KeepsTheMatrixAndUpdatesOthers(float value, long minQuantizedLength)
    {
        var options = new OptimizerOptions { MinQuantizedLength = minQuantizedLength };
        using var model = new ShapedModel<Muon>(new Muon(), options, Shapes);
        using var clean = new ShapedModel<Muon>(new Muon(), options, Shapes);
        model.Step(1);
        clean.Step(1);
        uint[] before = model.Bits(1);

        model.Step(2, gradients => gradients[1][Place] = value);
        clean.Step(2);

        Assert.Equal(before, model.Bits(1));
        Assert.Equal(clean.Bits(0), model.Bits(0));
        Assert.Equal(clean.Bits(2), model.Bits(2));
        Assert.Equal(24 * 17, model.Optimizer.LastStepSkippedElements);
        Assert.Equal(2, model.Optimizer.Parameters[1].Step);

        model.Step(3);
        Assert.NotEqual(before, model.Bits(1));
        Assert.Equal(24 * 17, model.Optimizer.SkippedElements);
        Assert.Equal(0, model.Optimizer.LastStepSkippedElements);
    }

    /// <summary>The first step: states that were never written stay so.</summary>
    [Fact]
    public void Muon_BadElementInTheFirstStep_LeavesNothingBehind()
    {
        using var model = new ShapedModel<Muon>(new Muon(), Quantized, Shapes);
        using var untouched = new ShapedModel<Muon>(new Muon(), Quantized, Shapes);

        model.Step(1, gradients => gradients[1][Place] = float.NaN);

        Assert.Equal(untouched.Bits(1), model.Bits(1));
        Assert.False(model.Optimizer.Parameters[1].States["m"].IsUsed);
    }

    [Fact]
    public void Muon_BadElementUnderPropagate_IsWritten()
    {
        OptimizerOptions options = Quantized with { NonFinite = NonFinitePolicy.Propagate };
        using var model = new ShapedModel<Muon>(new Muon(), options, Shapes);
        using var clean = new ShapedModel<Muon>(new Muon(), options, Shapes);
        model.Step(1, gradients => gradients[1][Place] = float.NaN);
        clean.Step(1);

        Assert.All(model.Parameters[1], value => Assert.True(float.IsNaN(value)));
        Assert.Equal(clean.Bits(0), model.Bits(0));
        Assert.Equal(clean.Bits(2), model.Bits(2));
        Assert.Equal(0, model.Optimizer.SkippedElements);
    }

    [Theory]
    [InlineData(NonFinitePolicy.SkipStep)]
    [InlineData(NonFinitePolicy.Throw)]
    public void Muon_BadElementUnderPoliciesOfWholeSteps_ChangesNothing(NonFinitePolicy policy)
    {
        using var model = new ShapedModel<Muon>(new Muon(), Quantized with { NonFinite = policy }, Shapes);
        model.Step(1);
        uint[][] before = [model.Bits(0), model.Bits(1), model.Bits(2)];
        Exception? exception =
            Record.Exception(() => model.Step(2, gradients => gradients[1][Place] = float.PositiveInfinity));

        Assert.Equal(before, [model.Bits(0), model.Bits(1), model.Bits(2)]);
        Assert.Equal(policy == NonFinitePolicy.SkipStep, model.Optimizer.LastStepSkipped);
        Assert.Equal(policy == NonFinitePolicy.Throw, exception is NotFiniteNumberException);
        Assert.Equal(0, model.Optimizer.SkippedElements);
    }

    /// <summary>A finite gradient that no row or column may remember.</summary>
    [Theory]
    [MemberData(nameof(Overflows))]
    public void Step_GradientWhoseSquareOverflows_KeepsTheMatrix(string rule, NonFinitePolicy policy) =>
        MatrixTable.Run(rule, [1], new Overflow(policy));

    /// <summary>Means leave such an element out, as if it were not there, and it alone is skipped.</summary>
    [Fact]
    public void Adafactor_BadElement_TakesNoPartInMeans()
    {
        using var optimizer = new Optimizer<Adafactor>(new Adafactor { Lr = 0.5f });
        ParameterState state = optimizer.Add("w", [2, 3]);
        float[] parameter = [1f, 1f, 1f, 1f, 1f, 1f];
        optimizer.Step(state, parameter, [1f, 2f, 3f, 3f, float.NaN, 1f]);

        Assert.Equal([14f / 3, 5f], state.States["row"].Values);
        Assert.Equal([5f, 4f, 5f], state.States["column"].Values);
        Assert.Equal(1f, parameter[4]);
        Assert.All([.. parameter[..4], parameter[5]], value => Assert.InRange(value, -1f, 0.9f));
        Assert.Equal(1, optimizer.SkippedElements);
    }

    /// <summary>Twice, so that the second step meets what the first has made of nothing.</summary>
    [Theory]
    [MemberData(nameof(Rules))]
    public void Step_WithoutGradient_MovesNothing(string rule) => MatrixTable.Run(rule, [1], new Zeros());

    /// <summary>Whether a rule takes the gradient's square of a matrix: not where it is one of AdamW.</summary>
    private static bool IsByLine(object rule) => rule is not Muon { AdamW: true };

    private sealed class Overflow(NonFinitePolicy policy) : IReferenceCheck
    {
        public void Run<TRule>(TRule rule, Reference reference, Tolerances allowed)
            where TRule : IOptimizerRule<TRule>
        {
            OptimizerOptions options = Quantized with { NonFinite = policy };
            using var model = new ShapedModel<TRule>(rule, options, Shapes);
            using var clean = new ShapedModel<TRule>(rule, options, Shapes);
            model.Step(1);
            clean.Step(1);
            uint[] before = model.Bits(1);

            model.Step(2, gradients => gradients[1][Place] = Overflowing);
            clean.Step(2);

            Assert.Equal(clean.Bits(0), model.Bits(0));
            Assert.Equal(clean.Bits(2), model.Bits(2));
            Assert.Equal(IsByLine(rule) ? 24 * 17 : 1, model.Optimizer.SkippedElements);
            Assert.Equal(IsByLine(rule), before.SequenceEqual(model.Bits(1)));
            Assert.False(model.Optimizer.LastStepSkipped);

            model.Step(3);
            Assert.NotEqual(before, model.Bits(1));
            Assert.All(model.Parameters[1], value => Assert.InRange(value, -10f, 10f));
        }
    }

    private sealed class Zeros : IReferenceCheck
    {
        public void Run<TRule>(TRule rule, Reference reference, Tolerances allowed)
            where TRule : IOptimizerRule<TRule>
        {
            int decay = TRule.Info.Hyperparameters.ToList().FindIndex(one => one.Name == "weightDecay");
            TRule withoutDecay = decay < 0 ? rule : rule.WithHyperparameter(decay, 0);
            using var model = new ShapedModel<TRule>(withoutDecay, Quantized, Shapes);
            float[][] before = [.. model.Parameters.Select(values => (float[])values.Clone())];

            model.Step(1, gradients => Array.ForEach(gradients, Array.Clear));
            model.Step(2, gradients => Array.ForEach(gradients, Array.Clear));

            Assert.Equal(before, model.Parameters);
            Assert.Equal(0, model.Optimizer.SkippedElements);
            Assert.All(
                model.Optimizer.Parameters.SelectMany(state => state.States).SelectMany(ReferenceChecks.Dequantize),
                value => Assert.True(float.IsFinite(value)));
        }
    }
}
