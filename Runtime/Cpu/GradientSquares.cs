using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Requant.CompilerServices;

namespace Requant.Cpu;

/// <summary>A pass over gradients that changes nothing: sums of squares, and where elements are not finite.</summary>
internal static unsafe class GradientSquares
{
    /// <summary>Element i goes to sum i mod 32, which on a device is a lane's. Fixed by the definition of the order: it
    /// decides the bits of the result.</summary>
    private const int Sums = 32;

    private const int Width = 8;

    /// <summary>Measures blocks, in place of a rule's kernel.</summary>
    public static readonly BlockKernel Kernel = Measure;

    /// <summary>Writes the sum of squares of a block's finite elements, negative (or -0) where others are among them,
    /// and counts those.</summary>
    private static void Measure(in KernelArguments tensor, ref BlockRange range)
    {
        for (long block = range.First; block < range.End; block++)
        {
            int length = tensor.BlockLength(block);
            fixed (float* gradients = &tensor.OpenGradient(block, in range))
            {
                double sum = Sum(gradients, length);
                if (!double.IsFinite(sum))
                {
                    // No finite float32 has a square, nor a block of them a sum, beyond float64: something in it
                    // is not finite.
                    sum = -SumOfFinite(gradients, length, out int others);
                    range.Skipped += others;
                }

                tensor.SquarePointer[block] = sum;
            }
        }
    }

    private static double Sum(float* values, int length)
    {
        // A square of float32 is exact in float64, so that a fused multiply-add gives the same bits.
        Vector256<double> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default,
            s6 = default, s7 = default;
        int i = 0;
        for (; i <= length - Sums; i += Sums)
        {
            AddSquares(values + i, ref s0, ref s1);
            AddSquares(values + i + Width, ref s2, ref s3);
            AddSquares(values + i + (2 * Width), ref s4, ref s5);
            AddSquares(values + i + (3 * Width), ref s6, ref s7);
        }

        double* sums = stackalloc double[Sums];
        Store(sums, s0, s1);
        Store(sums + Width, s2, s3);
        Store(sums + (2 * Width), s4, s5);
        Store(sums + (3 * Width), s6, s7);
        for (int slot = 0; i < length; i++, slot++)
        {
            sums[slot] += (double)values[i] * values[i];
        }

        return Fold(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddSquares(float* values, ref Vector256<double> lower, ref Vector256<double> upper)
    {
        (Vector256<double> first, Vector256<double> second) = Vector256.Widen(Vector256.Load(values));
        lower += first * first;
        upper += second * second;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(double* sums, Vector256<double> lower, Vector256<double> upper)
    {
        lower.Store(sums);
        upper.Store(sums + Vector256<double>.Count);
    }

    private static double SumOfFinite(float* values, int length, out int others)
    {
        double* sums = stackalloc double[Sums];
        new Span<double>(sums, Sums).Clear();
        others = 0;
        for (int i = 0; i < length; i++)
        {
            if (float.IsFinite(values[i]))
            {
                sums[i % Sums] += (double)values[i] * values[i];
            }
            else
            {
                others++;
            }
        }

        return Fold(sums);
    }

    private static double Fold(double* sums)
    {
        for (int half = Sums / 2; half >= 1; half /= 2)
        {
            for (int slot = 0; slot < half; slot++)
            {
                sums[slot] += sums[slot + half];
            }
        }

        return sums[0];
    }
}
