using System.Reflection;
using Requant.Numerics;
using Requant.Ptx;
using Xunit;

namespace Requant.Generator.Tests.Harness.Replay;

/// <summary>Runs a rule as an optimizer, with vectors of every width and on a device, and as the C# method that it is,
/// and compares every bit.</summary>
internal static class ReplayComparison
{
    private const int Steps = 3;

    /// <summary>Compares a rule with its C# for a tensor whose states are float32.</summary>
    /// <param name="rule">The optimizer.</param>
    /// <param name="method">The rule compiled with the stand-ins.</param>
    /// <param name="data">The tensor.</param>
    /// <param name="hyperparameters">Those that are not as declared.</param>
    /// <param name="threads">The most threads of the processor.</param>
    /// <param name="order">How a device's threads take turns; null for the processor alone.</param>
    public static void AssertSame(
        CompiledRule rule, MethodInfo method, ReplayData data, IReadOnlyDictionary<string, double> hyperparameters,
        int threads, PtxOrder? order) =>
        Call(nameof(AssertSameOf), rule, [rule, method, data, hyperparameters, threads, order]);

    /// <summary>Compares a device with the scalar kernels for a tensor whose states are quantized.</summary>
    /// <inheritdoc cref="AssertSame"/>
    public static void AssertQuantizedSame(
        CompiledRule rule, ReplayData data, IReadOnlyDictionary<string, double> hyperparameters, PtxOrder order) =>
        Call(nameof(AssertQuantizedSameOf), rule, [rule, data, hyperparameters, order]);

    private static void Call(string method, CompiledRule rule, object?[] arguments) =>
        typeof(ReplayComparison).GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(rule.Type).Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);

    private static void AssertSameOf<TRule>(
        CompiledRule compiled, MethodInfo method, ReplayData data,
        IReadOnlyDictionary<string, double> hyperparameters, int threads, PtxOrder? order)
        where TRule : IOptimizerRule<TRule>, new()
    {
        TRule rule = RuleComparison.With<TRule>(hyperparameters);
        List<ReplayTensor> tensors =
            [.. SimdWidths.Supported.Select(width => ReplayTensor.OnProcessor(rule, data, width, threads))];
        try
        {
            if (order is { } known)
            {
                tensors.Add(ReplayTensor.OnDevice(rule, data, known));
            }

            var expected = new ReplayedRule(method, tensors[0].Sides, data.Parameter(), hyperparameters);
            bool isTaken = true;
            for (int step = 1; step <= Steps && isTaken; step++)
            {
                float[] gradient = data.Gradient(step);
                int?[] skipped = [.. tensors.Select(tensor => tensor.TryStep(gradient))];
                isTaken = skipped[0] is not null;
                int? skippedByMethod = isTaken ? expected.Step(gradient, step) : null;
                Assert.All(skipped, one => Assert.Equal(skippedByMethod, one));
                tensors.ForEach(tensor => tensor.AssertSame($"{compiled.Name}, {data}, step {step}", expected));
            }
        }
        finally
        {
            tensors.ForEach(tensor => tensor.Dispose());
        }
    }

    private static void AssertQuantizedSameOf<TRule>(
        CompiledRule compiled, ReplayData data, IReadOnlyDictionary<string, double> hyperparameters, PtxOrder order)
        where TRule : IOptimizerRule<TRule>, new()
    {
        TRule rule = RuleComparison.With<TRule>(hyperparameters);
        using ReplayTensor expected =
            ReplayTensor.OnProcessor(rule, data, SimdWidth.Scalar, threads: 1, isQuantized: true);
        using ReplayTensor actual = ReplayTensor.OnDevice(rule, data, order, isQuantized: true);
        for (int step = 1; step <= Steps; step++)
        {
            float[] gradient = data.Gradient(step);
            Assert.Equal(expected.TryStep(gradient), actual.TryStep(gradient));
            actual.AssertSame($"{compiled.Name}, {data}, 8-bit states, step {step}", expected);
        }
    }
}
