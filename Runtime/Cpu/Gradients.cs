using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.Cpu;

/// <summary>Questions that generated kernels ask of a block of gradients.</summary>
public static class Gradients
{
    private const int MagnitudeMask = 0x7fffffff;

    /// <summary>Bits of +infinity; every finite magnitude is below, every NaN above.</summary>
    private const int InfinityBits = 0x7f800000;

    /// <summary>Whether none of <paramref name="length"/> gradients is NaN or infinite.</summary>
    /// <param name="gradient">The first one.</param>
    /// <param name="length">Elements; 0 or more.</param>
    public static bool AllFinite(ref float gradient, int length)
    {
        // Magnitudes order like their bits, so that one integer maximum over the block decides, without a branch per
        // vector.
        ref int bits = ref Unsafe.As<float, int>(ref gradient);
        int i = 0;
        int largest = 0;
        if (Vector512.IsHardwareAccelerated && length >= Vector512<int>.Count)
        {
            Vector512<int> mask = Vector512.Create(MagnitudeMask);
            Vector512<int> maximum = Vector512<int>.Zero;
            for (; i <= length - Vector512<int>.Count; i += Vector512<int>.Count)
            {
                maximum = Vector512.Max(maximum, Vector512.LoadUnsafe(ref bits, (nuint)i) & mask);
            }

            largest = Largest(Vector256.Max(maximum.GetLower(), maximum.GetUpper()));
        }
        else if (Vector256.IsHardwareAccelerated && length >= Vector256<int>.Count)
        {
            Vector256<int> mask = Vector256.Create(MagnitudeMask);
            Vector256<int> maximum = Vector256<int>.Zero;
            for (; i <= length - Vector256<int>.Count; i += Vector256<int>.Count)
            {
                maximum = Vector256.Max(maximum, Vector256.LoadUnsafe(ref bits, (nuint)i) & mask);
            }

            largest = Largest(maximum);
        }
        else if (Vector128.IsHardwareAccelerated && length >= Vector128<int>.Count)
        {
            Vector128<int> mask = Vector128.Create(MagnitudeMask);
            Vector128<int> maximum = Vector128<int>.Zero;
            for (; i <= length - Vector128<int>.Count; i += Vector128<int>.Count)
            {
                maximum = Vector128.Max(maximum, Vector128.LoadUnsafe(ref bits, (nuint)i) & mask);
            }

            largest = Largest(maximum);
        }

        for (; i < length; i++)
        {
            largest = Math.Max(largest, Unsafe.Add(ref bits, i) & MagnitudeMask);
        }

        return largest < InfinityBits;
    }

    private static int Largest(Vector256<int> vector) => Largest(Vector128.Max(vector.GetLower(), vector.GetUpper()));

    private static int Largest(Vector128<int> vector) => Math.Max(
        Math.Max(vector.GetElement(0), vector.GetElement(1)), Math.Max(vector.GetElement(2), vector.GetElement(3)));
}
