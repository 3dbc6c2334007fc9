namespace Requant.Codecs;

/// <summary>The absmax below which a block counts as zero: the smallest normal number, 2^-126. 1 / absmax would
/// overflow for less.</summary>
internal static class SmallestAbsmax
{
    public const float Value = 1.17549435e-38f;

    /// <summary>Bits of <see cref="Value"/>, for who compares bits.</summary>
    public const int Bits = 0x00800000;
}
