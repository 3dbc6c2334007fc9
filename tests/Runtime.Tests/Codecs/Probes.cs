namespace Requant.Runtime.Tests.Codecs;

/// <summary>Inputs where rounding could go wrong.</summary>
internal static class Probes
{
    // Threshold noise and the arithmetic of vector kernels are off by an ulp or two; 3 shows both sides of either.
    private const int UlpsAround = 3;

    /// <summary>All values, what lies half way between two, and the extremes of the unit range, of both signs and with
    /// their neighbours.</summary>
    public static IEnumerable<float> AroundThresholds(Codec codec) =>
        AroundThresholds(CodecDefinition.NearestValues(codec));

    /// <inheritdoc cref="AroundThresholds(Codec)"/>
    public static IEnumerable<float> AroundThresholds(double[] values)
    {
        float[] centres =
        [
            .. values.Zip(values.Skip(1), (below, above) => (float)((below + above) / 2)),
            .. values.Select(value => (float)value),
            0f, 1f, float.Epsilon, 1e-40f, 1.1754944E-38f, 1e-30f, 1.1920929E-07f, 2.3841858E-07f, 0.1f, 0.9999999f,
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
}
