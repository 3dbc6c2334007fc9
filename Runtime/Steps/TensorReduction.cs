using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Requant.CompilerServices;
using Requant.States;

namespace Requant.Steps;

/// <summary>Finishes a reduction over a tensor from the partial results of its blocks.</summary>
internal static class TensorReduction
{
    /// <summary>Fixed by the definition of the order: it decides the bits of the result.</summary>
    public const int SlotCount = 256;

    /// <summary>Blocks whose results are added up before those of others.</summary>
    public const int ChunkBlocks = DeviceReduction.ChunkBlocks;

    /// <summary>Results that are finished at a time: floats of a cache line.</summary>
    private const int MostAtATime = 16;

    /// <summary>Adds partial k of a chunk of 16384 to slot k mod 256 in ascending k, in float64, then folds the slots
    /// in halves; sums of chunks are added up in the same way. The order does not depend on threads or vector
    /// widths.</summary>
    /// <param name="kind">What to make of the total.</param>
    /// <param name="partials">float32[<paramref name="count"/>], one of each block.</param>
    /// <param name="count">Blocks.</param>
    public static unsafe float Finish(ReductionKind kind, float* partials, long count)
    {
        float result;
        Finish(kind, partials, count, stride: 1, &result, results: 1);
        return result;
    }

    /// <summary>The same of several reductions whose partial results lie side by side.</summary>
    /// <param name="kind">What to make of each total.</param>
    /// <param name="partials">float32: the first partial result of the first one.</param>
    /// <param name="count">Partial results of each.</param>
    /// <param name="stride">Floats from one partial result to the next.</param>
    /// <param name="destination">float32[<paramref name="results"/>].</param>
    /// <param name="results">Reductions.</param>
    public static unsafe void Finish(
        ReductionKind kind, float* partials, long count, long stride, float* destination, long results)
    {
        for (long first = 0; first < results; first += MostAtATime)
        {
            int width = (int)Math.Min(MostAtATime, results - first);
            if (kind == ReductionKind.Max)
            {
                Largest(partials + first, count, stride, destination + first, width);
            }
            else
            {
                FinishSome(kind, partials + first, count, stride, destination + first, width);
            }
        }
    }

    [SkipLocalsInit]
    private static unsafe void FinishSome(
        ReductionKind kind, float* partials, long count, long stride, float* destination, int width)
    {
        // Folding 256 slots of which the last ones are 0 is folding those that are not.
        int used = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(count, 1, SlotCount));
        double* slots = stackalloc double[used * width];
        if (count <= ChunkBlocks)
        {
            FoldChunk(partials, (int)count, stride, slots, used, width);
        }
        else
        {
            double* sums = stackalloc double[SlotCount * width];
            new Span<double>(sums, SlotCount * width).Clear();
            for (long chunk = 0; chunk * ChunkBlocks < count; chunk++)
            {
                float* some = partials + (chunk * ChunkBlocks * stride);
                int left = (int)Math.Min(ChunkBlocks, count - (chunk * ChunkBlocks));
                FoldChunk(some, left, stride, slots, used, width);
                Add(slots, sums + (chunk % SlotCount * width), width);
            }

            Fold(sums, SlotCount, width);
            slots = sums;
        }

        for (int i = 0; i < width; i++)
        {
            destination[i] = Result(kind, slots[i]);
        }
    }

    /// <summary>Sums of one chunk, in the first <paramref name="width"/> slots.</summary>
    private static unsafe void FoldChunk(
        float* partials, int count, long stride, double* slots, int used, int width)
    {
        new Span<double>(slots, used * width).Clear();
        if (stride == 1 && width == 1)
        {
            for (int k = 0; k < count; k += SlotCount)
            {
                Add(partials + k, slots, Math.Min(SlotCount, count - k));
            }
        }
        else
        {
            for (int k = 0; k < count; k++)
            {
                Add(partials + (k * stride), slots + (k % SlotCount * width), width);
            }
        }

        Fold(slots, used, width);
    }

    private static unsafe void Fold(double* slots, int count, int width)
    {
        for (int half = count / 2; half >= 1; half /= 2)
        {
            Add(slots + (half * width), slots, half * width);
        }
    }

    private static unsafe void Add(float* values, double* sums, int count)
    {
        int i = 0;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(Vector256.Load(values + i));
            (Vector256.Load(sums + i) + lower).Store(sums + i);
            (Vector256.Load(sums + i + 4) + upper).Store(sums + i + 4);
        }

        for (; i < count; i++)
        {
            sums[i] += values[i];
        }
    }

    private static unsafe void Add(double* values, double* sums, int count)
    {
        int i = 0;
        for (; i <= count - Vector256<double>.Count; i += Vector256<double>.Count)
        {
            (Vector256.Load(sums + i) + Vector256.Load(values + i)).Store(sums + i);
        }

        for (; i < count; i++)
        {
            sums[i] += values[i];
        }
    }

    /// <summary>A reduction of terms that lie one after another, such as those of rows: sums of 256 at a time, which
    /// are added up as those of blocks are.</summary>
    /// <param name="kind">What is computed.</param>
    /// <param name="terms">float32[<paramref name="count"/>].</param>
    /// <param name="count">Terms; 0 or more.</param>
    public static unsafe float Of(ReductionKind kind, float* terms, long count)
    {
        if (kind == ReductionKind.Max)
        {
            float largest;
            Largest(terms, count, stride: 1, &largest, width: 1);
            return largest;
        }

        long sumCount = BlockSizes.Count(count, SlotCount);
        float* few = stackalloc float[SlotCount];
        float* some = stackalloc float[SlotCount];

        // No managed object: a step allocates none.
        float* many = sumCount > SlotCount ? (float*)NativeMemory.Alloc((nuint)sumCount, sizeof(float)) : null;
        float* sums = many is null ? few : many;
        for (long first = 0; first < count; first += SlotCount)
        {
            int length = (int)Math.Min(SlotCount, count - first);
            for (int i = 0; i < length; i++)
            {
                float term = terms[first + i];
                some[i] = kind == ReductionKind.Norm ? term * term : term;
            }

            sums[first / SlotCount] = BlockSum.Fold(ref *some, length);
        }

        float result = Finish(kind, sums, sumCount);
        NativeMemory.Free(many);
        return result;
    }

    /// <summary>Adding +0 turns a total of -0 into 0, so that the sign never depends on how many blocks there
    /// are.</summary>
    private static float Result(ReductionKind kind, double total) => kind switch
    {
        ReductionKind.Norm => (float)Math.Sqrt(total + 0.0),
        ReductionKind.Sum => (float)(total + 0.0),
        _ => throw new NotSupportedException($"Reduction {kind} has no definition for finishing partial results."),
    };

    /// <summary>The sum of magnitudes, in the order of <see cref="Finish(ReductionKind, float*, long)"/>.</summary>
    /// <param name="partials">float64[<paramref name="count"/>], one of each block; negative, or -0, where a
    /// block is marked.</param>
    /// <param name="count">Blocks.</param>
    /// <param name="isMarked">Whether a block is.</param>
    public static unsafe double SumOfMagnitudes(double* partials, long count, out bool isMarked)
    {
        Span<double> slots = stackalloc double[SlotCount];
        Span<double> sums = stackalloc double[SlotCount];
        sums.Clear();
        isMarked = false;
        for (long chunk = 0; chunk * ChunkBlocks < count; chunk++)
        {
            slots.Clear();
            long first = chunk * ChunkBlocks;
            int length = (int)Math.Min(ChunkBlocks, count - first);
            AddMagnitudes(new ReadOnlySpan<double>(partials + first, length), first, slots, ref isMarked);
            sums[(int)(chunk % SlotCount)] += Folded(slots);
        }

        return Folded(sums);
    }

    /// <summary>Adds magnitudes of blocks of one chunk to its slots.</summary>
    /// <param name="partials">One of each block; negative, or -0, where a block is marked.</param>
    /// <param name="firstBlock">Number of the first one in the tensor.</param>
    /// <param name="slots">float64[<see cref="SlotCount"/>].</param>
    /// <param name="isMarked">Set where a block is marked.</param>
    public static void AddMagnitudes(
        ReadOnlySpan<double> partials, long firstBlock, Span<double> slots, ref bool isMarked)
    {
        for (int i = 0; i < partials.Length; i++)
        {
            slots[(int)((firstBlock + i) % SlotCount)] += Math.Abs(partials[i]);
            isMarked |= double.IsNegative(partials[i]);
        }
    }

    /// <summary>The sum of slots, which are overwritten.</summary>
    public static unsafe double Folded(Span<double> slots)
    {
        fixed (double* first = slots)
        {
            Fold(first, SlotCount, width: 1);
            return *first;
        }
    }

    private static unsafe void Largest(
        float* partials, long count, long stride, float* destination, int width)
    {
        for (int i = 0; i < width; i++)
        {
            float largest = float.NegativeInfinity;
            for (long k = 0; k < count; k++)
            {
                largest = MathF.Max(largest, partials[(k * stride) + i]);
            }

            // Nothing took part: 0, like the other reductions, rather than a value that would poison what is made of
            // it.
            destination[i] = float.IsNegativeInfinity(largest) ? 0f : largest;
        }
    }
}
