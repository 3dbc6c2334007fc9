using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Requant.Codecs.Blocks;
using Requant.Numerics;

namespace Requant.Codecs.MiniFloats;

/// <summary>Encodes blocks as <see cref="MiniFloatFormat"/> says, 32 elements at a time: places fit 16 bits, so that
/// most of the work is on twice as many lanes.</summary>
internal static unsafe class MiniFloatEncoder256<TMap, TRounding>
    where TMap : struct, IMiniFloatMap
    where TRounding : struct, IRoundingMode
{
    private const int Lanes = 8;
    private const int Group = 4 * Lanes;

    // Above this a place that is clamped at 0 belongs to a magnitude of 1 at least.
    private const short BelowHalfOfSmallest =
        (MiniFloatFormat.HalfOfSmallestBits >> MiniFloatFormat.PlaceShift)
        - (MiniFloatFormat.SignedOrigin << MiniFloatFormat.FractionBits) - 1;

    public static bool IsSupported
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx2.IsSupported;
    }

    /// <summary>Encodes <c>values * inverse</c> in whole groups.</summary>
    /// <returns>Where the rest begins, less than a group.</returns>
    public static int Encode(float* values, byte* codes, int length, float inverse, RandomBytes random)
    {
        Vector256<float> factor = Vector256.Create(inverse);
        // Packing works on parts of 128 bits. Words of random bytes are made in the order that it leaves.
        Vector256<uint> numbers = TRounding.IsStochastic
            ? Vector256.Create(random.Number) + Vector256.Create(0u, 2, 4, 6, 1, 3, 5, 7)
            : default;
        Vector256<uint> lowerKey = Vector256.Create(random.LowerKey);
        Vector256<uint> upperKey = Vector256.Create(random.UpperKey);
        int i = 0;
        for (; i <= length - Group; i += Group)
        {
            Vector256<float> u0 = Vector256.Load(values + i) * factor;
            Vector256<float> u1 = Vector256.Load(values + i + Lanes) * factor;
            Vector256<float> u2 = Vector256.Load(values + i + (2 * Lanes)) * factor;
            Vector256<float> u3 = Vector256.Load(values + i + (3 * Lanes)) * factor;
            Vector256<ushort> k0;
            Vector256<ushort> k1;
            if (TRounding.IsStochastic)
            {
                Vector256<uint> words = RandomPairs.Word(numbers ^ lowerKey, upperKey);
                numbers += Vector256.Create((uint)Lanes);
                Vector256<ushort> r0 = Avx2.UnpackLow(words.AsByte(), Vector256<byte>.Zero).AsUInt16();
                Vector256<ushort> r1 = Avx2.UnpackHigh(words.AsByte(), Vector256<byte>.Zero).AsUInt16();
                k0 = Magnitudes(u0.AsInt32(), u1.AsInt32(), r0);
                k1 = Magnitudes(u2.AsInt32(), u3.AsInt32(), r1);
            }
            else
            {
                k0 = Magnitudes(u0.AsInt32(), u1.AsInt32(), Vector256.Create((ushort)MiniFloatFormat.Half));
                k1 = Magnitudes(u2.AsInt32(), u3.AsInt32(), Vector256.Create((ushort)MiniFloatFormat.Half));
            }

            Vector256<byte> magnitudes = Avx2.PackUnsignedSaturate(k0.AsInt16(), k1.AsInt16());
            if (!TMap.IsUnsigned)
            {
                Vector256<sbyte> signs = Avx2.PackSignedSaturate(
                    Avx2.PackSignedSaturate(u0.AsInt32(), u1.AsInt32()),
                    Avx2.PackSignedSaturate(u2.AsInt32(), u3.AsInt32()));
                magnitudes = WithSigns(magnitudes, signs.AsByte());
            }

            Avx2.PermuteVar8x32(magnitudes.AsInt32(), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).AsByte()
                .Store(codes + i);
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Magnitudes(
        Vector256<int> bits0, Vector256<int> bits1, Vector256<ushort> fractions) => TMap.IsUnsigned
        ? Unsigned(Vector256.Max(bits0, Vector256<int>.Zero), Vector256.Max(bits1, Vector256<int>.Zero), fractions)
        : Signed(bits0 & Vector256.Create(int.MaxValue), bits1 & Vector256.Create(int.MaxValue), fractions);

    // A place of 16 bits is one of 15 with a sign, and 2^15 more: saturation clamps it at 0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Unsigned(Vector256<int> bits0, Vector256<int> bits1, Vector256<ushort> fractions)
    {
        const int origin = (MiniFloatFormat.UnsignedOrigin + 128) << MiniFloatFormat.MagnitudeShift;
        Vector256<int> shift = Vector256.Create(origin - (TRounding.IsStochastic ? MiniFloatFormat.Unbiased : 0));
        Vector256<short> places = Pack(
            (bits0 - shift) >> MiniFloatFormat.PlaceShift, (bits1 - shift) >> MiniFloatFormat.PlaceShift);
        Vector256<ushort> magnitudes =
            (places.AsUInt16() + (fractions ^ Vector256.Create((ushort)0x8000))) >>> MiniFloatFormat.FractionBits;

        // What is above 0 is 1 at least.
        Vector256<short> least = Vector256.Min(Pack(bits0, bits1), Vector256<short>.One);
        return Vector256.Max(magnitudes.AsInt16(), least).AsUInt16();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Signed(Vector256<int> bits0, Vector256<int> bits1, Vector256<ushort> fractions)
    {
        const int origin = MiniFloatFormat.SignedOrigin << MiniFloatFormat.MagnitudeShift;
        Vector256<int> shift = Vector256.Create(origin);
        Vector256<short> places = Pack(
            (bits0 - shift) >> MiniFloatFormat.PlaceShift, (bits1 - shift) >> MiniFloatFormat.PlaceShift);
        Vector256<ushort> least =
            Vector256.GreaterThan(places, Vector256.Create(BelowHalfOfSmallest)).AsUInt16() >>> 15;
        if (TRounding.IsStochastic)
        {
            shift = Vector256.Create(origin - MiniFloatFormat.Unbiased);
            places = Pack((bits0 - shift) >> MiniFloatFormat.PlaceShift, (bits1 - shift) >> MiniFloatFormat.PlaceShift);
        }

        Vector256<ushort> magnitudes =
            (Vector256.Max(places, Vector256<short>.Zero).AsUInt16() + fractions) >>> MiniFloatFormat.FractionBits;
        return Vector256.Max(magnitudes.AsInt16(), least.AsInt16()).AsUInt16();
    }

    // 0 has no sign.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> WithSigns(Vector256<byte> magnitudes, Vector256<byte> signs) => magnitudes
        | Vector256.AndNot(
            signs & Vector256.Create(MiniFloatFormat.SignBit), Vector256.Equals(magnitudes, Vector256<byte>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Pack(Vector256<int> first, Vector256<int> second) =>
        Avx2.PackSignedSaturate(first, second);
}
