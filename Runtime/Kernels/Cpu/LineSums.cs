using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.CompilerServices;

/// <summary>Adds terms of a row to sums of columns, each addition rounded to float32. It is element by element, so that
/// vectors of any width give the same bits.</summary>
internal static unsafe class LineSums
{
    /// <summary>Adds the first terms to 0.</summary>
    /// <param name="terms">float32[<paramref name="length"/>].</param>
    /// <param name="sums">float32[<paramref name="length"/>].</param>
    /// <param name="length">Columns.</param>
    public static void Begin(ref float terms, float* sums, int length)
    {
        for (int i = 0; i < length; i++)
        {
            sums[i] = 0f + Unsafe.Add(ref terms, i);
        }
    }

    /// <summary>Adds terms to sums.</summary>
    /// <inheritdoc cref="Begin"/>
    public static void Add(ref float terms, float* sums, int length)
    {
        int i = 0;
        for (; i <= length - (2 * Vector256<float>.Count); i += 2 * Vector256<float>.Count)
        {
            Vector256<float> first = Vector256.Load(sums + i) + Vector256.LoadUnsafe(ref terms, (nuint)i);
            Vector256<float> second = Vector256.Load(sums + i + 8) + Vector256.LoadUnsafe(ref terms, (nuint)i + 8);
            first.Store(sums + i);
            second.Store(sums + i + 8);
        }

        for (; i < length; i++)
        {
            sums[i] += Unsafe.Add(ref terms, i);
        }
    }

    /// <summary>Takes the larger of each term and value; NaN wins, and +0 is above -0.</summary>
    /// <inheritdoc cref="Begin"/>
    public static void Max(ref float terms, float* sums, int length)
    {
        int i = 0;
        for (; i <= length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            Vector256.Max(Vector256.Load(sums + i), Vector256.LoadUnsafe(ref terms, (nuint)i)).Store(sums + i);
        }

        for (; i < length; i++)
        {
            sums[i] = MathF.Max(sums[i], Unsafe.Add(ref terms, i));
        }
    }
}
