using System.Runtime.InteropServices;
using Requant.Optimizers.Tests.Matrices;

namespace Requant.Optimizers.Tests;

/// <summary>Alone in the process, which is measured as a whole: pool threads count as well.</summary>
[CollectionDefinition(nameof(StepMemoryTests), DisableParallelization = true)]
[Collection(nameof(StepMemoryTests))]
public sealed class StepMemoryTests
{
    /// <summary>Enough for several chunks of work, with a ragged end.</summary>
    private const int Length = (1 << 18) + 17;

    /// <summary>Rules may select another kernel at the first step than at the second.</summary>
    private const int FirstSteps = 2;

    private const int CountedSteps = 10;

    /// <summary>What a step allocates shows in every window; what the runtime's own threads do now and
    /// then, in few.</summary>
    private const int Windows = 5;

    /// <summary>Large against what else the process may touch meanwhile.</summary>
    private const int LargeLength = 1 << 24;

    /// <summary>A byte for two elements: a quarter of a temporary of 16-bit elements, half of one of codes.</summary>
    private const long MostBytes = LargeLength / 2;

    public static TheoryData<string, ElementType, int> Cases =>
    [
        .. from rule in (string[])["Adam", "AdamW, amsgrad", "Momentum", "Lamb", "Lars", "Lion",
            "RMSProp, centered, momentum"]
           from type in (ElementType[])[ElementType.Float32, ElementType.BFloat16]
           from threads in (int[])[1, 2]
           select (rule, type, threads),
    ];

    [Theory, MemberData(nameof(Cases))]
    public void Step_AfterTheFirst_AllocatesNoManagedMemoryOnAnyThread(string rule, ElementType type, int threads) =>
        ReferenceTable.Run(rule, new ManagedMemory(type, threads, [Length], [10], [Length / 3]));

    [Theory]
    [InlineData("AdamW, amsgrad", ElementType.Float32)]
    [InlineData("Lamb", ElementType.Float32)]
    [InlineData("Lamb", ElementType.BFloat16)]
    public void Step_AfterTheFirst_HasNoTemporariesOfTensorSize(string rule, ElementType type)
    {
        Assert.SkipUnless(File.Exists(ResidentMemory.Reset), "The peak of a process's memory is reset by Linux alone.");
        ReferenceTable.Run(rule, new PeakMemory(type));
    }

    /// <summary>Matrices of several chunks of work, one with more rows than are reduced to one value without further
    /// memory; and a vector.</summary>
    [Theory]
    [InlineData("Muon", new long[] { 300, 200 })]
    [InlineData("Adafactor, momentum", new long[] { 70_001, 3 })]
    [InlineData("Came", new long[] { 3, 70_001 })]
    [InlineData("Sm3", new long[] { 300, 200 })]
    public void Step_OfMatrixAfterTheFirst_AllocatesNoManagedMemoryOnAnyThread(string rule, long[] shape) =>
        MatrixTable.Run(rule, [1], new ManagedMemory(ElementType.Float32, 2, shape, [10], [4, 5]));

    private static long Least(Func<long> window) => Enumerable.Range(0, Windows).Min(_ => window());

    private sealed class ManagedMemory(ElementType type, int threads, params long[][] shapes) : IReferenceCheck
    {
        public void Run<TRule>(TRule rule, Reference reference, Tolerances allowed) where TRule : IOptimizerRule<TRule>
        {
            using var steps = new Steps<TRule>(rule, type, threads, shapes);
            steps.Take(FirstSteps);

            Assert.Equal(0, Least(() =>
            {
                long before = GC.GetTotalAllocatedBytes(precise: true);
                steps.Take(CountedSteps);
                return GC.GetTotalAllocatedBytes(precise: true) - before;
            }));
        }
    }

    private sealed class PeakMemory(ElementType type) : IReferenceCheck
    {
        public void Run<TRule>(TRule rule, Reference reference, Tolerances allowed) where TRule : IOptimizerRule<TRule>
        {
            using var steps = new Steps<TRule>(rule, type, threads: 2, [LargeLength]);
            steps.Take(FirstSteps);

            // The peak can even fall: the system takes pages of its own accord.
            long growth = Least(() =>
            {
                long before = ResidentMemory.ResetPeak();
                steps.Take(1);
                return ResidentMemory.Peak() - before;
            });
            Assert.True(growth <= MostBytes, $"The resident memory of a step grew by {growth} bytes.");
        }
    }

    /// <summary>An optimizer and the native memory of its tensors.</summary>
    private sealed unsafe class Steps<TRule> : IDisposable where TRule : IOptimizerRule<TRule>
    {
        private readonly Optimizer<TRule> _optimizer;
        private readonly TensorUpdate[] _updates;

        public Steps(TRule rule, ElementType type, int threads, params long[][] shapes)
        {
            _optimizer = new Optimizer<TRule>(rule, new OptimizerOptions { MaxThreads = threads });
            _updates = [.. shapes.Select((shape, i) => _optimizer.Add($"w{i}", shape)).Select(state =>
                new TensorUpdate(state, Allocate((int)state.Length), Allocate((int)state.Length), type, type))];
        }

        public void Take(int count)
        {
            for (int i = 0; i < count; i++)
            {
                _optimizer.Step(_updates);
            }
        }

        public void Dispose()
        {
            _optimizer.Dispose();
            foreach (TensorUpdate update in _updates)
            {
                NativeMemory.Free((void*)update.Parameter);
                NativeMemory.Free((void*)update.Gradient);
            }
        }

        // Small numbers as float32 and as pairs of bfloat16 alike, written so that all pages are there.
        private static nint Allocate(int length)
        {
            var memory = (float*)NativeMemory.Alloc((nuint)length, sizeof(float));
            new Span<float>(memory, length).Fill(BitConverter.Int32BitsToSingle(0x3c003c00));
            return (nint)memory;
        }
    }

    /// <summary>What Linux says of this process; see proc(5).</summary>
    private static class ResidentMemory
    {
        public const string Reset = "/proc/self/clear_refs";

        public static long ResetPeak()
        {
            File.WriteAllText(Reset, "5");
            return Read("VmRSS:");
        }

        public static long Peak() => Read("VmHWM:");

        private static long Read(string name)
        {
            string line = File.ReadLines("/proc/self/status")
                .Single(text => text.StartsWith(name, StringComparison.Ordinal));
            return 1024 * long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1]);
        }
    }
}
