namespace Requant.Optimizers.Tests.States;

/// <summary>The largest value of a block is kept as well below 0 as above: a codec without a code for -absmax would
/// shrink it in each step.</summary>
public sealed class SymmetricStateTests
{
    private const int Length = 4096;
    private const int BlockSize = 256;
    private const int Steps = 1000;

    /// <summary>Decay of both rules' momentum.</summary>
    private const float Beta = 0.99f;

    private const float Lr = 1e-3f;

    /// <summary>1000 float32 steps, each rounded a few times by up to 6e-8 of the value.</summary>
    private const double RelativeTolerance = 5e-4;

    public static TheoryData<SimdWidth, StateCodecs, StateRounding> Ways =>
    [
        .. from width in SimdWidths.Supported
           from codecs in (StateCodecs[])[StateCodecs.Dynamic, StateCodecs.MiniFloat]
           from rounding in Enum.GetValues<StateRounding>()
           select (width, codecs, rounding),
    ];

    [Theory, MemberData(nameof(Ways))]
    public void Lion_LargestOfBothSigns_HaveMomentaOfOneMagnitude(
        SimdWidth width, StateCodecs codecs, StateRounding rounding)
    {
        using var optimizer = new Optimizer<Lion>(new Lion { Beta2 = Beta }, Options(width, codecs, rounding));
        ParameterState state = optimizer.Add("w", Length);
        Take(optimizer, state, new float[Length]);

        float[] momenta = new float[Length];
        state.States["m"].Dequantize(momenta);

        AssertOneMagnitude(1 - Math.Pow(Beta, Steps), momenta);
    }

    [Theory, MemberData(nameof(Ways))]
    public void Momentum_LargestOfBothSigns_MoveEquallyFar(SimdWidth width, StateCodecs codecs, StateRounding rounding)
    {
        using var optimizer = new Optimizer<Momentum>(
            new Momentum { Lr = Lr, Beta = Beta }, Options(width, codecs, rounding));
        float[] parameter = new float[Length];
        Take(optimizer, optimizer.Add("w", Length), parameter);

        // The sum of the momenta (1 - beta^k) / (1 - beta) of all steps k.
        double rest = Beta * (1 - Math.Pow(Beta, Steps)) / (1 - Beta);
        AssertOneMagnitude(Lr * (Steps - rest) / (1 - Beta), [.. parameter.Select(value => -value)]);
    }

    private static OptimizerOptions Options(SimdWidth width, StateCodecs codecs, StateRounding rounding) => new()
    {
        SimdWidth = width, MaxThreads = 1, BlockSize = BlockSize, Codecs = codecs, StateRounding = rounding,
    };

    private static void Take<TRule>(Optimizer<TRule> optimizer, ParameterState state, float[] parameter)
        where TRule : IOptimizerRule<TRule>
    {
        const float Small = 0.01f;
        Assert.True(state.IsQuantized);
        float[] gradient =
            [.. Enumerable.Range(0, Length).Select(i => i % BlockSize == 0 ? SignOf(i / BlockSize) : Small)];
        for (int step = 0; step < Steps; step++)
        {
            optimizer.Step(state, parameter, gradient);
        }
    }

    /// <summary>Of a block's first element, which is its largest.</summary>
    private static float SignOf(int block) => block % 2 == 0 ? 1f : -1f;

    private static void AssertOneMagnitude(double expected, float[] values)
    {
        float[] magnitudes =
            [.. Enumerable.Range(0, Length / BlockSize).Select(block => SignOf(block) * values[block * BlockSize])];
        Assert.All(magnitudes, magnitude => Assert.Equal(magnitudes[0], magnitude));
        Assert.InRange(magnitudes[0] / expected, 1 - RelativeTolerance, 1 + RelativeTolerance);
    }
}
