using Requant.Quantization;

namespace Requant.Runtime.Tests.Quantization;

/// <summary>Inputs where rounding could go wrong, and the plain definition of the nearest code.</summary>
internal static class Probes
{
    // Threshold noise and the arithmetic of vector kernels are off by an ulp or two; 3 shows both sides of either.
    private const int UlpsAround = 3;

    /// <summary>All thresholds and values of both signs, their neighbours, and the extremes of the unit
    /// range.</summary>
    public static IEnumerable<float> AroundThresholds(Codebook codebook)
    {
        float[] centres =
        [
            .. codebook.Thresholds.ToArray().Where(float.IsFinite), .. codebook.Values,
            0f, float.Epsilon, 1e-40f, 1.1754944E-38f, 1e-30f, 1.1920929E-07f, 2.3841858E-07f, 0.1f, 0.9999999f,
        ];
        foreach (float centre in centres)
        {
            int bits = BitConverter.SingleToInt32Bits(MathF.Abs(centre));
            for (int neighbour = Math.Max(0, bits - UlpsAround); neighbour <= bits + UlpsAround; neighbour++)
            {
                float u = BitConverter.Int32BitsToSingle(neighbour);
                yield return u;
                yield return -u;
            }
        }
    }

    /// <summary>The index of the nearest value, the even one of two; float64 differences order exactly here.</summary>
    public static int Nearest(ReadOnlySpan<float> values, float u)
    {
        int best = 0;
        for (int code = 1; code < values.Length; code++)
        {
            double distance = Math.Abs((double)u - values[code]);
            double bestDistance = Math.Abs((double)u - values[best]);
            if (distance < bestDistance || (distance == bestDistance && code % 2 == 0))
            {
                best = code;
            }
        }

        return best;
    }
}
