using System.Runtime.InteropServices;
using Requant.CompilerServices;
using Requant.Numerics;
using Requant.Ptx;
using Requant.Tests;

namespace Requant.Conformance.Devices;

/// <summary>A tensor of a batch.</summary>
/// <param name="Length">Elements.</param>
/// <param name="Elements">What the elements of parameter and gradient are.</param>
/// <param name="OffsetElements">Elements from an aligned address to the parameter's first one, on the device.</param>
internal sealed record BatchTensor(int Length, ElementType Elements, int OffsetElements = 0)
{
    public override string ToString() => $"{Length} {Elements.Name()} elements at {OffsetElements}";
}

/// <summary>What a few steps leave of a batch of tensors.</summary>
internal sealed record TensorRun(byte[][] Parameters, byte[][] States, long Skipped)
{
    public const int StepCount = 2;
    private const int Seed = 911;

    private static OptimizerOptions OptionsOf(bool quantized) => new()
    {
        MinQuantizedLength = quantized ? 0 : long.MaxValue,
        SimdWidth = SimdWidth.Scalar,
        MaxThreads = 1,
    };

    /// <summary>The scalar kernels, which are what a rule means.</summary>
    public static unsafe TensorRun Scalar<TRule>(TRule rule, BatchTensor[] tensors, bool quantized)
        where TRule : IOptimizerRule<TRule>
    {
        using var optimizer = new Optimizer<TRule>(rule, OptionsOf(quantized));
        ParameterState[] states = [.. tensors.Select((tensor, i) => optimizer.Add($"w{i}", tensor.Length))];
        byte[][] parameters = [.. tensors.Select(ParametersOf)];
        for (int step = 0; step < StepCount; step++)
        {
            for (int i = 0; i < tensors.Length; i++)
            {
                byte[] gradient = GradientOf(tensors[i], step);
                fixed (byte* p = parameters[i])
                fixed (byte* g = gradient)
                {
                    optimizer.Step(
                        [new TensorUpdate(states[i], (nint)p, (nint)g, tensors[i].Elements, tensors[i].Elements)]);
                }
            }
        }

        return new TensorRun(parameters, Array.ConvertAll(states, Collect), optimizer.SkippedElements);
    }

    /// <summary>The PTX, all tensors in each step.</summary>
    public static TensorRun Ptx<TRule>(TRule rule, BatchTensor[] tensors, bool quantized, out PtxStepProfile lastStep)
        where TRule : IOptimizerRule<TRule>
    {
        using var optimizer = new PtxOptimizer<TRule>(rule, OptionsOf(quantized));
        ParameterState[] states = [.. tensors.Select((tensor, i) => optimizer.Add($"w{i}", tensor.Length))];
        byte[][] parameters = [.. tensors.Select(ParametersOf)];
        for (int step = 0; step < StepCount; step++)
        {
            optimizer.Step([.. tensors.Select((tensor, i) => new PtxTensor(
                states[i], parameters[i], GradientOf(tensor, step), tensor.Elements, tensor.Elements)
            {
                ParameterOffset = tensor.OffsetElements * tensor.Elements.Size(),
            })]);
        }

        lastStep = optimizer.LastStep;
        return new TensorRun(parameters, Array.ConvertAll(states, Collect), optimizer.SkippedElements);
    }

    /// <summary>Fails unless both runs left the same bits.</summary>
    public void AssertSame(TensorRun other, string what)
    {
        Assert.True(Skipped == other.Skipped, $"{what}: {other.Skipped} elements were skipped instead of {Skipped}");
        for (int i = 0; i < Parameters.Length; i++)
        {
            Same(Parameters[i], other.Parameters[i], $"{what}: parameter {i}");
            Same(States[i], other.States[i], $"{what}: states of tensor {i}");
        }

        static void Same(byte[] expected, byte[] actual, string name) => Assert.True(
            expected.AsSpan().SequenceEqual(actual),
            $"{name} differs at byte {expected.AsSpan().CommonPrefixLength(actual)}");
    }

    private static byte[] ParametersOf(BatchTensor tensor) =>
        ElementBytes.Of(HardValues.Parameters(tensor.Length, Seed), tensor.Elements);

    private static byte[] GradientOf(BatchTensor tensor, int step) =>
        ElementBytes.Of(HardValues.Sparse(tensor.Length, Seed + step + 1), tensor.Elements);

    private static byte[] Collect(ParameterState state) =>
        [.. state.States.Where(one => one.IsAllocated).SelectMany(one => one.IsQuantized
            ? one.Codes.ToArray().Concat(MemoryMarshal.AsBytes(one.Absmax).ToArray())
            : MemoryMarshal.AsBytes(one.Values).ToArray())];
}
