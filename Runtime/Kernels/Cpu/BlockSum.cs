using System.ComponentModel;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.CompilerServices;

/// <summary>The sum of a block's terms, in the one order that every backend and vector width uses.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class BlockSum
{
    /// <summary>Terms of a block of the usual size, which are folded in registers.</summary>
    private const int WholeBlock = 256;

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

        if (length == WholeBlock)
        {
            return FoldWhole(ref terms);
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

    private static float FoldWhole(ref float terms)
    {
        Vector256<float> eight;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<float> sixteen = (Halves512(ref terms, 0) + Halves512(ref terms, 64))
                + (Halves512(ref terms, 32) + Halves512(ref terms, 96));
            sixteen += (Halves512(ref terms, 16) + Halves512(ref terms, 80))
                + (Halves512(ref terms, 48) + Halves512(ref terms, 112));
            eight = sixteen.GetLower() + sixteen.GetUpper();
        }
        else
        {
            eight = Sixteenths(ref terms, 0) + Sixteenths(ref terms, 8);
        }

        Vector128<float> four = eight.GetLower() + eight.GetUpper();
        return four[0] + four[2] + (four[1] + four[3]);
    }

    // Every sixteenth vector of 8 from one on.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Sixteenths(ref float terms, nuint first) =>
        ((Halves256(ref terms, first) + Halves256(ref terms, first + 64))
            + (Halves256(ref terms, first + 32) + Halves256(ref terms, first + 96)))
        + ((Halves256(ref terms, first + 16) + Halves256(ref terms, first + 80))
            + (Halves256(ref terms, first + 48) + Halves256(ref terms, first + 112)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Halves512(ref float terms, nuint index) =>
        Vector512.LoadUnsafe(ref terms, index) + Vector512.LoadUnsafe(ref terms, index + (WholeBlock / 2));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Halves256(ref float terms, nuint index) =>
        Vector256.LoadUnsafe(ref terms, index) + Vector256.LoadUnsafe(ref terms, index + (WholeBlock / 2));

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
