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
    private const int SlotCount = 256;

    private const int ChunkBlocks = DeviceReduction.ChunkBlocks;

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
        for (int k = 0; k < count; k++)
        {
            double* slot = slots + (k % SlotCount * width);
            float* some = partials + (k * stride);
            for (int i = 0; i < width; i++)
            {
                slot[i] += some[i];
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
        double* slots = stackalloc double[SlotCount];
        double* sums = stackalloc double[SlotCount];
        new Span<double>(sums, SlotCount).Clear();
        isMarked = false;
        for (long chunk = 0; chunk * ChunkBlocks < count; chunk++)
        {
            new Span<double>(slots, SlotCount).Clear();
            long end = Math.Min(count, (chunk + 1) * ChunkBlocks);
            for (long block = chunk * ChunkBlocks; block < end; block++)
            {
                slots[block % SlotCount] += Math.Abs(partials[block]);
                isMarked |= double.IsNegative(partials[block]);
            }

            sums[chunk % SlotCount] += Folded(slots);
        }

        return Folded(sums);
    }

    private static unsafe double Folded(double* slots)
    {
        Fold(slots, SlotCount, width: 1);
        return slots[0];
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
