using static Requant.Optimizers.Tests.ReferenceChecks;

namespace Requant.Optimizers.Tests;

/// <summary>The reference runs beside the rule; what may differ adds up over the steps.</summary>
/// <param name="shape">The tensor's dimensions.</param>
internal sealed class FreeRun(params long[] shape) : IReferenceCheck
{
    public void Run<TRule>(TRule rule, Reference reference, Tolerances allowed) where TRule : IOptimizerRule<TRule>
    {
        using var optimizer = new Optimizer<TRule>(rule, new OptimizerOptions { MinQuantizedLength = long.MaxValue });
        ParameterState state = optimizer.Add("w", shape);
        int length = (int)state.Length;
        float[] parameters = Data.Parameters(length);
        double[] expected = Widen(parameters);
        double[][] states = [.. state.States.Select(one => Widen(Dequantize(one)))];
        double[] tensorStates = Widen([.. state.TensorStates]);
        double[] largest = new double[states.Length];
        double[] largestTensorStates = new double[tensorStates.Length];
        double[] tolerance = new double[length];
        for (int step = 1; step <= StepCount; step++)
        {
            float[] gradients = Data.Gradients(length, step);
            double[] before = [.. expected];
            optimizer.Step(state, parameters, gradients);
            reference(expected, Widen(gradients), states, tensorStates, step);

            AddTolerance(tolerance, before, expected, allowed);
            AssertNear(expected, parameters, tolerance, $"{rule}, step {step}, parameter");
            for (int i = 0; i < states.Length; i++)
            {
                largest[i] = Math.Max(largest[i], states[i].Max(Math.Abs));
                AssertNear(states[i], Dequantize(state.States[i]), Repeat(allowed.State * largest[i], states[i].Length),
                    $"{rule}, step {step}, {state.States[i].Name}");
            }

            for (int i = 0; i < tensorStates.Length; i++)
            {
                largestTensorStates[i] = Math.Max(largestTensorStates[i], Math.Abs(tensorStates[i]));
            }

            AssertTensorStates(
                tensorStates, state.TensorStates, largestTensorStates, allowed.TensorState, $"{rule}, step {step}");
        }
    }
}

/// <summary>The reference starts every step from the rule's parameters and dequantized states.</summary>
/// <param name="shape">The tensor's dimensions.</param>
internal sealed class SyncedRun(params long[] shape) : IReferenceCheck
{
    /// <summary>The reference has no random bits.</summary>
    private static readonly OptimizerOptions Nearest =
        new() { MinQuantizedLength = 0, StateRounding = StateRounding.Nearest };

    public void Run<TRule>(TRule rule, Reference reference, Tolerances allowed) where TRule : IOptimizerRule<TRule>
    {
        using var optimizer = new Optimizer<TRule>(rule, Nearest);
        ParameterState state = optimizer.Add("w", shape);
        int length = (int)state.Length;
        float[] parameters = Data.Parameters(length);
        for (int step = 1; step <= StepCount; step++)
        {
            float[] gradients = Data.Gradients(length, step);
            double[] before = Widen(parameters);
            double[] expected = [.. before];
            double[][] old = [.. state.States.Select(one => Widen(Dequantize(one)))];
            double[][] states = [.. old.Select(one => (double[])one.Clone())];
            double[] oldTensorStates = Widen([.. state.TensorStates]);
            double[] tensorStates = [.. oldTensorStates];
            optimizer.Step(state, parameters, gradients);
            reference(expected, Widen(gradients), states, tensorStates, step);

            double[] tolerance = new double[length];
            AddTolerance(tolerance, before, expected, allowed);
            AssertNear(expected, parameters, tolerance, $"{rule}, step {step}, parameter");
            for (int i = 0; i < states.Length; i++)
            {
                AssertEncoded(
                    old[i], states[i], state.States[i], allowed, $"{rule}, step {step}, {state.States[i].Name}");
            }

            double[] largest =
                [.. oldTensorStates.Zip(tensorStates, (one, other) => Math.Max(Math.Abs(one), Math.Abs(other)))];
            AssertTensorStates(tensorStates, state.TensorStates, largest, allowed.TensorState, $"{rule}, step {step}");
        }
    }
}

/// <summary>How runs are compared with float64.</summary>
internal static class ReferenceChecks
{
    public const int StepCount = 24;

    /// <summary>A rounding can move a value over the border between two codes, but no further, and seldom.</summary>
    private const int CodeTolerance = 1;

    private const double MinEqualCodes = 0.995;

    /// <summary>Blocks below 2^-126 are stored as zeros.</summary>
    private const double FirstNormal = 1.1754943508222875e-38;

    public static void AddTolerance(double[] tolerance, double[] before, double[] after, Tolerances allowed)
    {
        double largest = before.Zip(after, (old, updated) => Math.Abs(updated - old)).Max();
        for (int i = 0; i < tolerance.Length; i++)
        {
            tolerance[i] += (allowed.Update * Math.Abs(after[i] - before[i])) + (allowed.Cancellation * largest)
                + (allowed.Result * Math.Max(Math.Abs(before[i]), Math.Abs(after[i])));
        }
    }

    public static void AssertNear(double[] expected, ReadOnlySpan<float> actual, double[] tolerance, string what)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance[i],
                $"{what} {i} of {expected.Length} is {actual[i]:R} instead of {expected[i]:R}; "
                + $"{tolerance[i]:R} is allowed");
        }
    }

    public static void AssertTensorStates(
        double[] expected, TensorStateCollection actual, double[] largest, double tolerance, string what)
    {
        foreach ((int i, string name) in actual.Names.Index())
        {
            AssertNear([expected[i]], [actual[i]], [tolerance * largest[i]], $"{what}, {name}");
        }
    }

    /// <summary>Absmax and codes are those of the reference's states, encoded.</summary>
    public static void AssertEncoded(
        double[] old, double[] expected, QuantizedState actual, Tolerances allowed, string what)
    {
        if (actual.Codec == Codec.Float32 || expected.All(value => value == 0))
        {
            // A state that is 0 throughout may have no codes at all, where the variant does not need it.
            AssertNear(
                expected, Dequantize(actual), Repeat(allowed.State * expected.Max(Math.Abs), expected.Length), what);
            return;
        }

        int equal = 0;
        for (int start = 0; start < expected.Length; start += actual.BlockSize)
        {
            int length = Math.Min(actual.BlockSize, expected.Length - start);
            equal += CountEqualCodes(old.AsSpan(start, length), expected.AsSpan(start, length),
                actual.Absmax[start / actual.BlockSize], actual.Codes.Slice(start, length), actual.Codec,
                allowed.Absmax, $"{what}, block at {start}");
        }

        Assert.True(
            equal >= Math.Floor(MinEqualCodes * expected.Length), $"{what}: {equal} of {expected.Length} codes equal");
    }

    private static int CountEqualCodes(
        ReadOnlySpan<double> old, ReadOnlySpan<double> expected, float absmax, ReadOnlySpan<byte> codes, Codec codec,
        double absmaxTolerance, string what)
    {
        Codebook codebook = Codebook.For(codec);
        double expectedAbsmax = Largest(expected);
        double tolerance = absmaxTolerance * Math.Max(expectedAbsmax, Largest(old));
        Assert.True(
            Math.Abs(expectedAbsmax - absmax) <= tolerance, $"{what}: absmax {absmax:R} instead of {expectedAbsmax:R}");
        int equal = 0;
        for (int i = 0; i < codes.Length; i++)
        {
            byte code = expectedAbsmax < FirstNormal
                ? codebook.ZeroCode
                : codebook.Encode((float)(expected[i] / expectedAbsmax));
            int distance = Math.Abs(Rank(code, codec) - Rank(codes[i], codec));
            Assert.True(distance <= CodeTolerance, $"{what}, element {i}: code {codes[i]} instead of {code}");
            equal += code == codes[i] ? 1 : 0;
        }

        return equal;
    }

    /// <summary>Codes in the order of their values: MiniFloat's have a sign.</summary>
    private static int Rank(byte code, Codec codec) =>
        codec == Codec.MiniFloat && code >= 0x80 ? 0x80 - code : code;

    private static double Largest(ReadOnlySpan<double> values)
    {
        double largest = 0;
        foreach (double value in values)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        return largest;
    }

    public static float[] Dequantize(QuantizedState state)
    {
        var values = new float[state.Length];
        state.Dequantize(values);
        return values;
    }

    public static double[] Widen(float[] values) => Array.ConvertAll(values, value => (double)value);

    public static double[] Repeat(double value, int count) => [.. Enumerable.Repeat(value, count)];
}
