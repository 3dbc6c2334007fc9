namespace Requant.Samples.PaperAblation;

/// <summary>What an 8-bit codec keeps of a number between -1 and 1.</summary>
internal sealed class StateMap
{
    private readonly Codebook _codebook;
    private readonly float[] _values;
    private readonly float _largestLost;

    private StateMap(Codebook codebook, float[] values, float largestLost)
    {
        _codebook = codebook;
        _values = values;
        _largestLost = largestLost;
    }

    /// <summary>The value of each code: float32[at most 256].</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>A codec of the runtime: it has a code for -absmax, and one without a sign stores no positive
    /// number as 0.</summary>
    public static StateMap Shipped(Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        return new StateMap(codebook, codebook.Values.ToArray(), largestLost: 0f);
    }

    /// <summary>A codec of arXiv 2110.02861 as it stands there: every number becomes the nearest value, a small
    /// positive one 0, and the most negative value of <see cref="Codec.Dynamic"/> is -0.993.</summary>
    public static StateMap AsPrinted(Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        float[] values = [.. codec == Codec.Dynamic ? PaperDynamic.Values : codebook.Values];
        // Half way between the first two codes a tie goes to the even one, which is 0.
        return new StateMap(codebook, values, codebook.IsUnsigned ? values[1] / 2 : 0f);
    }

    /// <summary>The value that is kept of <paramref name="u"/>.</summary>
    /// <param name="u">A value over the largest magnitude of its block.</param>
    public float Round(float u) => u > 0f && u <= _largestLost ? 0f : _values[_codebook.Encode(u)];
}
