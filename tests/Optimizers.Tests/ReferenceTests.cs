using Requant.Quantization;

namespace Requant.Optimizers.Tests;

/// <summary>Every rule and variant against its formula in float64: with float32 states, where the reference runs on its own,
/// and with quantized ones, where it starts each step from the dequantized states, so that rounding them is no error.</summary>
public class ReferenceTests
{
    private const int StepCount = 24;

    /// <summary>Relative to the update: about ten roundings of 6e-8, and 1 - 0.999f, which carries the rounding of 0.999f to
    /// 24 bits on to a value a thousand times smaller.</summary>
    private const double UpdateTolerance = 3e-5;

    /// <summary>Relative to the tensor's largest update: where terms of opposite sign cancel, what is left has their rounding.</summary>
    private const double CancellationTolerance = 1e-6;

    /// <summary>Relative to the parameter: the rounding of the result.</summary>
    private const double ResultTolerance = 1.3e-7;

    /// <summary>Relative to the largest value that the state has had: its recurrence rounds a few times a step.</summary>
    private const double StateTolerance = 5e-6;

    /// <summary>Relative to the larger of the block's old and new absmax, which bounds the terms of the recurrence: a few
    /// roundings.</summary>
    private const double AbsmaxTolerance = 2e-6;

    /// <summary>A rounding can move a value over the border between two codes, but no further, and seldom.</summary>
    private const int CodeTolerance = 1;

    private const double MinEqualCodes = 0.995;

    /// <summary>Blocks below 2^-126 are stored as zeros.</summary>
    private const double FirstNormal = 1.1754943508222875e-38;

    public static MatrixTheoryData<string, int> Cases => new(RuleTable.Names, [1, 255, 256, 257, 4096]);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Steps_Float32States_FollowReference(string rule, int length) => RuleTable.Run(rule, new FreeRun(length));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_QuantizedStates_MatchesReferenceFromSameStates(string rule, int length) => RuleTable.Run(rule, new SyncedRun(length));

    [Fact]
    public void Table_HasEveryShippedRule()
    {
        IEnumerable<string> shipped = typeof(Adam).Assembly.GetTypes()
            .Where(type => type.GetInterfaces().Any(one => one.Name == typeof(IOptimizerRule<>).Name)).Select(type => type.Name);

        Assert.Equal(shipped.Order(StringComparer.Ordinal),
            RuleTable.Names.Select(name => name.Split(',')[0]).Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>The reference runs beside the rule; what may differ adds up over the steps.</summary>
    private sealed class FreeRun(int length) : IRuleCheck
    {
        public void Run<TRule>(TRule rule, Reference reference) where TRule : IOptimizerRule<TRule>
        {
            using var optimizer = new Optimizer<TRule>(rule, new OptimizerOptions { MinQuantizedLength = long.MaxValue });
            ParameterState state = optimizer.Add("w", length);
            float[] parameters = Data.Parameters(length);
            double[] expected = Widen(parameters);
            double[][] states = [.. state.States.Select(_ => new double[length])];
            double[] largest = new double[states.Length];
            double[] tolerance = new double[length];
            for (int step = 1; step <= StepCount; step++)
            {
                float[] gradients = Data.Gradients(length, step);
                double[] before = [.. expected];
                optimizer.Step(state, parameters, gradients);
                reference(expected, Widen(gradients), states, step);

                AddTolerance(tolerance, before, expected);
                AssertNear(expected, parameters, tolerance, $"{rule}, step {step}, parameter");
                for (int i = 0; i < states.Length; i++)
                {
                    largest[i] = Math.Max(largest[i], states[i].Max(Math.Abs));
                    AssertNear(states[i], Dequantize(state.States[i]), Repeat(StateTolerance * largest[i], length),
                        $"{rule}, step {step}, {state.States[i].Name}");
                }
            }
        }
    }

    /// <summary>The reference starts every step from the rule's parameters and dequantized states.</summary>
    private sealed class SyncedRun(int length) : IRuleCheck
    {
        public void Run<TRule>(TRule rule, Reference reference) where TRule : IOptimizerRule<TRule>
        {
            using var optimizer = new Optimizer<TRule>(rule, new OptimizerOptions { MinQuantizedLength = 0 });
            ParameterState state = optimizer.Add("w", length);
            float[] parameters = Data.Parameters(length);
            for (int step = 1; step <= StepCount; step++)
            {
                float[] gradients = Data.Gradients(length, step);
                double[] before = Widen(parameters);
                double[] expected = [.. before];
                double[][] old = [.. state.States.Select(one => Widen(Dequantize(one)))];
                double[][] states = [.. old.Select(one => (double[])one.Clone())];
                optimizer.Step(state, parameters, gradients);
                reference(expected, Widen(gradients), states, step);

                double[] tolerance = new double[length];
                AddTolerance(tolerance, before, expected);
                AssertNear(expected, parameters, tolerance, $"{rule}, step {step}, parameter");
                for (int i = 0; i < states.Length; i++)
                {
                    AssertEncoded(old[i], states[i], state.States[i], $"{rule}, step {step}, {state.States[i].Name}");
                }
            }
        }
    }

    private static void AddTolerance(double[] tolerance, double[] before, double[] after)
    {
        double largest = before.Zip(after, (old, updated) => Math.Abs(updated - old)).Max();
        for (int i = 0; i < tolerance.Length; i++)
        {
            tolerance[i] += (UpdateTolerance * Math.Abs(after[i] - before[i])) + (CancellationTolerance * largest)
                + (ResultTolerance * Math.Max(Math.Abs(before[i]), Math.Abs(after[i])));
        }
    }

    private static void AssertNear(double[] expected, ReadOnlySpan<float> actual, double[] tolerance, string what)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance[i],
                $"{what} {i} of {expected.Length} is {actual[i]:R} instead of {expected[i]:R}; {tolerance[i]:R} is allowed");
        }
    }

    /// <summary>Absmax and codes are those of the reference's states, encoded.</summary>
    private static void AssertEncoded(double[] old, double[] expected, QuantizedState actual, string what)
    {
        if (actual.Codec == Codec.Float32 || expected.All(value => value == 0))
        {
            // A state that is 0 throughout may have no codes at all, where the variant does not need it.
            AssertNear(expected, Dequantize(actual), Repeat(StateTolerance * expected.Max(Math.Abs), expected.Length), what);
            return;
        }

        int equal = 0;
        for (int start = 0; start < expected.Length; start += actual.BlockSize)
        {
            int length = Math.Min(actual.BlockSize, expected.Length - start);
            equal += CountEqualCodes(old.AsSpan(start, length), expected.AsSpan(start, length),
                actual.Absmax[start / actual.BlockSize], actual.Codes.Slice(start, length), actual.Codec, $"{what}, block at {start}");
        }

        Assert.True(equal >= Math.Floor(MinEqualCodes * expected.Length), $"{what}: {equal} of {expected.Length} codes equal");
    }

    private static int CountEqualCodes(
        ReadOnlySpan<double> old, ReadOnlySpan<double> expected, float absmax, ReadOnlySpan<byte> codes, Codec codec, string what)
    {
        Codebook codebook = Codebook.For(codec);
        double expectedAbsmax = Largest(expected);
        double tolerance = AbsmaxTolerance * Math.Max(expectedAbsmax, Largest(old));
        Assert.True(Math.Abs(expectedAbsmax - absmax) <= tolerance, $"{what}: absmax {absmax:R} instead of {expectedAbsmax:R}");
        int equal = 0;
        for (int i = 0; i < codes.Length; i++)
        {
            byte code = expectedAbsmax < FirstNormal ? codebook.ZeroCode : codebook.Encode((float)(expected[i] / expectedAbsmax));
            Assert.True(Math.Abs(code - codes[i]) <= CodeTolerance, $"{what}, element {i}: code {codes[i]} instead of {code}");
            equal += code == codes[i] ? 1 : 0;
        }

        return equal;
    }

    private static double Largest(ReadOnlySpan<double> values)
    {
        double largest = 0;
        foreach (double value in values)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        return largest;
    }

    private static float[] Dequantize(QuantizedState state)
    {
        var values = new float[state.Length];
        state.Dequantize(values);
        return values;
    }

    private static double[] Widen(float[] values) => Array.ConvertAll(values, value => (double)value);

    private static double[] Repeat(double value, int count) => [.. Enumerable.Repeat(value, count)];
}
