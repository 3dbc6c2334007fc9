using System.Runtime.CompilerServices;
using ILGPU;
using Requant.Codecs;
using Requant.Codecs.MiniFloats;

namespace Requant.CompilerServices;

/// <summary>The arithmetic of <see cref="MiniFloatFormat"/> on devices, one value at a time. For use inside
/// kernels.</summary>
internal static class DeviceMiniFloat
{
    public const uint Half = MiniFloatFormat.Half;
    public const int Unbiased = MiniFloatFormat.Unbiased;

    private const uint MagnitudeMask = int.MaxValue;
    private const int SignShift = 24;

    /// <summary>What a code of <see cref="Codec.MiniFloat"/> means, in units of absmax.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Decode(uint code)
    {
        uint magnitude = code & (MiniFloatFormat.SignBit - 1u);
        uint bits = (magnitude + MiniFloatFormat.SignedOrigin) << MiniFloatFormat.MagnitudeShift;
        return Interop.IntAsFloat((magnitude == 0 ? 0 : bits) | ((code & MiniFloatFormat.SignBit) << SignShift));
    }

    /// <summary>What a code of <see cref="Codec.MiniFloatUnsigned"/> means, in units of absmax.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float DecodeUnsigned(uint code)
    {
        uint bits = (code + MiniFloatFormat.UnsignedOrigin) << MiniFloatFormat.MagnitudeShift;
        return Interop.IntAsFloat(code == 0 ? 0 : bits);
    }

    /// <summary>A code of <see cref="Codec.MiniFloat"/>.</summary>
    /// <param name="u">A value over absmax.</param>
    /// <param name="offset">0, or <see cref="Unbiased"/>.</param>
    /// <param name="fraction"><see cref="Half"/>, or a random byte.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Encode(float u, int offset, uint fraction)
    {
        uint bits = Interop.FloatAsInt(u);
        int absolute = (int)(bits & MagnitudeMask);
        int magnitude = Magnitude(absolute + offset, MiniFloatFormat.SignedOrigin, fraction);
        magnitude = IntrinsicMath.Max(magnitude, absolute >= MiniFloatFormat.HalfOfSmallestBits ? 1 : 0);
        return magnitude == 0 ? 0 : (uint)magnitude | ((bits >> SignShift) & MiniFloatFormat.SignBit);
    }

    /// <summary>A code of <see cref="Codec.MiniFloatUnsigned"/>.</summary>
    /// <param name="u">A value over absmax.</param>
    /// <param name="offset">0, or <see cref="Unbiased"/>.</param>
    /// <param name="fraction"><see cref="Half"/>, or a random byte.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint EncodeUnsigned(float u, int offset, uint fraction)
    {
        int bits = IntrinsicMath.Max((int)Interop.FloatAsInt(u), 0);
        int magnitude = Magnitude(bits + offset, MiniFloatFormat.UnsignedOrigin, fraction);
        return (uint)IntrinsicMath.Max(bits == 0 ? 0 : magnitude, IntrinsicMath.Min(bits, 1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Magnitude(int bits, int origin, uint fraction) =>
        (IntrinsicMath.Max((bits >> MiniFloatFormat.PlaceShift) - (origin << MiniFloatFormat.FractionBits), 0)
            + (int)fraction)
            >> MiniFloatFormat.FractionBits;
}
