using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.CompilerServices;

/// <summary>Questions that generated kernels ask of a block of gradients.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static unsafe class Gradients
{
    private const int MagnitudeMask = 0x7fffffff;

    /// <summary>Bits of the largest number; those of infinity and of every NaN are above.</summary>
    private const int LargestBits = 0x7f7fffff;

    /// <summary>Whether none of <paramref name="length"/> gradients is NaN or infinite.</summary>
    /// <param name="gradient">The first one.</param>
    /// <param name="length">Elements; 0 or more.</param>
    public static bool AllFinite(ref float gradient, int length)
    {
        // Magnitudes order like their bits, so that integer maxima decide, without a branch per vector.
        ref int bits = ref Unsafe.As<float, int>(ref gradient);
        nuint i = 0;
        nuint end = (nuint)length;
        bool isAnyBad = false;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<int> mask = Vector512.Create(MagnitudeMask);
            Vector512<int> even = Vector512<int>.Zero;
            Vector512<int> odd = Vector512<int>.Zero;
            for (; i + 32 <= end; i += 32)
            {
                even = Vector512.Max(even, Vector512.LoadUnsafe(ref bits, i) & mask);
                odd = Vector512.Max(odd, Vector512.LoadUnsafe(ref bits, i + 16) & mask);
            }

            isAnyBad = Vector512.GreaterThanAny(Vector512.Max(even, odd), Vector512.Create(LargestBits));
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Vector256<int> mask = Vector256.Create(MagnitudeMask);
            Vector256<int> even = Vector256<int>.Zero;
            Vector256<int> odd = Vector256<int>.Zero;
            for (; i + 16 <= end; i += 16)
            {
                even = Vector256.Max(even, Vector256.LoadUnsafe(ref bits, i) & mask);
                odd = Vector256.Max(odd, Vector256.LoadUnsafe(ref bits, i + 8) & mask);
            }

            isAnyBad = Vector256.GreaterThanAny(Vector256.Max(even, odd), Vector256.Create(LargestBits));
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Vector128<int> mask = Vector128.Create(MagnitudeMask);
            Vector128<int> even = Vector128<int>.Zero;
            Vector128<int> odd = Vector128<int>.Zero;
            for (; i + 8 <= end; i += 8)
            {
                even = Vector128.Max(even, Vector128.LoadUnsafe(ref bits, i) & mask);
                odd = Vector128.Max(odd, Vector128.LoadUnsafe(ref bits, i + 4) & mask);
            }

            isAnyBad = Vector128.GreaterThanAny(Vector128.Max(even, odd), Vector128.Create(LargestBits));
        }

        for (; i < end; i++)
        {
            isAnyBad |= (Unsafe.Add(ref bits, i) & MagnitudeMask) > LargestBits;
        }

        return !isAnyBad;
    }

    /// <summary>Multiplies, each product rounded once, so that vectors of any width give the same bits.</summary>
    internal static void Scale(float* source, float* target, int length, float scale)
    {
        int i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; i <= length - Vector512<float>.Count; i += Vector512<float>.Count)
            {
                (Vector512.Load(source + i) * scale).Store(target + i);
            }
        }

        for (; i <= length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            (Vector256.Load(source + i) * scale).Store(target + i);
        }

        for (; i < length; i++)
        {
            target[i] = source[i] * scale;
        }
    }
}
