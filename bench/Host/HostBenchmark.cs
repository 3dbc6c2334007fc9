using System.Diagnostics;
using Requant.Bench.Cpu;
using Requant.Optimizers;
using Requant.Ptx;

namespace Requant.Bench.Host;

/// <summary>What a step on a device costs the host: from the call to its return, on a device that does
/// nothing.</summary>
internal static class HostBenchmark
{
    /// <summary>Until all methods are compiled for good.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    /// <summary>Times steps of 8-bit Adam, bfloat16 parameters and gradients, learning rates as a scheduler sets
    /// them.</summary>
    /// <param name="shape">The model.</param>
    /// <param name="steps">Timed steps.</param>
    public static HostRow Run(ModelShape shape, int steps)
    {
        using var device = new InterpretedCuda(isNull: true);
        using var adam = new Optimizer<Adam>(
            new Adam(), new OptimizerOptions { Device = device.Device, MinQuantizedLength = 0 });
        TensorUpdate[] updates =
        [
            .. Enumerable.Range(0, shape.Tensors).Select(i => new TensorUpdate(
                adam.Add($"{i}", shape.Elements), AddressOf(shape, 2 * i), AddressOf(shape, (2 * i) + 1),
                ElementType.BFloat16, ElementType.BFloat16)),
        ];
        var milliseconds = new double[steps];
        for (long begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin) < WarmUp;)
        {
            Step(adam, updates);
        }

        for (int step = 0; step < steps; step++)
        {
            milliseconds[step] = Step(adam, updates);
        }

        Array.Sort(milliseconds);
        return new HostRow(shape.ToString(), milliseconds[steps / 2], milliseconds[0]);
    }

    /// <summary>Takes a step and returns its milliseconds.</summary>
    private static double Step(Optimizer<Adam> adam, TensorUpdate[] updates)
    {
        adam.Rule = adam.Rule with { Lr = adam.Rule.Lr * 0.9999f };
        long start = Stopwatch.GetTimestamp();
        adam.Step(updates);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>Nothing is there: the device does not look.</summary>
    private static nint AddressOf(ModelShape shape, int number) =>
        (nint)((1L << 44) + (number * (((long)shape.Elements * sizeof(ushort)) + 256) / 256 * 256));
}

/// <summary>What a step costs the host.</summary>
/// <param name="Shape">The model.</param>
/// <param name="Median">Milliseconds.</param>
/// <param name="Least">Milliseconds.</param>
internal sealed record HostRow(string Shape, double Median, double Least);
