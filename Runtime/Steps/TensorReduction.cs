using System.Numerics;
using System.Runtime.InteropServices;
using Requant.CompilerServices;
using Requant.States;

namespace Requant.Steps;

/// <summary>Finishes a reduction over a tensor from the partial results of its blocks.</summary>
internal static class TensorReduction
{
    /// <summary>Fixed by the definition of the order: it decides the bits of the result.</summary>
    private const int SlotCount = 256;

    private const int ChunkBlocks = DeviceReduction.ChunkBlocks;

    /// <summary>Adds partial k of a chunk of 16384 to slot k mod 256 in ascending k, in float64, then folds the slots
    /// in halves; sums of chunks are added up in the same way. The order does not depend on threads or vector
    /// widths.</summary>
    /// <param name="kind">What to make of the total.</param>
    /// <param name="partials">float32: the partial result of the first block.</param>
    /// <param name="count">Blocks.</param>
    /// <param name="stride">Floats from one to the next.</param>
    public static unsafe float Finish(ReductionKind kind, float* partials, long count, long stride = 1)
    {
        if (kind == ReductionKind.Max)
        {
            return Largest(partials, count, stride);
        }

        if (count <= SlotCount)
        {
            return FinishFew(kind, partials, (int)count, stride);
        }

        double* slots = stackalloc double[SlotCount];
        double* sums = stackalloc double[SlotCount];
        new Span<double>(sums, SlotCount).Clear();
        for (long chunk = 0; chunk * ChunkBlocks < count; chunk++)
        {
            float* some = partials + (chunk * ChunkBlocks * stride);
            int left = (int)Math.Min(ChunkBlocks, count - (chunk * ChunkBlocks));
            new Span<double>(slots, SlotCount).Clear();
            for (int first = 0; first < left; first += SlotCount)
            {
                int length = Math.Min(SlotCount, left - first);
                for (int slot = 0; slot < length; slot++)
                {
                    slots[slot] += some[(first + slot) * stride];
                }
            }

            sums[chunk % SlotCount] += Folded(slots);
        }

        double total = Folded(sums);

        return Result(kind, total);
    }

    private static unsafe float FinishFew(ReductionKind kind, float* partials, int count, long stride)
    {
        // Folding 256 slots of which the last ones are 0 is folding those that are not.
        int padded = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(count, 1));
        double* slots = stackalloc double[padded];
        for (int slot = 0; slot < padded; slot++)
        {
            slots[slot] = slot < count ? partials[slot * stride] : 0.0;
        }

        return Result(kind, Folded(slots, padded));
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
            return Largest(terms, count, stride: 1);
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

    /// <summary>The sum of magnitudes, in the order of <see cref="Finish"/>.</summary>
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

    private static unsafe double Folded(double* slots, int count = SlotCount)
    {
        for (int half = count / 2; half >= 1; half /= 2)
        {
            for (int slot = 0; slot < half; slot++)
            {
                slots[slot] += slots[slot + half];
            }
        }

        return slots[0];
    }

    private static unsafe float Largest(float* partials, long count, long stride)
    {
        float largest = float.NegativeInfinity;
        for (long i = 0; i < count; i++)
        {
            largest = MathF.Max(largest, partials[i * stride]);
        }

        // Nothing took part: 0, like the other reductions, rather than a value that would poison what is made of it.
        return float.IsNegativeInfinity(largest) ? 0f : largest;
    }
}
