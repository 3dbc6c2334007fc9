using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Requant.Codecs.MiniFloats;

/// <summary>Decodes blocks as <see cref="MiniFloatFormat"/> says, 32 elements at a time.</summary>
/// <remarks>The high half of a value's bits is <c>(magnitude + C) &lt;&lt; 4</c>. Its two bytes are computed as bytes,
/// of all 32 codes at once: interleaving them widens the codes at no further cost.</remarks>
internal static unsafe class MiniFloatDecoder256<TMap>
    where TMap : struct, IMiniFloatMap
{
    private const int Group = 32;

    // With a sign a magnitude and the low half of C fit a byte.
    private const byte LowOrigin = MiniFloatFormat.SignedOrigin & 0xf;

    public static bool IsSupported
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx2.IsSupported;
    }

    /// <summary>Decodes whole groups.</summary>
    /// <returns>Where the rest begins, less than a group.</returns>
    public static int Decode(byte* codes, float* values, int length, float absmax)
    {
        Vector256<float> scale = Vector256.Create(absmax);
        int i = 0;
        for (; i <= length - Group; i += Group)
        {
            // Interleaving works on halves of vectors; this order of codes makes its results consecutive.
            Vector256<byte> group = Avx2.PermuteVar8x32(
                Vector256.Load((int*)(codes + i)), Vector256.Create(0, 2, 4, 6, 1, 3, 5, 7)).AsByte();
            (Vector256<ushort> first, Vector256<ushort> second) = UpperHalves(group);
            Vector256<ushort> zero = Vector256<ushort>.Zero;
            (Avx2.UnpackLow(zero, first).AsSingle() * scale).Store(values + i);
            (Avx2.UnpackHigh(zero, first).AsSingle() * scale).Store(values + i + 8);
            (Avx2.UnpackLow(zero, second).AsSingle() * scale).Store(values + i + 16);
            (Avx2.UnpackHigh(zero, second).AsSingle() * scale).Store(values + i + 24);
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<ushort> First, Vector256<ushort> Second) UpperHalves(Vector256<byte> codes)
    {
        if (TMap.IsUnsigned)
        {
            Vector256<byte> zero = Vector256<byte>.Zero;
            return (Widen(Avx2.UnpackLow(codes, zero).AsUInt16()), Widen(Avx2.UnpackHigh(codes, zero).AsUInt16()));
        }

        Vector256<byte> magnitudes = codes & Vector256.Create((byte)0x7f);
        Vector256<byte> isZero = Vector256.Equals(magnitudes, Vector256<byte>.Zero);
        Vector256<byte> sum = magnitudes + Vector256.Create(LowOrigin);
        Vector256<byte> high = ((sum.AsUInt16() >>> 4).AsByte() & Vector256.Create((byte)0x0f))
            + Vector256.Create((byte)(MiniFloatFormat.SignedOrigin >> 4));
        Vector256<byte> low = (sum.AsUInt16() << 4).AsByte() & Vector256.Create((byte)0xf0);
        low = Vector256.AndNot(low, isZero);
        high = Vector256.AndNot(high, isZero) | (codes & Vector256.Create(MiniFloatFormat.SignBit));
        return (Avx2.UnpackLow(low, high).AsUInt16(), Avx2.UnpackHigh(low, high).AsUInt16());
    }

    // Without a sign magnitudes and C do not fit a byte.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Widen(Vector256<ushort> magnitudes) => Vector256.AndNot(
        (magnitudes + Vector256.Create((ushort)MiniFloatFormat.UnsignedOrigin)) << 4,
        Vector256.Equals(magnitudes, Vector256<ushort>.Zero));
}
