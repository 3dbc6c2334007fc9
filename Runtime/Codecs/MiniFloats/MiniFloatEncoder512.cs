using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Requant.Codecs.Blocks;
using Requant.Numerics;

namespace Requant.Codecs.MiniFloats;

/// <summary>Encodes blocks as <see cref="MiniFloatFormat"/> says, 64 elements at a time: places fit 16 bits, so that
/// most of the work is on twice as many lanes.</summary>
internal static unsafe class MiniFloatEncoder512<TMap, TRounding>
    where TMap : struct, IMiniFloatMap
    where TRounding : struct, IRoundingMode
{
    private const int Lanes = 16;
    private const int Group = 4 * Lanes;

    // Above this a place that is clamped at 0 belongs to a magnitude of 1 at least.
    private const short BelowHalfOfSmallest =
        (MiniFloatFormat.HalfOfSmallestBits >> MiniFloatFormat.PlaceShift)
        - (MiniFloatFormat.SignedOrigin << MiniFloatFormat.FractionBits) - 1;

    public static bool IsSupported
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx512BW.IsSupported;
    }

    /// <summary>Encodes <c>values * inverse</c> in whole groups.</summary>
    /// <returns>Where the rest begins, less than a group.</returns>
    public static int Encode(float* values, byte* codes, int length, float inverse, RandomBytes random)
    {
        Vector512<float> factor = Vector512.Create(inverse);
        // Packing works on parts of 128 bits. Words of random bytes are made in the order that it leaves.
        Vector512<uint> numbers = TRounding.IsStochastic
            ? Vector512.Create(random.Number) + Vector512.Create(0u, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)
            : default;
        Vector512<uint> lowerKey = Vector512.Create(random.LowerKey);
        Vector512<uint> upperKey = Vector512.Create(random.UpperKey);
        int i = 0;
        for (; i <= length - Group; i += Group)
        {
            Vector512<float> u0 = Vector512.Load(values + i) * factor;
            Vector512<float> u1 = Vector512.Load(values + i + Lanes) * factor;
            Vector512<float> u2 = Vector512.Load(values + i + (2 * Lanes)) * factor;
            Vector512<float> u3 = Vector512.Load(values + i + (3 * Lanes)) * factor;
            Vector512<ushort> k0;
            Vector512<ushort> k1;
            if (TRounding.IsStochastic)
            {
                Vector512<uint> words = RandomPairs.Word(numbers ^ lowerKey, upperKey);
                numbers += Vector512.Create((uint)Lanes);
                Vector512<ushort> r0 = Avx512BW.UnpackLow(words.AsByte(), Vector512<byte>.Zero).AsUInt16();
                Vector512<ushort> r1 = Avx512BW.UnpackHigh(words.AsByte(), Vector512<byte>.Zero).AsUInt16();
                k0 = Magnitudes(u0.AsInt32(), u1.AsInt32(), r0);
                k1 = Magnitudes(u2.AsInt32(), u3.AsInt32(), r1);
            }
            else
            {
                k0 = Magnitudes(u0.AsInt32(), u1.AsInt32(), Vector512.Create((ushort)MiniFloatFormat.Half));
                k1 = Magnitudes(u2.AsInt32(), u3.AsInt32(), Vector512.Create((ushort)MiniFloatFormat.Half));
            }

            Vector512<byte> magnitudes = Avx512BW.PackUnsignedSaturate(k0.AsInt16(), k1.AsInt16());
            if (!TMap.IsUnsigned)
            {
                Vector512<sbyte> signs = Avx512BW.PackSignedSaturate(
                    Avx512BW.PackSignedSaturate(u0.AsInt32(), u1.AsInt32()),
                    Avx512BW.PackSignedSaturate(u2.AsInt32(), u3.AsInt32()));
                magnitudes = WithSigns(magnitudes, signs.AsByte());
            }

            Avx512F.PermuteVar16x32(
                magnitudes.AsInt32(), Vector512.Create(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15))
                .AsByte()
                .Store(codes + i);
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> Magnitudes(
        Vector512<int> bits0, Vector512<int> bits1, Vector512<ushort> fractions) => TMap.IsUnsigned
        ? Unsigned(Vector512.Max(bits0, Vector512<int>.Zero), Vector512.Max(bits1, Vector512<int>.Zero), fractions)
        : Signed(bits0 & Vector512.Create(int.MaxValue), bits1 & Vector512.Create(int.MaxValue), fractions);

    // A place of 16 bits is one of 15 with a sign, and 2^15 more: saturation clamps it at 0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> Unsigned(Vector512<int> bits0, Vector512<int> bits1, Vector512<ushort> fractions)
    {
        const int origin = (MiniFloatFormat.UnsignedOrigin + 128) << MiniFloatFormat.MagnitudeShift;
        Vector512<int> shift = Vector512.Create(origin - (TRounding.IsStochastic ? MiniFloatFormat.Unbiased : 0));
        Vector512<short> places = Pack(
            (bits0 - shift) >> MiniFloatFormat.PlaceShift, (bits1 - shift) >> MiniFloatFormat.PlaceShift);
        Vector512<ushort> magnitudes =
            (places.AsUInt16() + (fractions ^ Vector512.Create((ushort)0x8000))) >>> MiniFloatFormat.FractionBits;

        // What is above 0 is 1 at least.
        Vector512<short> least = Vector512.Min(Pack(bits0, bits1), Vector512<short>.One);
        return Vector512.Max(magnitudes.AsInt16(), least).AsUInt16();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> Signed(Vector512<int> bits0, Vector512<int> bits1, Vector512<ushort> fractions)
    {
        const int origin = MiniFloatFormat.SignedOrigin << MiniFloatFormat.MagnitudeShift;
        Vector512<int> shift = Vector512.Create(origin);
        Vector512<short> places = Pack(
            (bits0 - shift) >> MiniFloatFormat.PlaceShift, (bits1 - shift) >> MiniFloatFormat.PlaceShift);
        Vector512<ushort> least =
            Vector512.GreaterThan(places, Vector512.Create(BelowHalfOfSmallest)).AsUInt16() >>> 15;
        if (TRounding.IsStochastic)
        {
            shift = Vector512.Create(origin - MiniFloatFormat.Unbiased);
            places = Pack((bits0 - shift) >> MiniFloatFormat.PlaceShift, (bits1 - shift) >> MiniFloatFormat.PlaceShift);
        }

        Vector512<ushort> magnitudes =
            (Vector512.Max(places, Vector512<short>.Zero).AsUInt16() + fractions) >>> MiniFloatFormat.FractionBits;
        return Vector512.Max(magnitudes.AsInt16(), least.AsInt16()).AsUInt16();
    }

    // 0 has no sign.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> WithSigns(Vector512<byte> magnitudes, Vector512<byte> signs) => magnitudes
        | Vector512.AndNot(
            signs & Vector512.Create(MiniFloatFormat.SignBit), Vector512.Equals(magnitudes, Vector512<byte>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Pack(Vector512<int> first, Vector512<int> second) =>
        Avx512BW.PackSignedSaturate(first, second);
}
