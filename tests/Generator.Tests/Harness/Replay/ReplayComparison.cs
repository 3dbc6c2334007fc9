using System.Reflection;
using Requant.Numerics;
using Requant.Testing;
using Xunit;

namespace Requant.Generator.Tests.Harness.Replay;

/// <summary>Runs a rule as an optimizer, with vectors of every width, and as the C# method that it is, and compares
/// every bit.</summary>
internal static class ReplayComparison
{
    private const int Steps = 3;

    private static readonly float[] Notable =
        [0f, -0f, 1f, -1f, 0.5f, -0.5f, 1e-40f, -1e-40f, 1e-20f, 2e18f, -2e18f, 2f, 1.0000001f, float.Epsilon];

    /// <summary>Compares a rule for a tensor.</summary>
    /// <param name="rule">The optimizer.</param>
    /// <param name="method">The rule compiled with the stand-ins.</param>
    /// <param name="data">The tensor.</param>
    /// <param name="hyperparameters">Those that are not as declared.</param>
    /// <param name="threads">The most threads.</param>
    public static ReplayOutcome AssertSame(
        CompiledRule rule, MethodInfo method, ReplayData data, IReadOnlyDictionary<string, double> hyperparameters,
        int threads) => (ReplayOutcome)typeof(ReplayComparison)
            .GetMethod(nameof(AssertSameOf), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(rule.Type)
            .Invoke(
                null, BindingFlags.DoNotWrapExceptions, null, [rule, method, data, hyperparameters, threads], null)!;

    private static ReplayOutcome AssertSameOf<TRule>(
        CompiledRule rule, MethodInfo method, ReplayData data, IReadOnlyDictionary<string, double> hyperparameters,
        int threads)
        where TRule : IOptimizerRule<TRule>, new()
    {
        Tensor<TRule>[] tensors =
            [.. SimdWidths.Supported.Select(width => new Tensor<TRule>(width, data, hyperparameters, threads))];
        try
        {
            var expected = new ReplayedRule(method, tensors[0].Sides, Parameter(data), hyperparameters);
            int skipped = 0;
            for (int step = 1; step <= Steps; step++)
            {
                float[] gradient = Gradient(data, step);
                bool[] isTaken = [.. tensors.Select(tensor => tensor.TryStep(gradient))];
                Assert.Single(isTaken.Distinct());
                int? skippedNow = isTaken[0] ? expected.Step(gradient, step) : null;
                skipped += skippedNow ?? 0;
                foreach (Tensor<TRule> tensor in tensors)
                {
                    tensor.AssertSame($"{rule.Name}, {data}, step {step}", expected, skippedNow);
                }

                if (!isTaken[0])
                {
                    return new ReplayOutcome(step - 1, skipped, data.Length * Steps);
                }
            }

            return new ReplayOutcome(Steps, skipped, data.Length * Steps);
        }
        finally
        {
            foreach (Tensor<TRule> tensor in tensors)
            {
                tensor.Dispose();
            }
        }
    }

    private static float[] Parameter(ReplayData data) => Values(data, seed: 1);

    private static float[] Gradient(ReplayData data, int step)
    {
        float[] gradient = Values(data, 100 + step);
        var random = new Random(step);
        for (int i = 0; i < data.NotFinite; i++)
        {
            gradient[random.Next(gradient.Length)] =
                (i % 3) switch { 0 => float.NaN, 1 => float.PositiveInfinity, _ => float.NegativeInfinity };
        }

        return gradient;
    }

    private static float[] Values(ReplayData data, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, data.Length).Select(_ => data.IsHard && random.Next(4) == 0
            ? Notable[random.Next(Notable.Length)]
            : (float)(random.NextDouble() - 0.5) * MathF.Pow(10f, random.Next(-2, 2)))];
    }

    private static void AssertSameBits(string what, float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            bool same = BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i])
                || (float.IsNaN(expected[i]) && float.IsNaN(actual[i]));
            Assert.True(same, $"{what}, element {i}: C# computes {expected[i]:R}, the kernel {actual[i]:R}.");
        }
    }

    /// <summary>The tensor as an optimizer has it.</summary>
    private sealed class Tensor<TRule> : IDisposable
        where TRule : IOptimizerRule<TRule>, new()
    {
        private readonly Optimizer<TRule> _optimizer;
        private readonly SimdWidth _width;
        private readonly ParameterState _state;
        private readonly float[] _parameter;

        public Tensor(
            SimdWidth width, ReplayData data, IReadOnlyDictionary<string, double> hyperparameters, int threads)
        {
            _optimizer = new Optimizer<TRule>(
                RuleComparison.With<TRule>(hyperparameters),
                new OptimizerOptions
                {
                    MinQuantizedLength = long.MaxValue, SimdWidth = width, MaxThreads = threads,
                });
            _width = width;
            _state = _optimizer.Add("w", data.Dimensions);
            _parameter = Parameter(data);
        }

        public MatrixSides Sides => new((int)_state.Rows, (int)_state.Columns, _state.BlockSize);

        public bool TryStep(float[] gradient)
        {
            try
            {
                _optimizer.Step(_state, _parameter, gradient);
                return true;
            }
            catch (NotFiniteNumberException)
            {
                return false;
            }
        }

        public void AssertSame(string what, ReplayedRule expected, int? skipped)
        {
            what = $"{what}, {_width}";
            AssertSameBits($"{what}, parameter", expected.Parameter, _parameter);
            foreach (QuantizedState state in _state.States)
            {
                var stored = new float[state.Length];
                state.Dequantize(stored);
                AssertSameBits($"{what}, state {state.Name}", expected[state.Name], stored);
            }

            foreach (string name in _state.TensorStates.Names)
            {
                AssertSameBits($"{what}, state {name}", expected[name], [_state.TensorStates[name]]);
            }

            Assert.Equal(skipped ?? _optimizer.LastStepSkippedElements, _optimizer.LastStepSkippedElements);
        }

        public void Dispose() => _optimizer.Dispose();
    }
}

/// <summary>What a comparison has seen.</summary>
/// <param name="Steps">Steps that were taken: one whose host values are not finite is refused.</param>
/// <param name="Skipped">Elements that were not updated, over all steps.</param>
/// <param name="Elements">Elements, over all steps.</param>
internal sealed record ReplayOutcome(int Steps, int Skipped, int Elements);

/// <summary>A tensor's shape, and its numbers.</summary>
/// <param name="IsHard">Whether some are denormal, and some so large that their squares are nearly infinite.</param>
/// <param name="NotFinite">The most gradients that are not finite.</param>
/// <param name="Dimensions">Of the tensor.</param>
internal sealed record ReplayData(bool IsHard, int NotFinite, params long[] Dimensions)
{
    public int Length => (int)Dimensions.Aggregate(1L, (product, side) => product * side);

    public override string ToString() =>
        $"[{string.Join(", ", Dimensions)}]{(IsHard ? ", hard" : "")}, {NotFinite} not finite";
}
