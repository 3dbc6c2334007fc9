using Requant.Cpu;
using Requant.Ptx.Tests.Rules;
using Gradients = Requant.Ptx.Tests.Rules.Gradients;

namespace Requant.Ptx.Tests.Fast;

/// <summary>What rules with <see cref="Precision.Fast"/> become.</summary>
public class FastTests(ITestOutputHelper output)
{
    /// <summary>Whole blocks, and one that is taken element by element.</summary>
    private const int Length = WholeBlocks + 77;

    private const int WholeBlocks = 16 * 256;
    private const int Steps = 4;
    private const int Seed = 31;

    /// <summary>Two roundings of a parameter below 1 in each step, and what a few ulp of an update of the size of the learning rate are, far
    /// less than that.</summary>
    private const float Tolerance = Steps * 2 * 5.96e-8f;

    /// <summary>A value next to a threshold can get the neighbouring code, and the parameter then moves otherwise. Roundings differ by some
    /// 2^-23 and thresholds are 1 % apart, so it happens to 1 in 10 000 values; ten times that is allowed.</summary>
    private const double MayHaveOtherCodes = 1e-3;

    private static readonly FastAdam Adam = new() { Lr = 0.01f, WeightDecay = 0.1f };

    [Fact]
    public void FastAdam_8Bit_StaysWithinItsBudget()
    {
        // A ratchet, as in BudgetTable.
        const double Bound = 74.5;
        StepCost cost = StepCost.Measure(Adam, new Storage(ElementType.Float32, StateFormat.Declared), step: 2);

        output.WriteLine(cost.ToString());
        Assert.InRange(cost.Instructions, 1, Bound);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void FastAdam_AFewSteps_StaysCloseToScalar(bool quantized)
    {
        float[] expected = Scalar(Adam, quantized);
        float[] actual = Ptx(Adam, quantized);

        double far = Enumerable.Range(0, Length).Count(i => !(MathF.Abs(expected[i] - actual[i]) <= Tolerance)) / (double)Length;
        output.WriteLine($"{far:P3} are farther than {Tolerance} from the scalar kernels, the farthest "
            + $"{Enumerable.Range(0, Length).Max(i => MathF.Abs(expected[i] - actual[i]))}");
        Assert.InRange(far, 0, quantized ? MayHaveOtherCodes : 0);

        // No parameter may move farther than Adam moves any.
        Assert.All(Enumerable.Range(0, Length), i => Assert.InRange(MathF.Abs(expected[i] - actual[i]), 0, Adam.Lr * Steps));
        Assert.NotEqual(expected, actual);
    }

    [Fact]
    public void Fast_BlocksTakenElementByElement_AreExact()
    {
        float[] expected = Scalar(Adam, quantized: true);
        float[] actual = Ptx(Adam, quantized: true);

        Assert.Equal(expected[WholeBlocks..], actual[WholeBlocks..]);
    }

    /// <summary>The second pass over a block must not find values above the absmax that the first one found.</summary>
    [Fact]
    public void Fast_StateThatCancels_IsTheSameInBothPasses()
    {
        const int Ragged = 77;
        using var scalar = new Optimizer<Cancellation>(new Cancellation(), Options(quantized: true));
        QuantizedState expected = StepOfCancellation(scalar, Ragged);
        using var optimizer = new PtxOptimizer<Cancellation>(new Cancellation(), Options(quantized: true));
        ParameterState state = optimizer.Add("w", Ragged);
        (float[] parameter, float[] gradient) = Cancelling(Ragged);
        optimizer.Step(state, parameter, gradient);

        Assert.Equal(expected.Absmax.ToArray(), state.States[0].Absmax.ToArray());
        Assert.Equal(expected.Codes.ToArray(), state.States[0].Codes.ToArray());
    }

    [Fact]
    public void Fast_Kernel_SaysWhatItDoes()
    {
        PtxKernel kernel = RuleKernels.Get<FastAdam>(0, 0, StateFormat.Declared, "sm_90")!;

        Assert.Equal(3 * 8, kernel.Fused.Count);
        Assert.Equal(2 * 8 + 2, kernel.Approximate.Count);
        Assert.Empty(kernel.Contractible);
        Assert.Contains(kernel.Opcodes, pair => pair.Key == "sqrt.rn.f32");
    }

    private static QuantizedState StepOfCancellation(Optimizer<Cancellation> optimizer, int length)
    {
        ParameterState state = optimizer.Add("w", length);
        (float[] parameter, float[] gradient) = Cancelling(length);
        optimizer.Step(state, parameter, gradient);
        return state.States[0];
    }

    /// <summary>Products that lie nearly in the middle between two floats, and gradients that are the one to which they are not rounded: a
    /// fused difference is half of one that is rounded twice.</summary>
    private static (float[] Parameter, float[] Gradient) Cancelling(int length)
    {
        const double NearlyTheMiddle = 0.45;
        float factor = new Cancellation().Factor;
        var random = new Random(Seed);
        var parameter = new float[length];
        var gradient = new float[length];
        for (int i = 0; i < length;)
        {
            float p = 0.5f + (0.4f * random.NextSingle());
            float rounded = factor * p;
            double error = ((double)factor * p) - rounded;
            float other = error > 0 ? MathF.BitIncrement(rounded) : MathF.BitDecrement(rounded);
            if (Math.Abs(error) > NearlyTheMiddle * Math.Abs((double)other - rounded))
            {
                (parameter[i], gradient[i]) = (p, other);
                i++;
            }
        }

        return (parameter, gradient);
    }

    private static OptimizerOptions Options(bool quantized) => new()
    {
        MinQuantizedLength = quantized ? 0 : long.MaxValue,
        SimdWidth = SimdWidth.Scalar,
        MaxThreads = 1,
    };

    private static float[] Scalar<TRule>(TRule rule, bool quantized) where TRule : IOptimizerRule<TRule>
    {
        using var optimizer = new Optimizer<TRule>(rule, Options(quantized));
        ParameterState state = optimizer.Add("w", Length);
        return Run((parameter, gradient) => optimizer.Step(state, parameter, gradient));
    }

    private static float[] Ptx<TRule>(TRule rule, bool quantized) where TRule : IOptimizerRule<TRule>
    {
        using var optimizer = new PtxOptimizer<TRule>(rule, Options(quantized));
        ParameterState state = optimizer.Add("w", Length);
        return Run((parameter, gradient) => optimizer.Step(state, parameter, gradient));
    }

    private static float[] Run(Action<float[], float[]> takeStep)
    {
        float[] parameter = Gradients.Parameters(Length, Seed);
        for (int step = 1; step <= Steps; step++)
        {
            takeStep(parameter, Gradients.Parameters(Length, Seed + step));
        }

        return parameter;
    }
}
