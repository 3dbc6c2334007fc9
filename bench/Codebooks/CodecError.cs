namespace Requant.Bench.Codebooks;

/// <summary>How far the value of the nearest code is from what was encoded.</summary>
internal static class CodecError
{
    /// <summary>Magnitudes around a place: a quarter of an octave up and down has a few gaps of every codec.</summary>
    private const int Samples = 400;

    private const double Reach = 0.25;

    /// <summary>Every codec that is not float32.</summary>
    public static IEnumerable<Codec> Quantized => Enum.GetValues<Codec>().Where(codec => codec != Codec.Float32);

    /// <summary>The largest relative error of magnitudes near <paramref name="magnitude"/>, in units of the
    /// block's absmax; 1 where they are stored as 0, and above 1 where they are raised to the first code.</summary>
    public static double Near(Codebook codebook, double magnitude)
    {
        double largest = 0;
        for (int i = 0; i <= Samples; i++)
        {
            float u = (float)Math.Min(1, magnitude * Math.Pow(2, Reach * ((2.0 * i / Samples) - 1)));
            largest = Math.Max(largest, Math.Abs(codebook.Decode(codebook.Encode(u)) - u) / u);
        }

        return largest;
    }
}
