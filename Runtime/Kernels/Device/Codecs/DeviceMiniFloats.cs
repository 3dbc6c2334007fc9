using System.Runtime.CompilerServices;
using ILGPU;
using Requant.Codecs;
using Requant.Codecs.MiniFloats;
using Requant.Devices.Ptx;

namespace Requant.CompilerServices;

/// <summary>The arithmetic of <see cref="MiniFloatFormat"/> on devices, four values at a time. For use inside
/// kernels.</summary>
/// <remarks>
/// <para>Two values share the halves of a word: a code is the high half of a float, less where codes begin, from bit 4
/// on. So a word's
/// product with 16 takes both codes from the lower byte of a half to where a float has them, or from there to the upper
/// byte; bytes move
/// by permutations, which <see cref="PtxBytes"/> makes of shifts and masks.</para>
/// <para>That code 0 is 0, and what encodes to it, are questions that the top bit of a byte or half answers for all
/// values of a word at once: a
/// constant is added that carries into it from the first number on that is not 0.</para>
/// </remarks>
internal static class DeviceMiniFloats
{
    /// <summary>1 in each half.</summary>
    private const uint Halves = 0x00010001;

    private const uint Ones = 0x01010101;
    private const uint BelowTops = 0x7f7f7f7f;
    private const uint Tops = 0x80808080;
    private const uint UpperHalf = 0xffff0000;
    private const uint HalfTops = 0x80008000;

    /// <summary>Bits of a half below those of a magnitude.</summary>
    private const int HalfShift = MiniFloatFormat.MagnitudeShift - 16;

    private const int SignedOrigin = MiniFloatFormat.SignedOrigin << MiniFloatFormat.MagnitudeShift;
    private const int UnsignedOrigin = MiniFloatFormat.UnsignedOrigin << MiniFloatFormat.MagnitudeShift;
    private const int HalfOfMagnitude = MiniFloatFormat.Half << MiniFloatFormat.PlaceShift;

    /// <summary>From the sign of a code to where <see cref="HalfShift"/> takes it to the top of a half, if it is in the
    /// upper byte.</summary>
    private const int SignShift = 4;

    private const uint Signs = Tops >> SignShift;

    /// <summary>What the codes of <see cref="Codec.MiniFloat"/> in a word mean, in units of absmax.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceFour Decode(uint codes)
    {
        uint magnitudes = codes & BelowTops;
        uint signs = (codes >> SignShift) & Signs;
        uint notZero = OfTops(magnitudes + BelowTops);
        uint low = Origin(LowPair(magnitudes) | (LowPair(signs) << 8), MiniFloatFormat.SignedOrigin);
        uint high = Origin(HighPair(magnitudes) | (HighPair(signs) << 8), MiniFloatFormat.SignedOrigin);
        return Floats(low & (LowMask(notZero) | HalfTops), high & (HighMask(notZero) | HalfTops));
    }

    /// <summary>What the codes of <see cref="Codec.MiniFloatUnsigned"/> in a word mean, in units of absmax.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceFour DecodeUnsigned(uint codes)
    {
        uint notZero = OfTops(((codes & BelowTops) + BelowTops) | codes);
        uint low = Origin(LowPair(codes), MiniFloatFormat.UnsignedOrigin) & LowMask(notZero);
        uint high = Origin(HighPair(codes), MiniFloatFormat.UnsignedOrigin) & HighMask(notZero);
        return Floats(low, high);
    }

    /// <summary>The nearest codes of <see cref="Codec.MiniFloat"/>, the first in the lowest byte, of values over
    /// absmax.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Encode(float x, float y, float z, float w)
    {
        const int Zero = SignedOrigin - HalfOfMagnitude;
        uint low = FromHalves(UpperHalves(AtLeastOne(x, Zero), AtLeastOne(y, Zero)), Zero);
        uint high = FromHalves(UpperHalves(AtLeastOne(z, Zero), AtLeastOne(w, Zero)), Zero);
        return WithSigns(UpperBytes(low, high), x, y, z, w);
    }

    /// <summary>The nearest codes of <see cref="Codec.MiniFloatUnsigned"/>, the first in the lowest byte, of values
    /// over absmax.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint EncodeUnsigned(float x, float y, float z, float w)
    {
        const int Zero = UnsignedOrigin - HalfOfMagnitude;
        uint low = FromHalves(UpperHalves(ZeroOrAtLeastOne(x, Zero), ZeroOrAtLeastOne(y, Zero)), Zero);
        uint high = FromHalves(UpperHalves(ZeroOrAtLeastOne(z, Zero), ZeroOrAtLeastOne(w, Zero)), Zero);
        return UpperBytes(low, high);
    }

    /// <summary>Random codes of <see cref="Codec.MiniFloat"/>, the first in the lowest byte, of values over
    /// absmax.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Encode(float x, float y, float z, float w, uint random)
    {
        const int Zero = SignedOrigin - MiniFloatFormat.Unbiased;
        uint low = Places(AtLeastOne(x, Zero), AtLeastOne(y, Zero), Zero) + LowPair(random);
        uint high = Places(AtLeastOne(z, Zero), AtLeastOne(w, Zero), Zero) + HighPair(random);
        return WithSigns(UpperBytes(low, high), x, y, z, w);
    }

    /// <summary>Random codes of <see cref="Codec.MiniFloatUnsigned"/>, the first in the lowest byte, of values over
    /// absmax.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint EncodeUnsigned(float x, float y, float z, float w, uint random)
    {
        const int Zero = UnsignedOrigin - MiniFloatFormat.Unbiased;
        uint low = Places(ZeroOrAtLeastOne(x, Zero), ZeroOrAtLeastOne(y, Zero), Zero) + LowPair(random);
        uint high = Places(ZeroOrAtLeastOne(z, Zero), ZeroOrAtLeastOne(w, Zero), Zero) + HighPair(random);
        return UpperBytes(low, high);
    }

    /// <summary>Bits of a magnitude, but at least those from which on codes are 1.</summary>
    /// <param name="u">A value over absmax.</param>
    /// <param name="zero">Bits from which on codes are 0, and which all below stand for.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint AtLeastOne(float u, int zero) => Interop.FloatAsInt(
        IntrinsicMath.Max(MathF.Abs(u), Interop.IntAsFloat((uint)zero + (1u << MiniFloatFormat.MagnitudeShift))));

    /// <summary>The same of a value above 0; for any other <paramref name="zero"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint ZeroOrAtLeastOne(float u, int zero)
    {
        int bits = (int)Interop.FloatAsInt(u);
        int atLeast = IntrinsicMath.Max(bits, zero + (1 << MiniFloatFormat.MagnitudeShift));
        return (uint)(bits > 0 ? atLeast : zero);
    }

    /// <summary>Magnitudes in the upper bytes of two halves, of the upper halves of two floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint FromHalves(uint halves, int zero) =>
        (halves << HalfShift) + unchecked(0u - (((uint)zero >> 16) * Halves << HalfShift));

    /// <summary>Places of 8.8 bits in two halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Places(uint x, uint y, int zero) => UpperHalves(Place(x, zero), Place(y, zero));

    /// <summary>A place of 8.8 bits in the high half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Place(uint bits, int zero) => (bits << HalfShift) + unchecked(0u - ((uint)zero << HalfShift));

    /// <summary>Codes of magnitudes of 1 at least: 0 where a value is too small for that, and with its sign where
    /// not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint WithSigns(uint magnitudes, float x, float y, float z, float w)
    {
        uint low = UpperHalves(Interop.FloatAsInt(x), Interop.FloatAsInt(y));
        uint high = UpperHalves(Interop.FloatAsInt(z), Interop.FloatAsInt(w));
        return (magnitudes | (UpperBytes(low, high) & Tops)) & UpperBytes(IsOne(low), IsOne(high));
    }

    /// <summary>Halves whose upper bytes are 255 where codes are 1 at least, 0 elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint IsOne(uint halves) =>
        OfTops((halves & ~HalfTops) + (((HalfTops & 0xffff) - (MiniFloatFormat.HalfOfSmallestBits >> 16)) * Halves));

    /// <summary>Halves with magnitudes in their lower bytes, as the upper halves of floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Origin(uint halves, int origin) => (halves << HalfShift) + ((uint)origin * Halves << HalfShift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DeviceFour Floats(uint low, uint high) => new()
    {
        X = Interop.IntAsFloat(low << 16),
        Y = Interop.IntAsFloat(low & UpperHalf),
        Z = Interop.IntAsFloat(high << 16),
        W = Interop.IntAsFloat(high & UpperHalf),
    };

    /// <summary>255 for each byte whose top bit is set, 0 for the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint OfTops(uint bytes) => ((bytes >> 7) & Ones) * byte.MaxValue;

    /// <summary>The first two bytes, each in the lower byte of a half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint LowPair(uint bytes) => (bytes & 0xff) | ((bytes & 0xff00) << 8);

    /// <summary>The last two bytes, each in the lower byte of a half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint HighPair(uint bytes) => ((bytes >> 16) & 0xff) | ((bytes >> 8) & 0xff0000);

    /// <summary>The first two bytes, each twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint LowMask(uint bytes) => LowPair(bytes) | (LowPair(bytes) << 8);

    /// <summary>The last two bytes, each twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint HighMask(uint bytes) => HighPair(bytes) | (HighPair(bytes) << 8);

    /// <summary>The upper halves of two words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint UpperHalves(uint x, uint y) => (x >> 16) | (y & UpperHalf);

    /// <summary>The upper bytes of four halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint UpperBytes(uint low, uint high) =>
        ((low >> 8) & 0xff) | ((low >> 16) & 0xff00) | ((high & 0xff00) << 8) | (high & 0xff000000);
}
