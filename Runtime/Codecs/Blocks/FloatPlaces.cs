namespace Requant.Codecs.Blocks;

/// <summary>Places that are the bits of a float from 256 to 512: 15 bits of fraction, then 8 of the code. For maps
/// whose formula gives <c>code + 1/2</c> at the middle between two thresholds.</summary>
internal static class FloatPlaces
{
    /// <summary>See <see cref="IArithmeticMap{TSelf}.FractionBits"/>.</summary>
    public const int FractionBits = 15;

    /// <summary>See <see cref="IArithmeticMap{TSelf}.UncertainWindow"/>.</summary>
    public const int UncertainWindow = 4;

    /// <summary>What to add to a code.</summary>
    public const float Origin = 256f + (UncertainWindow / 2f / (1 << FractionBits));
}
