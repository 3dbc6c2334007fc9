using System.Diagnostics;
using Requant.Optimizers;
using static TorchSharp.torch;

namespace Requant.Bench.Cpu;

/// <summary>Times the contestants in turn, so that drift of the machine's speed meets them all.</summary>
internal static class CpuBenchmark
{
    /// <summary>Enough for the JIT to reach its last tier.</summary>
    private const int WarmUpSteps = 40;

    private const string Stream = "one pass over the same bytes";

    public static IReadOnlyList<Row> Run(int elements, int threads, int runs)
    {
        set_num_threads(threads);
        using var memory = new SharedTensor(elements);
        IContestant[] contestants =
        [
            new StreamingPass(Stream, memory, threads),
            new RequantStep<Adam>("Requant Adam, 8-bit", new Adam(), memory, threads, quantized: true),
            new RequantStep<Adam>("Requant Adam, 8-bit, bfloat16", new Adam(), memory, threads, quantized: true, ElementType.BFloat16),
            new RequantStep<Adam>("Requant Adam, 8-bit, float16", new Adam(), memory, threads, quantized: true, ElementType.Float16),
            new RequantStep<AdamW>("Requant AdamW, 8-bit", new AdamW(), memory, threads, quantized: true),
            new RequantStep<Adam>("Requant Adam, float32", new Adam(), memory, threads, quantized: false),
            new FusedAdamWStep(memory),
            TorchSharpStep.Adam(memory),
            TorchSharpStep.AdamW(memory),
        ];
        try
        {
            return Measure(contestants, elements, runs);
        }
        finally
        {
            foreach (IContestant contestant in contestants)
            {
                contestant.Dispose();
            }
        }
    }

    private static IReadOnlyList<Row> Measure(IContestant[] contestants, int elements, int runs)
    {
        foreach (IContestant contestant in contestants)
        {
            for (int i = 0; i < (contestant is TorchSharpStep ? 2 : WarmUpSteps); i++)
            {
                contestant.Step();
            }
        }

        double[][] times = [.. contestants.Select(_ => new double[runs])];
        for (int run = 0; run < runs; run++)
        {
            for (int i = 0; i < contestants.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                contestants[i].Step();
                times[i][run] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
        }

        double stream = Median(times[0]);
        return [.. contestants.Select((contestant, i) => new Row(
            contestant.Name,
            Median(times[i]),
            contestant.BytesPerParameter,
            contestant.BytesPerParameter * elements / Median(times[i]) / 1e6,
            Median(times[i]) / stream,
            contestant.StateBytesPerParameter))];
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
