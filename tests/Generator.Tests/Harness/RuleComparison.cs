using System.Reflection;
using Requant.Numerics;
using Requant.Testing;
using Xunit;

namespace Requant.Generator.Tests.Harness;

/// <summary>Runs a rule as an optimizer and as the C# method that it is, element by element, and compares every bit, or
/// how many floats lie between the two.</summary>
internal static class RuleComparison
{
    private const int Steps = 4;

    /// <summary>Several blocks, and a last one that no vector width divides.</summary>
    private const int Length = 551;

    private static readonly float[] Notable =
        [0f, -0f, 1f, -1f, 0.5f, -0.5f, 1e-40f, -1e-40f, 1e-20f, 3e18f, -3e18f, 2f, 1.0000001f, float.Epsilon];

    /// <returns>Whether all steps were taken: one whose host values are not finite is refused.</returns>
    public static bool AssertSame(
        CompiledRule rule, SimdWidth width, IReadOnlyDictionary<string, double> hyperparameters, int maxUlps = 0) =>
        (bool)typeof(RuleComparison).GetMethod(nameof(AssertSameOf), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(rule.Type)
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [rule, width, hyperparameters, maxUlps], null)!;

    /// <summary>Runs the rule on other backends, with 8-bit states and without, and compares it with the
    /// scalar kernels.</summary>
    public static void AssertConforms(
        CompiledRule rule, IReadOnlyList<IConformanceBackend> backends,
        IReadOnlyDictionary<string, double> hyperparameters) =>
        typeof(RuleComparison).GetMethod(nameof(AssertConformsOf), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(rule.Type)
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [backends, hyperparameters], null);

    /// <summary>A rule with some hyperparameters set.</summary>
    public static TRule With<TRule>(IReadOnlyDictionary<string, double> hyperparameters)
        where TRule : IOptimizerRule<TRule>, new() => hyperparameters.Aggregate(
            new TRule(), (rule, one) => rule.WithHyperparameter(TRule.Info.IndexOfHyperparameter(one.Key), one.Value));

    private static void AssertConformsOf<TRule>(
        IReadOnlyList<IConformanceBackend> backends, IReadOnlyDictionary<string, double> hyperparameters)
        where TRule : IOptimizerRule<TRule>, new() =>
        RuleConformance.Check(With<TRule>(hyperparameters), new ConformanceOptions
    {
        Backends = backends,
        Lengths = [300],
        LengthsAroundBlock = [],
        BlockSizes = [256],
        ElementTypes = [(ElementType.Float32, ElementType.Float32)],
        Steps = 2,
    });

    private static bool AssertSameOf<TRule>(
        CompiledRule rule, SimdWidth width, IReadOnlyDictionary<string, double> hyperparameters, int maxUlps)
        where TRule : IOptimizerRule<TRule>, new()
    {
        using var optimizer = new Optimizer<TRule>(
            With<TRule>(hyperparameters),
            new OptimizerOptions { MinQuantizedLength = long.MaxValue, SimdWidth = width, MaxThreads = 1 });
        ParameterState state = optimizer.Add("w", Length);
        float[] actual = Values(seed: 1);
        float[] expected = Values(seed: 1);
        float[][] states = [.. TRule.Info.States.Select(_ => new float[Length])];
        for (int step = 1; step <= Steps; step++)
        {
            float[] gradient = Values(seed: 100 + step);
            try
            {
                optimizer.Step(state, actual, gradient);
            }
            catch (NotFiniteNumberException)
            {
                AssertSameBits($"{rule.Name}, step {step}, refused, parameter", expected, actual, maxUlps);
                return false;
            }

            Execute(rule.Method, expected, gradient, states, step, hyperparameters);
            AssertSameBits($"{rule.Name}, step {step}, parameter", expected, actual, maxUlps);
            for (int i = 0; i < states.Length; i++)
            {
                var stored = new float[Length];
                state.States[i].Dequantize(stored);
                AssertSameBits(
                    $"{rule.Name}, step {step}, state {TRule.Info.States[i].Name}", states[i], stored, maxUlps);
            }
        }

        return true;
    }

    private static void Execute(
        MethodInfo method, float[] parameter, float[] gradient, float[][] states, int step,
        IReadOnlyDictionary<string, double> hyperparameters)
    {
        ParameterInfo[] formal = method.GetParameters();
        int[] stateOf = new int[formal.Length];
        var fixedArguments = new object?[formal.Length];
        int known = 0;
        for (int i = 2; i < formal.Length; i++)
        {
            stateOf[i] = formal[i].ParameterType.IsByRef ? known++ : -1;
            fixedArguments[i] = stateOf[i] >= 0 ? null
                : !formal[i].HasDefaultValue ? step
                : hyperparameters.TryGetValue(formal[i].Name!, out double value)
                    ? formal[i].ParameterType == typeof(bool)
                        ? value != 0
                        : Convert.ChangeType(value, formal[i].ParameterType, null)
                    : formal[i].DefaultValue;
        }

        for (int element = 0; element < parameter.Length; element++)
        {
            object?[] arguments = [.. fixedArguments];
            arguments[0] = parameter[element];
            arguments[1] = gradient[element];
            for (int i = 2; i < formal.Length; i++)
            {
                arguments[i] = stateOf[i] >= 0 ? states[stateOf[i]][element] : arguments[i];
            }

            method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);
            if (!Enumerable.Range(2, formal.Length - 2)
                .All(i => stateOf[i] < 0 || float.IsFinite((float)arguments[i]!)))
            {
                // An element that would overflow a state is skipped whole.
                continue;
            }

            parameter[element] = (float)arguments[0]!;
            for (int i = 2; i < formal.Length; i++)
            {
                if (stateOf[i] >= 0)
                {
                    states[stateOf[i]][element] = (float)arguments[i]!;
                }
            }
        }
    }

    private static float[] Values(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Length).Select(_ => random.Next(4) == 0
            ? Notable[random.Next(Notable.Length)]
            : (float)(random.NextDouble() - 0.5) * MathF.Pow(10f, random.Next(-3, 3)))];
    }

    /// <summary>Any NaN is as good as another: hardware need not agree on their payloads.</summary>
    private static void AssertSameBits(string what, float[] expected, float[] actual, int maxUlps)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            bool same = Math.Abs((long)BitConverter.SingleToInt32Bits(expected[i])
                - BitConverter.SingleToInt32Bits(actual[i])) <= maxUlps
                ? float.IsFinite(expected[i]) == float.IsFinite(actual[i])
                : float.IsNaN(expected[i]) && float.IsNaN(actual[i]);
            Assert.True(same, $"{what}, element {i}: C# computes {expected[i]:R}, the kernel {actual[i]:R}.");
        }
    }
}
