using ILGPU;
using ILGPU.Runtime;

namespace Requant.Runtime.Tests.Support;

/// <summary>Tensors and gradients of a few steps, always the same, with the values that kernels get wrong.</summary>
internal sealed class Workload(int seed, bool withBadGradients, params int[] lengths)
{
    public const int Steps = 3;

    /// <summary>Prime, so that bad gradients meet every position of a vector.</summary>
    private const int BadGradientStride = 397;

    public int[] Lengths { get; } = lengths;

    private const int HugeGradientStride = 1009;

    /// <summary>Gradients that are NaN or infinite, in all steps.</summary>
    public long BadGradientCount => withBadGradients
        ? Steps * Lengths.Sum(length => (long)((length + BadGradientStride - 1) / BadGradientStride))
        : 0;

    public float[][] Parameters()
    {
        var random = new Random(seed);
        return [.. Lengths.Select(length => Values(random, length))];
    }

    public float[][] Gradients(int step)
    {
        var random = new Random(seed + 1 + step);
        return [.. Lengths.Select(length => Spoil(Values(random, length), step))];
    }

    public Snapshot RunOnCpu<TRule>(TRule rule, OptimizerOptions options)
        where TRule : IOptimizerRule<TRule>
    {
        using var optimizer = new Optimizer<TRule>(rule, options);
        AddAll(optimizer);
        float[][] parameters = Parameters();
        for (int step = 0; step < Steps; step++)
        {
            float[][] gradients = Gradients(step);
            using var batch = new PinnedBatch(optimizer.Parameters, parameters, gradients);
            optimizer.Step(batch.Updates);
        }

        return Snapshot.Of(optimizer, parameters);
    }

    public Snapshot RunOnIlgpu<TRule>(TRule rule, OptimizerOptions options, Accelerator accelerator)
        where TRule : IOptimizerRule<TRule>
    {
        using var optimizer = new Optimizer<TRule>(rule, options with { Device = Device.Ilgpu(accelerator) });
        AddAll(optimizer);
        float[][] parameters = Parameters();
        MemoryBuffer1D<float, Stride1D.Dense>?[] parameterBuffers = Upload(accelerator, parameters);
        for (int step = 0; step < Steps; step++)
        {
            MemoryBuffer1D<float, Stride1D.Dense>?[] gradientBuffers = Upload(accelerator, Gradients(step));
            TensorUpdate[] updates =
            [
                .. optimizer.Parameters.Select((state, i) => TensorUpdate.Of<float, float>(
                    state, View(parameterBuffers[i]), View(gradientBuffers[i]))),
            ];
            optimizer.Step(updates);
            Array.ForEach(gradientBuffers, buffer => buffer?.Dispose());
        }

        for (int i = 0; i < parameters.Length; i++)
        {
            parameterBuffers[i]?.CopyToCPU(parameters[i]);
            parameterBuffers[i]?.Dispose();
        }

        return Snapshot.Of(optimizer, parameters);
    }

    private void AddAll<TRule>(Optimizer<TRule> optimizer)
        where TRule : IOptimizerRule<TRule>
    {
        for (int i = 0; i < Lengths.Length; i++)
        {
            optimizer.Add($"tensor{i}", Lengths[i]);
        }
    }

    /// <summary>ILGPU has no empty buffers; an empty tensor is an empty view.</summary>
    private static MemoryBuffer1D<float, Stride1D.Dense>?[] Upload(Accelerator accelerator, float[][] arrays) =>
        [.. arrays.Select(array => array.Length == 0 ? null : accelerator.Allocate1D(array))];

    private static ArrayView<float> View(MemoryBuffer1D<float, Stride1D.Dense>? buffer) =>
        buffer is null ? ArrayView<float>.Empty : buffer.View;

    private static float[] Values(Random random, int length)
    {
        var values = new float[length];
        for (int i = 0; i < length; i++)
        {
            values[i] = (i % 211) switch
            {
                0 => 0f,
                1 => -0f,
                2 => 1e-42f, // denormal
                3 => -3e-20f, // its square underflows
                _ => (random.NextSingle() - 0.5f) * MathF.Pow(10f, random.Next(-4, 2)),
            };
        }

        // Whole blocks of zeros must stay zero.
        Array.Clear(values, length / 2, length / 4);
        return values;
    }

    private float[] Spoil(float[] gradients, int step)
    {
        // One step has gradients whose squares overflow; in all steps they would drown the other elements of their
        // blocks.
        for (int i = 5; step == 1 && i < gradients.Length; i += HugeGradientStride)
        {
            gradients[i] = 1e25f;
        }

        for (int i = 0; withBadGradients && i < gradients.Length; i += BadGradientStride)
        {
            gradients[i] = (((i / BadGradientStride) + step) % 3) switch
            {
                0 => float.NaN,
                1 => float.PositiveInfinity,
                _ => float.NegativeInfinity,
            };
        }

        return gradients;
    }
}
