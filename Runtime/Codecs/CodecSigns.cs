namespace Requant.Codecs;

internal static class CodecSigns
{
    /// <summary>Whether a codec has no negative values.</summary>
    public static bool IsUnsigned(this Codec codec) =>
        codec is Codec.DynamicUnsigned or Codec.MiniFloatUnsigned or Codec.LinearUnsigned or Codec.SquareRoot;
}
