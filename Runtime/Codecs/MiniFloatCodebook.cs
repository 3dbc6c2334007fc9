namespace Requant.Codecs;

/// <summary>The codebook of <see cref="Codec.MiniFloat"/> or <see cref="Codec.MiniFloatUnsigned"/>, whose codes are cut
/// from the bits of a float32; see <see cref="MiniFloatFormat"/>.</summary>
internal sealed class MiniFloatCodebook(bool isUnsigned) : Codebook(ValuesOf(isUnsigned), isUnsigned)
{
    /// <inheritdoc/>
    public override ReadOnlySpan<float> Thresholds => [];

    /// <inheritdoc/>
    public override byte ZeroCode => 0;

    /// <inheritdoc/>
    public override int IndexOfUnknown(ReadOnlySpan<byte> codes) =>
        IsUnsigned ? -1 : codes.IndexOf(MiniFloatFormat.SignBit);

    /// <inheritdoc/>
    /// <remarks>Half way between two values the larger magnitude.</remarks>
    public override byte Encode(float u) =>
        float.IsNaN(u) ? ZeroCode : MiniFloatFormat.Encode(Clamp(u), IsUnsigned, 0, MiniFloatFormat.Half);

    /// <inheritdoc/>
    public override byte EncodeStochastic(float u, byte random) =>
        float.IsNaN(u) ? ZeroCode : MiniFloatFormat.Encode(Clamp(u), IsUnsigned, MiniFloatFormat.Unbiased, random);

    /// <inheritdoc/>
    internal override void Encode(ReadOnlySpan<float> values, float scale, Span<byte> codes)
    {
        for (int i = 0; i < values.Length; i++)
        {
            codes[i] = MiniFloatFormat.Encode(values[i] * scale, IsUnsigned, 0, MiniFloatFormat.Half);
        }
    }

    /// <inheritdoc/>
    internal override void EncodeStochastic(
        ReadOnlySpan<float> values, float scale, Span<byte> codes, RandomBytes random)
    {
        for (int i = 0; i < values.Length; i++)
        {
            codes[i] = MiniFloatFormat.Encode(values[i] * scale, IsUnsigned, MiniFloatFormat.Unbiased, random.At(i));
        }
    }

    private static float Clamp(float u) => Math.Clamp(u, -1f, 1f);

    private static float[] ValuesOf(bool isUnsigned) =>
        [.. Enumerable.Range(0, MaxValues).Select(code => MiniFloatFormat.Decode((byte)code, isUnsigned))];
}
