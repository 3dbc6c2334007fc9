using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Requant.Distributed;
using Requant.Optimizers;

namespace Requant.Bench.Ranks;

/// <summary>One rank of a job that measures steps of 8-bit Adam on a model like GPT-2, an eighth as wide.</summary>
internal static unsafe class RanksWorker
{
    private const int Layers = 12;
    private const int Width = 384;

    private const int WarmUps = 3;

    /// <summary>Milliseconds after which collectives are not repeated: with more ranks than cores, those of MPICH take
    /// tens of seconds, in which ranks that wait keep the others from running.</summary>
    public const double PatienceWithRaw = 2000;

    /// <summary>Measures, and writes a line of JSON on rank 0.</summary>
    public static void Run(int rounds)
    {
        using var ranks = new MeasuredCommunicator(Communicator.Mpi());
        ShardedParameter[] model = [.. Model()];
        using var optimizer = new ShardedOptimizer<Adam>(
            ranks, new Adam(), model, new OptimizerOptions { MaxThreads = 1 });
        ShardedUpdate[] updates = [.. model.Select(one => new ShardedUpdate(Memory(one.Length), Memory(one.Length)))];
        long own = optimizer.Shard.Sum(part => part.Length) * sizeof(float);
        long[] parts = Gathered(ranks, own);
        var raw = new RawMpi(ranks.Rank, parts);
        List<double> exchanges = [];
        List<double> raws = [];
        List<double> steps = [];
        bool isRawSlow = false;
        long sent = 0;
        long messages = 0;
        for (int round = 0; round < WarmUps + rounds; round++)
        {
            ranks.Barrier("a step");
            ranks.Reset();
            long start = Stopwatch.GetTimestamp();
            optimizer.Step(updates);
            double step = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            double exchange = ranks.Elapsed.TotalMilliseconds;
            (sent, messages) = (ranks.SentBytes, ranks.Messages);
            if (round >= WarmUps)
            {
                exchanges.Add(exchange);
                steps.Add(step);
            }

            if (isRawSlow)
            {
                continue;
            }

            ranks.Barrier("raw collectives");
            start = Stopwatch.GetTimestamp();
            raw.Exchange();
            double rawTime = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            isRawSlow = Gathered(ranks, rawTime).Max() > PatienceWithRaw;
            if (round >= WarmUps || isRawSlow)
            {
                raws.Add(rawTime);
            }
        }

        double Slowest(List<double> times) => Gathered(ranks, times.Order().ElementAt(times.Count / 2)).Max();
        long parameters = model.Sum(one => one.Length);
        long[] states = Gathered(ranks, optimizer.StateBytes);
        var result = new RankTimes(
            ranks.Library, ranks.Size, parameters, Gathered(ranks, sent).Sum(),
            2L * (ranks.Size - 1) * parameters * sizeof(float), Gathered(ranks, messages).Max(), Slowest(exchanges),
            Slowest(raws), Slowest(steps), states.Max() / states.Average(), Slowest(SmallMessages(ranks)));
        if (ranks.Rank == 0)
        {
            Console.WriteLine(JsonSerializer.Serialize(result, RanksJson.Default.RankTimes));
        }
    }

    /// <summary>Times of small messages around the ring of ranks, in microseconds each.</summary>
    private static List<double> SmallMessages(MeasuredCommunicator ranks)
    {
        const int Messages = 1000;
        const int Times = 21;
        nint sent = Memory(Messages);
        nint received = Memory(Messages);
        var sends = new Transfer[Messages];
        var receives = new Transfer[Messages];
        Array.Fill(sends, new Transfer((ranks.Rank + 1) % ranks.Size, sent, sizeof(int)));
        Array.Fill(receives, new Transfer((ranks.Rank + ranks.Size - 1) % ranks.Size, received, sizeof(int)));
        List<double> times = [];
        for (int i = 0; i < Times; i++)
        {
            ranks.Barrier("small messages");
            long start = Stopwatch.GetTimestamp();
            ranks.Begin(sends, receives, "small messages").Wait();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds / Messages);
        }

        return times;
    }

    private static IEnumerable<ShardedParameter> Model()
    {
        ShardedParameter Of(string name, params long[] shape) => new(name, shape);
        yield return Of("tokens", 16384, Width);
        yield return Of("positions", 1024, Width);
        for (int layer = 0; layer < Layers; layer++)
        {
            yield return Of($"{layer}.norm1", Width);
            yield return Of($"{layer}.attention", 3 * Width, Width);
            yield return Of($"{layer}.attention.bias", 3 * Width);
            yield return Of($"{layer}.projection", Width, Width);
            yield return Of($"{layer}.projection.bias", Width);
            yield return Of($"{layer}.norm2", Width);
            yield return Of($"{layer}.up", 4 * Width, Width);
            yield return Of($"{layer}.up.bias", 4 * Width);
            yield return Of($"{layer}.down", Width, 4 * Width);
            yield return Of($"{layer}.down.bias", Width);
        }
    }

    private static T[] Gathered<T>(MeasuredCommunicator ranks, T value) where T : unmanaged
    {
        T[] all = new T[ranks.Size];
        ranks.Gather(
            MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)), MemoryMarshal.AsBytes(all.AsSpan()), "results");
        return all;
    }

    private static nint Memory(long elements)
    {
        float* memory = (float*)NativeMemory.AlignedAlloc((nuint)Math.Max(elements, 1) * sizeof(float), 64);
        for (long i = 0; i < elements; i++)
        {
            memory[i] = 1e-3f * (i % 1000);
        }

        return (nint)memory;
    }
}
