using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Requant.Codecs.Blocks;
using Requant.Numerics;

namespace Requant.Codecs.MiniFloats;

/// <summary>Encodes blocks as <see cref="MiniFloatFormat"/> says, 16 elements at a time: places fit 16 bits, so that
/// most of the work is on twice as many lanes.</summary>
internal static unsafe class MiniFloatEncoder128<TMap, TRounding>
    where TMap : struct, IMiniFloatMap
    where TRounding : struct, IRoundingMode
{
    private const int Lanes = 4;
    private const int Group = 4 * Lanes;

    // Above this a place that is clamped at 0 belongs to a magnitude of 1 at least.
    private const short BelowHalfOfSmallest =
        (MiniFloatFormat.HalfOfSmallestBits >> MiniFloatFormat.PlaceShift)
        - (MiniFloatFormat.SignedOrigin << MiniFloatFormat.FractionBits) - 1;

    public static bool IsSupported
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    /// <summary>Encodes <c>values * inverse</c> in whole groups.</summary>
    /// <returns>Where the rest begins, less than a group.</returns>
    public static int Encode(float* values, byte* codes, int length, float inverse, RandomBytes random)
    {
        Vector128<float> factor = Vector128.Create(inverse);
        // Four words of random bytes are in the order of 16 elements.
        Vector128<uint> numbers = TRounding.IsStochastic
            ? Vector128.Create(random.Number) + Vector128<uint>.Indices
            : default;
        Vector128<uint> lowerKey = Vector128.Create(random.LowerKey);
        Vector128<uint> upperKey = Vector128.Create(random.UpperKey);
        int i = 0;
        for (; i <= length - Group; i += Group)
        {
            Vector128<float> u0 = Vector128.Load(values + i) * factor;
            Vector128<float> u1 = Vector128.Load(values + i + Lanes) * factor;
            Vector128<float> u2 = Vector128.Load(values + i + (2 * Lanes)) * factor;
            Vector128<float> u3 = Vector128.Load(values + i + (3 * Lanes)) * factor;
            Vector128<ushort> k0;
            Vector128<ushort> k1;
            if (TRounding.IsStochastic)
            {
                Vector128<uint> words = RandomPairs.Word(numbers ^ lowerKey, upperKey);
                numbers += Vector128.Create((uint)Lanes);
                (Vector128<ushort> r0, Vector128<ushort> r1) = Vector128.Widen(words.AsByte());
                k0 = Magnitudes(u0.AsInt32(), u1.AsInt32(), r0);
                k1 = Magnitudes(u2.AsInt32(), u3.AsInt32(), r1);
            }
            else
            {
                k0 = Magnitudes(u0.AsInt32(), u1.AsInt32(), Vector128.Create((ushort)MiniFloatFormat.Half));
                k1 = Magnitudes(u2.AsInt32(), u3.AsInt32(), Vector128.Create((ushort)MiniFloatFormat.Half));
            }

            Vector128<byte> magnitudes = Narrow(k0, k1);
            if (!TMap.IsUnsigned)
            {
                Vector128<sbyte> signs = Vector128.NarrowWithSaturation(
                    Pack(u0.AsInt32(), u1.AsInt32()), Pack(u2.AsInt32(), u3.AsInt32()));
                magnitudes = WithSigns(magnitudes, signs.AsByte());
            }

            magnitudes.Store(codes + i);
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Magnitudes(
        Vector128<int> bits0, Vector128<int> bits1, Vector128<ushort> fractions) => TMap.IsUnsigned
        ? Unsigned(Vector128.Max(bits0, Vector128<int>.Zero), Vector128.Max(bits1, Vector128<int>.Zero), fractions)
        : Signed(bits0 & Vector128.Create(int.MaxValue), bits1 & Vector128.Create(int.MaxValue), fractions);

    // A place of 16 bits is one of 15 with a sign, and 2^15 more: saturation clamps it at 0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Unsigned(Vector128<int> bits0, Vector128<int> bits1, Vector128<ushort> fractions)
    {
        const int origin = (MiniFloatFormat.UnsignedOrigin + 128) << MiniFloatFormat.MagnitudeShift;
        Vector128<int> shift = Vector128.Create(origin - (TRounding.IsStochastic ? MiniFloatFormat.Unbiased : 0));
        Vector128<short> places = Pack(
            (bits0 - shift) >> MiniFloatFormat.PlaceShift, (bits1 - shift) >> MiniFloatFormat.PlaceShift);
        Vector128<ushort> magnitudes =
            (places.AsUInt16() + (fractions ^ Vector128.Create((ushort)0x8000))) >>> MiniFloatFormat.FractionBits;

        // What is above 0 is 1 at least.
        Vector128<short> least = Vector128.Min(Pack(bits0, bits1), Vector128<short>.One);
        return Vector128.Max(magnitudes.AsInt16(), least).AsUInt16();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Signed(Vector128<int> bits0, Vector128<int> bits1, Vector128<ushort> fractions)
    {
        const int origin = MiniFloatFormat.SignedOrigin << MiniFloatFormat.MagnitudeShift;
        Vector128<int> shift = Vector128.Create(origin);
        Vector128<short> places = Pack(
            (bits0 - shift) >> MiniFloatFormat.PlaceShift, (bits1 - shift) >> MiniFloatFormat.PlaceShift);
        Vector128<ushort> least =
            Vector128.GreaterThan(places, Vector128.Create(BelowHalfOfSmallest)).AsUInt16() >>> 15;
        if (TRounding.IsStochastic)
        {
            shift = Vector128.Create(origin - MiniFloatFormat.Unbiased);
            places = Pack((bits0 - shift) >> MiniFloatFormat.PlaceShift, (bits1 - shift) >> MiniFloatFormat.PlaceShift);
        }

        Vector128<ushort> magnitudes =
            (Vector128.Max(places, Vector128<short>.Zero).AsUInt16() + fractions) >>> MiniFloatFormat.FractionBits;
        return Vector128.Max(magnitudes.AsInt16(), least.AsInt16()).AsUInt16();
    }

    // 0 has no sign.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> WithSigns(Vector128<byte> magnitudes, Vector128<byte> signs) => magnitudes
        | Vector128.AndNot(
            signs & Vector128.Create(MiniFloatFormat.SignBit), Vector128.Equals(magnitudes, Vector128<byte>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Pack(Vector128<int> first, Vector128<int> second) =>
        Vector128.NarrowWithSaturation(first, second);

    // Magnitudes fit a byte, so that saturation, where it is one instruction, changes nothing.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Narrow(Vector128<ushort> first, Vector128<ushort> second) => Sse2.IsSupported
        ? Sse2.PackUnsignedSaturate(first.AsInt16(), second.AsInt16())
        : Vector128.Narrow(first, second);
}
