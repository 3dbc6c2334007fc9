using System.Diagnostics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Bench.Cpu;

/// <summary>Times the contestants in turn, so that drift of the machine's speed meets them all.</summary>
internal static class CpuBenchmark
{
    /// <summary>Rounds and time enough for the JIT to reach its last tier.</summary>
    private const int WarmUpRounds = 20;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    /// <summary>Measures everything.</summary>
    /// <param name="plan">What to measure.</param>
    /// <param name="progress">Is told how many rounds are done, of <see cref="RoundsOf"/>.</param>
    public static IReadOnlyList<Measurement> Run(Plan plan, Action<int, string> progress)
    {
        var results = new List<Measurement>();
        int done = 0;
        foreach (ElementType type in plan.Types)
        {
            using var memory = new SharedMemory(type, plan.Shapes);
            using var contest = new Contest();
            Cell[] cells =
            [
                .. from shape in plan.Shapes from threads in plan.Threads from rule in plan.Rules
                   from codecs in plan.Codecs select Enter(contest, plan, memory, shape, threads, rule, codecs),
            ];
            string types = Plan.NameOf(type);
            int before = done;
            contest.Measure(plan.Runs, round => progress(done = before + round, $"{types}, round {round}"));
            results.AddRange(cells.Select(cell => cell.Result()));
        }

        return results;
    }

    /// <summary>Timed rounds of a plan.</summary>
    public static int RoundsOf(Plan plan) => plan.Types.Count * plan.Runs;

    private static Cell Enter(
        Contest contest, Plan plan, SharedMemory memory, ModelShape shape, int threads, string name, StateCodecs codecs)
    {
        RuleBench rule = Plan.Rule(name);
        Func<Parameter[]> parameters = () => memory.Parameters(shape);
        return new Cell(
            name,
            codecs,
            memory,
            shape,
            contest.Enter(
                $"stream {shape.Total} {rule.States}", threads,
                () => new StreamingPass(memory, shape.Total, rule.States, threads)),
            contest.Enter(
                $"requant {shape} {name} {codecs}", threads, () => rule.Create(memory, shape, plan, codecs, threads))!,
            contest.Enter($"fused {shape} {name}", threads, () => FusedStep.Create(name, parameters)),
            contest.Enter($"torchsharp {shape} {name}", threads, () => TorchSharpStep.Create(name, parameters)));
    }

    private sealed record Cell(
        string Rule, StateCodecs Codecs, SharedMemory Memory, ModelShape Shape, Entry? Stream, Entry Requant,
        Entry? Fused,
        Entry? TorchSharp)
    {
        public Measurement Result()
        {
            RuleBench rule = Plan.Rule(Rule);
            double ms = Requant.Median;
            var row = new Row(
                Rule,
                Codecs.ToString(),
                Plan.NameOf(Memory.Type),
                Shape.Tensors,
                Shape.Elements,
                Requant.Threads,
                ms,
                (3 * Memory.ElementBytes) + (2 * (rule.States + rule.AbsmaxBytes)),
                ms / Stream!.Median,
                Fused?.Median / ms,
                TorchSharp?.Median / ms);
            return new Measurement(
                row, Shape, Requant.Least, Requant.Least / Stream.Least, Fused?.Least / Requant.Least);
        }
    }

    /// <summary>A contestant and its times, in milliseconds.</summary>
    private sealed record Entry(IContestant Contestant, int Threads)
    {
        public List<double> Times { get; } = [];

        public double Least => Times.Min();

        public double Median
        {
            get
            {
                double[] sorted = [.. Times.Order()];
                return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
            }
        }
    }

    private sealed class Contest : IDisposable
    {
        private readonly Dictionary<(string Name, int Threads), Entry?> _entries = [];

        /// <summary>Adds a contestant, unless there is one of that name or no such contestant.</summary>
        public Entry? Enter(string name, int threads, Func<IContestant?> create)
        {
            if (!_entries.TryGetValue((name, threads), out Entry? entry))
            {
                entry = create() is { } contestant ? new Entry(contestant, threads) : null;
                _entries.Add((name, threads), entry);
            }

            return entry;
        }

        public void Measure(int runs, Action<int> progress)
        {
            // TorchSharp's steps take the longest, and nothing of them is compiled here.
            Entry[] all = [.. _entries.Values.OfType<Entry>()];
            Entry[] compiled = [.. all.Where(entry => entry.Contestant is not TorchSharpStep)];
            long start = Stopwatch.GetTimestamp();
            for (int round = 1; round < WarmUpRounds || Stopwatch.GetElapsedTime(start) < WarmUp; round++)
            {
                Round(compiled);
            }

            Round(all);
            foreach (Entry entry in all)
            {
                entry.Times.Clear();
            }

            for (int round = 1; round <= runs; round++)
            {
                Round(all);
                progress(round);
            }
        }

        private static void Round(Entry[] entries)
        {
            foreach (Entry entry in entries)
            {
                set_num_threads(entry.Threads);

                // Threads of the contestant before, which spin for a while after their work, are still in the way of
                // the first step.
                entry.Contestant.Step();
                long start = Stopwatch.GetTimestamp();
                entry.Contestant.Step();
                entry.Times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        public void Dispose()
        {
            foreach (Entry entry in _entries.Values.OfType<Entry>())
            {
                entry.Contestant.Dispose();
            }
        }
    }
}

/// <summary>A row and what the table shows beside it.</summary>
/// <param name="Row">The row.</param>
/// <param name="Shape">Its model.</param>
/// <param name="LeastMs">The fastest step.</param>
/// <param name="LeastRatioStream">That over the fastest pass over the same bytes.</param>
/// <param name="LeastSpeedupTorchFused">The fastest fused step of libtorch over it.</param>
internal sealed record Measurement(
    Row Row, ModelShape Shape, double LeastMs, double LeastRatioStream, double? LeastSpeedupTorchFused)
{
    public double NanosecondsPerParameter => Row.Ms / Shape.Total * 1e6;
}
