using Requant.CompilerServices;

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
    /// <param name="partials">float32[<paramref name="count"/>], one of each block.</param>
    /// <param name="count">Blocks.</param>
    public static unsafe float Finish(ReductionKind kind, float* partials, long count)
    {
        if (kind == ReductionKind.Max)
        {
            return Largest(partials, count);
        }

        double* slots = stackalloc double[SlotCount];
        double* sums = stackalloc double[SlotCount];
        new Span<double>(sums, SlotCount).Clear();
        for (long chunk = 0; chunk * ChunkBlocks < count; chunk++)
        {
            float* some = partials + (chunk * ChunkBlocks);
            int left = (int)Math.Min(ChunkBlocks, count - (chunk * ChunkBlocks));
            new Span<double>(slots, SlotCount).Clear();
            for (int first = 0; first < left; first += SlotCount)
            {
                int length = Math.Min(SlotCount, left - first);
                for (int slot = 0; slot < length; slot++)
                {
                    slots[slot] += some[first + slot];
                }
            }

            sums[chunk % SlotCount] += Folded(slots);
        }

        double total = Folded(sums);

        // Adding +0 turns a total of -0 into 0, so that the sign never depends on how many blocks there are.
        return kind switch
        {
            ReductionKind.Norm => (float)Math.Sqrt(total + 0.0),
            ReductionKind.Sum => (float)(total + 0.0),
            _ => throw new NotSupportedException($"Reduction {kind} has no definition for finishing partial results."),
        };
    }

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

    private static unsafe double Folded(double* slots)
    {
        for (int half = SlotCount / 2; half >= 1; half /= 2)
        {
            for (int slot = 0; slot < half; slot++)
            {
                slots[slot] += slots[slot + half];
            }
        }

        return slots[0];
    }

    private static unsafe float Largest(float* partials, long count)
    {
        float largest = float.NegativeInfinity;
        for (long i = 0; i < count; i++)
        {
            largest = MathF.Max(largest, partials[i]);
        }

        // Nothing took part: 0, like the other reductions, rather than a value that would poison what is made of it.
        return float.IsNegativeInfinity(largest) ? 0f : largest;
    }
}
