using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Requant.Distributed;
using Requant.Distributed.Sharding;
using Requant.Optimizers;
using Spectre.Console;

namespace Requant.Bench.Ranks;

/// <summary><c>bench -- scale</c>: what steps would cost on many ranks, and a step of a thousand of them, which are
/// threads.</summary>
internal static unsafe class ScaleCommand
{
    private const int DefaultThreads = 1024;

    private const double GigabitsPerByte = 8e-9;

    private static readonly int[] Sizes = [8, 64, 256, 1024, 4096];

    public static Command Create()
    {
        var link = new Option<double>("--link")
        {
            Description = "Gigabits a second of a rank's link, which is assumed.", DefaultValueFactory = _ => 100,
        };
        var message = new Option<double>("--message")
        {
            Description = "Microseconds of a message, as bench -- ranks measures them.", DefaultValueFactory = _ => 1,
        };
        var threads = new Option<int>("--threads")
        {
            Description = "Ranks of the step that is taken.", DefaultValueFactory = _ => DefaultThreads,
        };
        var command = new Command("scale", "A model of steps on many ranks, and a step of many ranks that are threads.")
        {
            link, message, threads,
        };
        command.SetAction(result =>
        {
            ScaleConstants constants = Measure(result.GetValue(link), result.GetValue(message));
            Console.WriteLine(
                $"messages {constants.SecondsPerMessage * 1e6:F2} us, additions "
                + $"{constants.AddedBytesPerSecond / 1e9:F1} GB/s, 8-bit Adam "
                + $"{constants.UpdatedElementsPerSecond / 1e6:F0} million elements/s, link "
                + $"{constants.WireBytesPerSecond * GigabitsPerByte:F0} Gbit/s (assumed)");
            Print("7B", Llama(32, 4096, 11008, 32000, keyWidth: 4096), constants);
            Print("70B", Llama(80, 8192, 28672, 32000, keyWidth: 1024), constants);
            Simulate(result.GetValue(threads));
            return 0;
        });
        return command;
    }

    private static void Print(string name, IReadOnlyList<long> tensors, ScaleConstants constants)
    {
        string title = $"{name}: {tensors.Sum() / 1e9:F2} billion parameters, bfloat16";
        Table table = new Table { Title = new TableTitle(title) }
            .AddColumns("ranks", "parts", "fullest / mean", "states GB", "buffers MB", "messages", "sent GB", "step s");
        foreach (int size in Sizes)
        {
            var model = ScaleModel.Of(tensors, size, constants);
            table.AddRow(
                $"{size}", $"{model.Pieces}", $"{model.Fullest:F3}", $"{model.StateBytes / 1e9:F3}",
                $"{model.ScratchBytes / 1e6:F0}", $"{model.Messages}", $"{model.WireBytes / 1e9:F2}",
                $"{model.Seconds:F2}");
        }

        AnsiConsole.Write(table);
    }

    private static List<long> Llama(int layers, long width, long inner, long tokens, long keyWidth)
    {
        List<long> tensors = [tokens * width, width, tokens * width];
        for (int layer = 0; layer < layers; layer++)
        {
            tensors.AddRange([
                width * width, width * keyWidth, width * keyWidth, width * width, width * inner, width * inner,
                inner * width, width, width,
            ]);
        }

        return tensors;
    }

    private static ScaleConstants Measure(double gigabits, double message)
    {
        const int Elements = 1 << 22;
        const int Sources = 4;
        nint[] sources = [.. Enumerable.Range(0, Sources).Select(_ => Memory(Elements))];
        double adding = Best(() => OrderedSum.Add(
            sources, carried: 0, isFirst: true, sources[0], Elements, ElementType.Float32, Sources));
        using var optimizer = new Optimizer<Adam>(new Adam(), new OptimizerOptions { MaxThreads = 1 });
        ParameterState state = optimizer.Add("w", Elements);
        double updating = Best(() => optimizer.Step(
            new TensorUpdate(state, sources[0], sources[1], ElementType.Float32, ElementType.Float32)));
        return new ScaleConstants(
            gigabits / GigabitsPerByte, message * 1e-6, (double)Sources * Elements * sizeof(float) / adding,
            Elements / updating);
    }

    private static double Best(Action action)
    {
        const int Times = 11;
        double best = double.PositiveInfinity;
        for (int i = 0; i < Times; i++)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    /// <summary>A step of many ranks, with the library's own code: what each sends and holds.</summary>
    private static void Simulate(int size)
    {
        ShardedParameter[] model =
        [
            .. Enumerable.Range(0, 6).Select(layer => new ShardedParameter($"w{layer}", [256, 256])),
            .. Enumerable.Range(0, 6).Select(layer => new ShardedParameter($"b{layer}", [256])),
        ];
        long[] messages = new long[size];
        long[] sent = new long[size];
        long[] states = new long[size];
        long[] scratch = new long[size];
        long start = Stopwatch.GetTimestamp();
        Communicator.RunThreads(size, inner =>
        {
            using var ranks = new MeasuredCommunicator(inner);
            using var optimizer = new ShardedOptimizer<Adam>(
                ranks, new Adam(), model, new OptimizerOptions { MaxThreads = 1, BlockSize = 16 });
            nint[] memory = [.. model.SelectMany(one => new[] { Memory(one.Length), Memory(one.Length) })];
            ranks.Reset();
            optimizer.Step([.. model.Select((_, i) => new ShardedUpdate(memory[2 * i], memory[(2 * i) + 1]))]);
            messages[ranks.Rank] = ranks.Messages;
            sent[ranks.Rank] = ranks.SentBytes;
            states[ranks.Rank] = optimizer.StateBytes;
            scratch[ranks.Rank] = optimizer.ScratchBytes;
            Array.ForEach(memory, one => NativeMemory.AlignedFree((void*)one));
        });
        long elements = model.Sum(one => one.Length);
        Console.WriteLine(
            $"{size} ranks that are threads, {elements} parameters: a step in "
            + $"{Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s with starting; a rank sends at most "
            + $"{messages.Max()} messages and {sent.Max()} bytes, all "
            + $"{sent.Sum() / (2.0 * (size - 1) * elements * sizeof(float)):F3} of the least; states {states.Max()} "
            + $"bytes at most, {states.Average():F0} in the mean; buffers {scratch.Max()} bytes at most.");
    }

    private static nint Memory(long elements)
    {
        nuint bytes = (nuint)Math.Max(elements, 1) * sizeof(float);
        void* memory = NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(memory, bytes);
        return (nint)memory;
    }
}
