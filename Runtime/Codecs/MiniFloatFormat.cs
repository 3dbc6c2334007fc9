using System.Runtime.CompilerServices;

namespace Requant.Codecs;

/// <summary>The numbers of the two codecs whose codes are cut from the bits of a float32: the definition.</summary>
/// <remarks>
/// A magnitude k above 0 stands for the float32 with the bits <c>(k + C) &lt;&lt; 20</c>: three bits of mantissa, and C
/// so that the largest magnitude is 1. Encoding takes the bits of |u| from bit 12 up, less C, as a number of 8.8 bits,
/// adds a half or a random byte and drops the fraction.
/// </remarks>
internal static class MiniFloatFormat
{
    /// <summary>C of <see cref="Codec.MiniFloat"/>, whose magnitudes are 0 to 127.</summary>
    public const int SignedOrigin = 889;

    /// <summary>C of <see cref="Codec.MiniFloatUnsigned"/>, whose magnitudes are 0 to 255.</summary>
    public const int UnsignedOrigin = 761;

    /// <summary>Bits of a float32 below those of a magnitude.</summary>
    public const int MagnitudeShift = 20;

    /// <summary>Bits of a float32 below those of a place.</summary>
    public const int PlaceShift = 12;

    /// <summary>Bits of a place below its magnitude.</summary>
    public const int FractionBits = 8;

    /// <summary>What is added to a place for the nearest magnitude.</summary>
    public const int Half = 128;

    /// <summary>What is added to the bits before a random byte decides: half of what a place cannot tell. Without it
    /// each step would lose it in the mean, which a slow average adds up.</summary>
    public const int Unbiased = 0x800;

    /// <summary>Bits of half of the smallest value of <see cref="Codec.MiniFloat"/>: from there on a magnitude
    /// is 1 at least.</summary>
    public const int HalfOfSmallestBits = 0x37200000;

    /// <summary>The sign of a code of <see cref="Codec.MiniFloat"/>.</summary>
    public const byte SignBit = 0x80;

    private const uint MagnitudeMask = int.MaxValue;

    /// <summary>What a code means, in units of absmax. Code 0x80, which is never stored, means -0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Decode(byte code, bool isUnsigned)
    {
        uint magnitude = isUnsigned ? (uint)code : code & 0x7fu;
        uint origin = (uint)(isUnsigned ? UnsignedOrigin : SignedOrigin);
        uint bits = magnitude == 0 ? 0 : (magnitude + origin) << MagnitudeShift;
        return BitConverter.UInt32BitsToSingle(isUnsigned ? bits : bits | ((uint)(code & SignBit) << 24));
    }

    /// <summary>The code of a number from -1 to 1, or two ulps beyond.</summary>
    /// <param name="u">A value over the block's absmax.</param>
    /// <param name="isUnsigned">Whether it is of <see cref="Codec.MiniFloatUnsigned"/>.</param>
    /// <param name="offset">What is added to the bits: 0 or <see cref="Unbiased"/>.</param>
    /// <param name="fraction">What is added to the place: <see cref="Half"/> or a random byte.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte Encode(float u, bool isUnsigned, int offset, int fraction)
    {
        int bits = BitConverter.SingleToInt32Bits(u);
        if (isUnsigned)
        {
            return bits <= 0 ? (byte)0 : (byte)Math.Max(Magnitude(bits + offset, UnsignedOrigin, fraction), 1);
        }

        int absolute = bits & (int)MagnitudeMask;
        int magnitude = Math.Max(
            Magnitude(absolute + offset, SignedOrigin, fraction), absolute >= HalfOfSmallestBits ? 1 : 0);
        return (byte)(magnitude == 0 ? 0 : magnitude | ((bits >> 24) & SignBit));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Magnitude(int bits, int origin, int fraction) =>
        (Math.Max(0, (bits >> PlaceShift) - (origin << FractionBits)) + fraction) >> FractionBits;
}
