using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.Cpu;

/// <summary>The sum of a block's terms, in the one order that every backend and vector width uses.</summary>
public static class BlockSum
{
    /// <summary>Folds the terms, zero-padded to the next power of two, in halves: <c>x[i] += x[i + n / 2]</c> down to
    /// one value, each addition rounded to float32.</summary>
    /// <param name="terms">The first term, in scratch memory of <see cref="BlockSizes.Max"/> elements;
    /// overwritten.</param>
    /// <param name="length">Terms, from 0 to <see cref="BlockSizes.Max"/>.</param>
    /// <returns>The sum; 0 when there are no terms.</returns>
    public static float Fold(ref float terms, int length)
    {
        if (length == 0)
        {
            return 0f;
        }

        int padded = (int)BitOperations.RoundUpToPowerOf2((uint)length);
        for (int i = length; i < padded; i++)
        {
            Unsafe.Add(ref terms, i) = 0f;
        }

        // A fold is element by element, so that vectors of any width give the same bits.
        int half = padded / 2;
        for (; half >= Vector128<float>.Count; half /= 2)
        {
            FoldHalf(ref terms, half);
        }

        for (; half >= 1; half /= 2)
        {
            for (int i = 0; i < half; i++)
            {
                Unsafe.Add(ref terms, i) += Unsafe.Add(ref terms, i + half);
            }
        }

        return terms;
    }

    private static void FoldHalf(ref float terms, int half)
    {
        int i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; i <= half - Vector512<float>.Count; i += Vector512<float>.Count)
            {
                (Vector512.LoadUnsafe(ref terms, (nuint)i) + Vector512.LoadUnsafe(ref terms, (nuint)(i + half)))
                    .StoreUnsafe(ref terms, (nuint)i);
            }
        }

        for (; i < half; i += Vector128<float>.Count)
        {
            (Vector128.LoadUnsafe(ref terms, (nuint)i) + Vector128.LoadUnsafe(ref terms, (nuint)(i + half)))
                .StoreUnsafe(ref terms, (nuint)i);
        }
    }
}
