namespace Requant.Runtime.Tests.Codecs;

/// <summary>The code of a number, written plainly: distances in float64, no tables of thresholds and no bits.</summary>
internal static class CodecDefinition
{
    /// <summary>The largest random byte and one.</summary>
    public const int RandomLimit = 256;

    /// <summary>The code of a negative number of MiniFloat is that of its magnitude and this; alone it is never
    /// stored.</summary>
    public const int MiniFloatSign = 0x80;

    // The paper's smallest value, which thresholds go by: its map lacks -1.
    private const float PaperSmallest = -0.99296874f;

    private static readonly double[] MiniFloatMagnitudes =
        [.. Enumerable.Range(0, 128).Select(k => Magnitude(k, 889))];

    private static readonly double[] MiniFloatUnsignedMagnitudes =
        [.. Enumerable.Range(0, 256).Select(k => Magnitude(k, 761))];


    private static readonly Dictionary<Codec, double[]> NearestValuesOf =
        Codecs.ToDictionary(codec => codec, ValuesToGoBy);

    /// <summary>All quantized codecs.</summary>
    public static Codec[] Codecs => [.. Enum.GetValues<Codec>().Where(codec => codec != Codec.Float32)];

    public static bool IsMiniFloat(Codec codec) => codec is Codec.MiniFloat or Codec.MiniFloatUnsigned;

    public static bool IsUnsigned(Codec codec) =>
        codec is Codec.DynamicUnsigned or Codec.MiniFloatUnsigned or Codec.LinearUnsigned or Codec.SquareRoot;

    /// <summary>Codes that are stored, in the order of their values.</summary>
    public static byte[] Codes(Codec codec)
    {
        IEnumerable<int> codes = codec == Codec.MiniFloat
            ? Enumerable.Range(MiniFloatSign + 1, 127).Reverse().Concat(Enumerable.Range(0, 128))
            : Enumerable.Range(0, Codebook.For(codec).Values.Length);
        return [.. codes.Select(code => (byte)code)];
    }

    /// <summary>The magnitudes of one of the two MiniFloats, with 8 values an octave up to 1 and then 0 below the
    /// smallest.</summary>
    public static double[] Magnitudes(Codec codec) =>
        codec == Codec.MiniFloat ? MiniFloatMagnitudes : MiniFloatUnsignedMagnitudes;

    /// <summary>The values that nearest codes go by, increasing.</summary>
    public static double[] NearestValues(Codec codec) => NearestValuesOf[codec];

    /// <summary>The nearest code. Of two the even one, or of MiniFloat the larger magnitude; what is above 0 has code 1
    /// at least where the codec has no sign.</summary>
    public static byte Nearest(Codec codec, float u)
    {
        if (IsMiniFloat(codec))
        {
            return WithSign(codec, u, NearestMagnitude(codec, Math.Abs((double)u)));
        }

        int code = Nearest(NearestValues(codec), u);
        return (byte)(IsUnsigned(codec) && u > 0 ? Math.Max(code, 1) : code);
    }

    /// <summary>The index of the nearest of increasing values, the even one of two.</summary>
    public static int Nearest(double[] values, float u)
    {
        int above = Math.Clamp(IndexAbove(values, u), 1, values.Length - 1);
        double toBelow = u - values[above - 1];
        double toAbove = values[above] - u;
        return toAbove < toBelow || (toAbove == toBelow && above % 2 == 0) ? above : above - 1;
    }

    /// <summary>The code of one of the two MiniFloats for a random byte: the magnitude below or above by the place
    /// between them in 1/256, rounded. Below the smallest there is no place: what the nearest code makes of
    /// it.</summary>
    public static byte StochasticMiniFloat(Codec codec, float u, byte random)
    {
        double[] magnitudes = Magnitudes(codec);
        double magnitude = Math.Abs((double)u);
        if (magnitude < magnitudes[1])
        {
            return Nearest(codec, u);
        }

        int below = IndexAbove(magnitudes, magnitude) - 1;
        if (below == magnitudes.Length - 1)
        {
            return WithSign(codec, u, below);
        }

        double place = (magnitude - magnitudes[below]) / (magnitudes[below + 1] - magnitudes[below]);
        bool goesUp = Math.Floor((place * RandomLimit) + 0.5) + random >= RandomLimit;
        return WithSign(codec, u, goesUp ? below + 1 : below);
    }

    private static int NearestMagnitude(Codec codec, double magnitude)
    {
        double[] magnitudes = Magnitudes(codec);
        int above = Math.Clamp(IndexAbove(magnitudes, magnitude), 1, magnitudes.Length - 1);
        int nearest = magnitudes[above] - magnitude <= magnitude - magnitudes[above - 1] ? above : above - 1;
        return codec == Codec.MiniFloatUnsigned && magnitude > 0 ? Math.Max(nearest, 1) : nearest;
    }

    private static byte WithSign(Codec codec, float u, int magnitude) => (byte)(codec == Codec.MiniFloat
        ? u < 0 && magnitude > 0 ? magnitude | MiniFloatSign : magnitude
        : u > 0 ? magnitude : 0);

    private static double[] ValuesToGoBy(Codec codec)
    {
        double[] values = [.. Codes(codec).Select(code => (double)Codebook.For(codec).Decode(code))];
        values[0] = codec == Codec.Dynamic ? PaperSmallest : values[0];
        return values;
    }

    // The first one that is larger.
    private static int IndexAbove(double[] values, double u)
    {
        int index = Array.BinarySearch(values, u);
        return index < 0 ? ~index : index + 1;
    }

    // 3 bits of mantissa; k = 0 is 0.
    private static double Magnitude(int k, int origin) =>
        k == 0 ? 0 : Math.ScaleB(1 + ((k + origin) % 8 / 8.0), ((k + origin) / 8) - 127);
}
