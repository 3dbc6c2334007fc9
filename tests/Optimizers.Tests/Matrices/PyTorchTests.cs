namespace Requant.Optimizers.Tests.Matrices;

/// <summary>Small tensors whose updates were computed in float64 from what PyTorch publishes of torch.optim.Muon (its
/// documentation and _single_tensor_muon, but for the rounding to bfloat16) and of torch.optim.Adafactor
/// (_single_tensor_adafactor, with its default eps), by a program of its own.</summary>
public class PyTorchTests
{
    /// <summary>For parameters up to 4: a rounding of 2.4e-7 of the result in each of three steps, and what the
    /// polynomial makes of roundings of an update of a tenth.</summary>
    private const double Tolerance = 2e-6;

    private static readonly float[] Parameters = [1f, -1f, 2f, 0.5f, -0.5f, 1f, 0.25f, 3f];

    private static readonly float[][] Gradients =
    [
        [0.5f, -1f, 2f, 0.25f, 1f, 1.5f, -0.75f, 0.125f],
        [1f, 1f, -0.5f, 0.75f, 0.25f, -2f, 1.5f, -0.25f],
    ];

    private static readonly float[][] FactoredGradients =
    [
        [0.5f, -1f, 2f, 0.25f, 0.75f, -1.5f], [1f, 0.125f, -0.5f, -2f, 1f, 0.75f], [-0.25f, 4f, 0.5f, 1f, -1f, 2f],
    ];

    /// <summary>Of a diagonal matrix the polynomial is one of its elements: 0.6 becomes 0.72287617 in five steps, and
    /// 0.8 becomes 1.11920393. PyTorch's default scale is its original one.</summary>
    [Fact]
    public void Muon_DiagonalMatrix_IsThePolynomialOfItsElements() => AssertNear(
        [0.9177123831382876, 1.98, 2.97, 3.848079607008396],
        Train(Muon(nesterov: true, matchAdamW: false), [2, 2], [1f, 2f, 3f, 4f], [3f, 0f, 0f, 4f]));

    [Theory]
    [InlineData(true, true, new[]
    {
        0.9440145490222973, -0.9786179182561673, 1.9162455814983406, 0.4623934837785759,
        -0.5223174104512118, 0.9890240565875538, 0.23209197065087642, 2.942690522381503,
    })]
    [InlineData(true, false, new[]
    {
        0.8525186645574584, -0.9748600497433159, 1.8047976630718257, 0.3922694491791763,
        -0.604132523706908, 1.011651304643759, 0.1992998362297505, 2.948751772932697,
    })]
    [InlineData(false, true, new[]
    {
        0.9548442584909046, -0.9600980926544036, 1.9136783745031183, 0.45219421278536587,
        -0.5233949037215521, 0.9819570565673, 0.24802467846376627, 2.9464348313344213,
    })]
    [InlineData(false, false, new[]
    {
        0.8908074695751201, -0.909382578396319, 1.7957212156966702, 0.35620958076688597,
        -0.6079420376976103, 0.9866656864589243, 0.25563046491554203, 2.9619899041900273,
    })]
    public void Muon_TwoStepsOfTallMatrix_ArePyTorchs(bool nesterov, bool matchAdamW, double[] expected) =>
        AssertNear(expected, Train(Muon(nesterov, matchAdamW), [4, 2], Parameters, Gradients));

    /// <summary>The transposes of the parameters and gradients above. The original scale is 1 where there are no more
    /// rows than columns.</summary>
    [Theory]
    [InlineData(true, true, new[]
    {
        0.9440145490222973, 1.9162455814983406, -0.5223174104512118, 0.23209197065087642,
        -0.9786179182561673, 0.4623934837785759, 0.9890240565875538, 2.942690522381503,
    })]
    [InlineData(false, false, new[]
    {
        0.9169606462272615, 1.8438959362577958, -0.5734122593038803, 0.2525241961594158,
        -0.930095231636009, 0.3954105319634147, 0.9847426414182501, 2.955637078336055,
    })]
    public void Muon_TwoStepsOfWideMatrix_ArePyTorchs(bool nesterov, bool matchAdamW, double[] expected) => AssertNear(
        expected,
        Train(Muon(nesterov, matchAdamW), [2, 4], Transposed(Parameters), [.. Gradients.Select(Transposed)]));

    /// <summary>The decay of the means grows from 0 to 1 - 3^-0.8. In the second case 1/√step is below lr, and the
    /// update's root mean square may be up to 1.25.</summary>
    [Theory]
    [InlineData(0.01f, 1f, new[]
    {
        0.9677755896584237, -2.0056960428338577, 0.4851349830018476,
        0.24575735641014587, 2.964651445509321, -1.0131899081552758,
    })]
    [InlineData(1f, 1.25f, new[]
    {
        -1.1450239630450834, -0.9661052248893993, -0.7984402073794711,
        -0.36950548568984803, 0.45153385082293673, -0.3975548397828796,
    })]
    public void Adafactor_ThreeStepsOfMatrix_ArePyTorchs(float lr, float clipping, double[] expected) => AssertNear(
        expected,
        Train(
            new Adafactor { Lr = lr, Clipping = clipping, WeightDecay = 0.1f }, [2, 3],
            [1f, -2f, 0.5f, 0.25f, 3f, -1f], FactoredGradients));

    [Fact]
    public void Adafactor_ThreeStepsOfVector_ArePyTorchs() => AssertNear(
        [-0.6676883943590167, -1.0813790838146509, -0.7478749656584743],
        Train(
            new Adafactor { Lr = 1f, WeightDecay = 0.1f }, [3], [1f, -2f, 0.5f],
            [.. FactoredGradients.Select(gradients => gradients[..3])]));

    private static Muon Muon(bool nesterov, bool matchAdamW) =>
        new() { Lr = 0.1f, Nesterov = nesterov, MatchAdamW = matchAdamW };

    private static float[] Train<TRule>(
        TRule rule, long[] shape, float[] parameters, params ReadOnlySpan<float[]> gradients)
        where TRule : IOptimizerRule<TRule>
    {
        using var optimizer = new Optimizer<TRule>(rule);
        ParameterState state = optimizer.Add("w", shape);
        float[] trained = [.. parameters];
        foreach (float[] some in gradients)
        {
            optimizer.Step(state, trained, some);
        }

        return trained;
    }

    /// <summary>Four rows of two as two rows of four.</summary>
    private static float[] Transposed(float[] values) =>
        [.. Enumerable.Range(0, 8).Select(i => values[(i % 4 * 2) + (i / 4)])];

    private static void AssertNear(double[] expected, float[] actual) => ReferenceChecks.AssertNear(
        expected, actual, ReferenceChecks.Repeat(Tolerance, expected.Length), "Parameter");
}
