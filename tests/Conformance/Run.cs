using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using Requant.Cpu;

namespace Requant.Conformance;

/// <summary>Everything that a few steps leave behind: parameters, codes, absmax, float32 states and the skip count.</summary>
internal sealed record Run(float[] Parameters, byte[] States, long Skipped)
{
    public const int StepCount = 3;

    /// <summary>Runs the CPU executor.</summary>
    public static Run OnCpu<TRule>(TRule rule, Case data, SimdWidth width, int threads) where TRule : IOptimizerRule<TRule>
    {
        using var optimizer = new Optimizer<TRule>(rule, data.Options with { SimdWidth = width, MaxThreads = threads });
        ParameterState state = optimizer.Add("w", data.Length);
        float[] parameters = data.Parameters;
        for (int step = 0; step < StepCount; step++)
        {
            optimizer.Step(state, parameters, data.Gradient(step));
        }

        return new Run(parameters, Collect(state), optimizer.SkippedElements);
    }

    /// <summary>Runs an ILGPU accelerator.</summary>
    public static Run OnIlgpu<TRule>(TRule rule, Case data, Accelerator accelerator) where TRule : IOptimizerRule<TRule>
    {
        using var optimizer = new Optimizer<TRule>(rule, data.Options with { Device = Device.Ilgpu(accelerator) });
        ParameterState state = optimizer.Add("w", data.Length);
        float[] parameters = data.Parameters;
        using MemoryBuffer1D<float, Stride1D.Dense> parameter = accelerator.Allocate1D(parameters);
        for (int step = 0; step < StepCount; step++)
        {
            using MemoryBuffer1D<float, Stride1D.Dense> gradient = accelerator.Allocate1D(data.Gradient(step));
            optimizer.Step(state, parameter.View.BaseView, gradient.View.BaseView);
        }

        accelerator.Synchronize();
        parameter.CopyToCPU(parameters);
        return new Run(parameters, Collect(state), optimizer.SkippedElements);
    }

    /// <summary>Fails unless both runs left the same bits.</summary>
    public void AssertSame(Run other, string what)
    {
        Assert.Equal(Skipped, other.Skipped);
        for (int i = 0; i < Parameters.Length; i++)
        {
            int expected = BitConverter.SingleToInt32Bits(Parameters[i]);
            int actual = BitConverter.SingleToInt32Bits(other.Parameters[i]);
            Assert.True(expected == actual, $"{what}: parameter {i} is {other.Parameters[i]:R} instead of {Parameters[i]:R}");
        }

        Assert.True(States.AsSpan().SequenceEqual(other.States), $"{what}: states differ at byte {States.AsSpan().CommonPrefixLength(other.States)}");
    }

    private static byte[] Collect(ParameterState state) => [.. state.States.SelectMany(one => one.IsQuantized
        ? one.Codes.ToArray().Concat(MemoryMarshal.AsBytes(one.Absmax).ToArray())
        : MemoryMarshal.AsBytes(one.Values).ToArray())];
}

/// <summary>A tensor and how its states are kept; with the rule's own block sizes when there is none.</summary>
internal sealed record Case(int Length, int? BlockSize, bool Quantized, bool HasNonFinite)
{
    private const int Seed = 20241;

    public OptimizerOptions Options => new()
    {
        BlockSize = BlockSize,
        MinQuantizedLength = Quantized ? 0 : long.MaxValue,
    };

    public float[] Parameters => Data.Parameters(Length, Seed);

    public float[] Gradient(int step) =>
        HasNonFinite ? Data.Gradient(Length, Seed + step + 1) : Data.PlainGradient(Length, Seed + step + 1);

    public override string ToString() =>
        $"{Length} elements, block {BlockSize?.ToString() ?? "as declared"}, {(Quantized ? "8-bit" : "float32")}{(HasNonFinite ? ", hard gradients" : "")}";
}
