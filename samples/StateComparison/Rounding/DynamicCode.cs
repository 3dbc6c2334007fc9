namespace Requant.Samples.StateComparison;

/// <summary>The paper's dynamic codes, repaired: -1 has a code as 1 has, and what is above 0 is not
/// stored as 0.</summary>
internal sealed class DynamicCode
{
    private readonly Codebook _codebook;
    private readonly float[] _values;
    private readonly int _smallestCode;

    private DynamicCode(Codec codec)
    {
        _codebook = Codebook.For(codec);
        _values = _codebook.Values.ToArray();
        if (codec == Codec.Dynamic)
        {
            _values[0] = -1f;
        }
        else
        {
            _smallestCode = 1;
        }
    }

    /// <summary>For states of both signs.</summary>
    public static DynamicCode Signed { get; } = new(Codec.Dynamic);

    /// <summary>For states that are not negative.</summary>
    public static DynamicCode Unsigned { get; } = new(Codec.DynamicUnsigned);

    /// <summary>Rounds a block in place.</summary>
    /// <param name="block">float32[n], finite.</param>
    /// <param name="absmax">The largest magnitude.</param>
    /// <param name="random">uint8[n] for stochastic rounding; empty for the nearest codes.</param>
    public void Round(Span<float> block, float absmax, ReadOnlySpan<byte> random)
    {
        float inverse = 1f / absmax;
        for (int i = 0; i < block.Length; i++)
        {
            float u = block[i] * inverse;
            int code = _codebook.Encode(u);
            if (!random.IsEmpty)
            {
                code = BelowOrAbove(u, code, random[i]);
            }

            block[i] = _values[u > 0 ? Math.Max(code, _smallestCode) : code] * absmax;
        }
    }

    private int BelowOrAbove(float u, int nearest, int random)
    {
        int below = Math.Clamp(_values[nearest] <= u ? nearest : nearest - 1, 0, _values.Length - 2);
        float low = _values[below];
        int place = (int)MathF.Round((u - low) * 256f / (_values[below + 1] - low));
        return place + random >= 256 ? below + 1 : below;
    }
}
