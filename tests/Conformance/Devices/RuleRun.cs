using System.Runtime.InteropServices;
using Requant.CompilerServices;
using Requant.Ptx;
using Requant.Tests;

namespace Requant.Conformance.Devices;

/// <summary>A tensor and how its states are kept.</summary>
internal sealed record RuleCase(int Length, int BlockSize, bool Quantized)
{
    private const int Seed = 4127;

    public OptimizerOptions Options => new()
    {
        BlockSize = BlockSize,
        MinQuantizedLength = Quantized ? 0 : long.MaxValue,
        SimdWidth = SimdWidth.Scalar,
        MaxThreads = 1,
    };

    public float[] Parameters => HardValues.Parameters(Length, Seed);

    public float[] Gradient(int step) => HardValues.Hard(Length, Seed + step + 1);

    public override string ToString() =>
        $"{Length} elements, block {BlockSize}, {(Quantized ? "8-bit" : "float32")}";
}

/// <summary>What a few steps leave behind.</summary>
internal sealed record RuleRun(float[] Parameters, byte[] States, long Skipped)
{
    public const int StepCount = 2;

    /// <summary>The scalar kernels, which are what a rule means.</summary>
    public static RuleRun Scalar<TRule>(TRule rule, RuleCase data) where TRule : IOptimizerRule<TRule>
    {
        using var optimizer = new Optimizer<TRule>(rule, data.Options);
        ParameterState state = optimizer.Add("w", data.Length);
        float[] parameters = data.Parameters;
        for (int step = 0; step < StepCount; step++)
        {
            optimizer.Step(state, parameters, data.Gradient(step));
        }

        return new RuleRun(parameters, Collect(state), optimizer.SkippedElements);
    }

    /// <summary>The PTX.</summary>
    public static RuleRun Ptx<TRule>(TRule rule, RuleCase data, PtxDevice device) where TRule : IOptimizerRule<TRule>
    {
        using var optimizer = new PtxOptimizer<TRule>(rule, data.Options, device);
        ParameterState state = optimizer.Add("w", data.Length);
        float[] parameters = data.Parameters;
        for (int step = 0; step < StepCount; step++)
        {
            optimizer.Step(state, parameters, data.Gradient(step));
        }

        return new RuleRun(parameters, Collect(state), optimizer.SkippedElements);
    }

    /// <summary>Fails unless both runs left the same bits.</summary>
    public void AssertSame(RuleRun other, string what)
    {
        Assert.True(Skipped == other.Skipped, $"{what}: {other.Skipped} elements were skipped instead of {Skipped}");
        for (int i = 0; i < Parameters.Length; i++)
        {
            int expected = BitConverter.SingleToInt32Bits(Parameters[i]);
            int actual = BitConverter.SingleToInt32Bits(other.Parameters[i]);
            Assert.True(
                expected == actual, $"{what}: parameter {i} is {other.Parameters[i]:R} instead of {Parameters[i]:R}");
        }

        Assert.True(
            States.AsSpan().SequenceEqual(other.States),
            $"{what}: states differ at byte {States.AsSpan().CommonPrefixLength(other.States)}");
    }

    private static byte[] Collect(ParameterState state) =>
        [.. state.States.Where(one => one.IsAllocated).SelectMany(one => one.IsQuantized
            ? one.Codes.ToArray().Concat(MemoryMarshal.AsBytes(one.Absmax).ToArray())
            : MemoryMarshal.AsBytes(one.Values).ToArray())];
}
