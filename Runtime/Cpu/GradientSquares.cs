using System.Runtime.Intrinsics;

namespace Requant.Cpu;

/// <summary>A pass over gradients that changes nothing: sums of squares, and where elements are not finite.</summary>
internal static unsafe class GradientSquares
{
    /// <summary>Element i goes to sum i mod 16. Fixed by the definition of the order: it decides the bits of the
    /// result.</summary>
    private const int Sums = 16;

    /// <summary>Measures blocks, in place of a rule's kernel.</summary>
    public static readonly BlockKernel Kernel = Measure;

    /// <summary>Writes the sum of squares of a block's finite elements, negative (or -0) where others are among them, and counts
    /// those.</summary>
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
                    // No finite float32 has a square, nor a block of them a sum, beyond float64: something in it is not finite.
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
        Vector256<double> a = default, b = default, c = default, d = default;
        int i = 0;
        for (; i <= length - Sums; i += Sums)
        {
            (Vector256<double> first, Vector256<double> second) = Vector256.Widen(Vector256.Load(values + i));
            (Vector256<double> third, Vector256<double> fourth) = Vector256.Widen(Vector256.Load(values + i + (Sums / 2)));
            a += first * first;
            b += second * second;
            c += third * third;
            d += fourth * fourth;
        }

        double* sums = stackalloc double[Sums];
        a.Store(sums);
        b.Store(sums + (Sums / 4));
        c.Store(sums + (Sums / 2));
        d.Store(sums + (3 * Sums / 4));
        for (int slot = 0; i < length; i++, slot++)
        {
            sums[slot] += (double)values[i] * values[i];
        }

        return Fold(sums);
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
