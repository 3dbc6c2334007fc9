using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Requant.Numerics;

namespace Requant.Codecs.Blocks;

/// <summary>Encodes with <see cref="StateRounding.Stochastic"/> by a table, 32 elements at a time: the operations of
/// <see cref="TableCodebook.EncodeStochastic(float, byte)"/> on the nearest value and on the one on the other side of
/// an element.</summary>
internal static unsafe class StochasticEncoder256<TMap>
    where TMap : struct, ITableMap<TMap>
{
    private const int Lanes = 8;
    private const int Group = 4 * Lanes;

    /// <summary>Elements whose values wait on the stack, a multiple of <see cref="Group"/>.</summary>
    private const int ChunkLength = 256;

    public static bool IsSupported
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx2.IsSupported;
    }

    /// <summary>Encodes <c>values * inverse</c>, all of one key of <paramref name="random"/>, in
    /// whole groups.</summary>
    /// <param name="width">Vectors of nearest codes and lookups: of 8 or 16.</param>
    /// <param name="values">float32[length].</param>
    /// <param name="codes">uint8[length].</param>
    /// <param name="length">Elements.</param>
    /// <param name="inverse">1 / absmax.</param>
    /// <param name="random">Of the first element on.</param>
    /// <returns>Where the rest begins, less than a group.</returns>
    [SkipLocalsInit]
    public static int Encode(SimdWidth width, float* values, byte* codes, int length, float inverse, RandomBytes random)
    {
        float* nearest = stackalloc float[ChunkLength];
        float* others = stackalloc float[ChunkLength];
        byte* otherCodes = stackalloc byte[ChunkLength];
        int whole = length - (length % Group);
        for (int i = 0; i < whole; i += ChunkLength)
        {
            int count = Math.Min(ChunkLength, whole - i);
            EncodeNearest(width, values + i, codes + i, count, inverse);
            Decode(width, codes + i, nearest, count);
            FindNeighbours(values + i, codes + i, nearest, otherCodes, count, inverse);
            Decode(width, otherCodes, others, count);
            Round(values + i, codes + i, nearest, others, count, inverse, random.Skip(i));
        }

        return whole;
    }

    private static void EncodeNearest(SimdWidth width, float* values, byte* codes, int length, float inverse)
    {
        if (width == SimdWidth.Vector512)
        {
            TMap.Encode512(values, codes, length, inverse);
            return;
        }

        TMap.Encode256(values, codes, length, inverse);
    }

    private static void Decode(SimdWidth width, byte* codes, float* values, int length)
    {
        if (width == SimdWidth.Vector512)
        {
            TMap.Decode512(codes, values, length, absmax: 1f);
            return;
        }

        TMap.Decode256(codes, values, length, absmax: 1f);
    }

    // From nearest codes to those below an element, and to those on its other side. At the ends of the map they stay.
    private static void FindNeighbours(
        float* values, byte* codes, float* nearest, byte* otherCodes, int length, float inverse)
    {
        Vector256<float> factor = Vector256.Create(inverse);
        Vector256<byte> last = Vector256.Create((byte)(TMap.Codebook.Values.Length - 1));
        for (int i = 0; i < length; i += Group)
        {
            Vector256<byte> isAbove = InOrder(Avx2.PackSignedSaturate(
                Avx2.PackSignedSaturate(IsAbove(i), IsAbove(i + Lanes)),
                Avx2.PackSignedSaturate(IsAbove(i + (2 * Lanes)), IsAbove(i + (3 * Lanes)))).AsByte());
            Vector256<byte> code = Vector256.Load(codes + i);
            Vector256<byte> below = Vector256.SubtractSaturate(code, Vector256<byte>.One);
            Vector256<byte> above = Vector256.Min(Vector256.AddSaturate(code, Vector256<byte>.One), last);
            Vector256.ConditionalSelect(isAbove, below, above).Store(otherCodes + i);
            Vector256.ConditionalSelect(isAbove, below, code).Store(codes + i);
        }

        Vector256<int> IsAbove(int index) => Vector256.GreaterThan(
            Vector256.Load(nearest + index), Vector256.Load(values + index) * factor).AsInt32();
    }

    // From codes below to those above, where places and random bytes exceed a cell.
    private static void Round(
        float* values, byte* codes, float* nearest, float* others, int length, float inverse, RandomBytes random)
    {
        Vector256<float> factor = Vector256.Create(inverse);

        // Packing works on parts of 128 bits. Words of random bytes are made in the order that it leaves.
        Vector256<uint> numbers = Vector256.Create(random.Number) + Vector256.Create(0u, 2, 4, 6, 1, 3, 5, 7);
        Vector256<uint> lowerKey = Vector256.Create(random.LowerKey);
        Vector256<uint> upperKey = Vector256.Create(random.UpperKey);
        for (int i = 0; i < length; i += Group)
        {
            Vector256<byte> bytes = RandomPairs.Word(numbers ^ lowerKey, upperKey).AsByte();
            numbers += Vector256.Create((uint)Lanes);
            Vector256<short> p0 = Avx2.PackSignedSaturate(Place(i), Place(i + Lanes));
            Vector256<short> p1 = Avx2.PackSignedSaturate(Place(i + (2 * Lanes)), Place(i + (3 * Lanes)));
            Vector256<byte> ups = Avx2.PackUnsignedSaturate(
                (p0 + Avx2.UnpackLow(bytes, Vector256<byte>.Zero).AsInt16()) >> 8,
                (p1 + Avx2.UnpackHigh(bytes, Vector256<byte>.Zero).AsInt16()) >> 8);
            Vector256<byte> result = Vector256.Load(codes + i) + InOrder(ups);
            if (TMap.IsUnsigned)
            {
                Vector256<sbyte> signs = Avx2.PackSignedSaturate(
                    Avx2.PackSignedSaturate(Bits(i), Bits(i + Lanes)),
                    Avx2.PackSignedSaturate(Bits(i + (2 * Lanes)), Bits(i + (3 * Lanes))));
                result = AtLeastOne(result, InOrder(signs.AsByte()).AsSByte());
            }

            result.Store(codes + i);
        }

        Vector256<int> Bits(int index) => (Vector256.Load(values + index) * factor).AsInt32();

        Vector256<int> Place(int index)
        {
            Vector256<float> u = Vector256.Load(values + index) * factor;
            Vector256<float> near = Vector256.Load(nearest + index);
            Vector256<float> other = Vector256.Load(others + index);
            Vector256<float> below = Vector256.MinNative(near, other);
            Vector256<float> above = Vector256.MaxNative(near, other);
            Vector256<float> place = ((u - below) / (above - below) * Codebook.RandomLimit) + Vector256.Create(0.5f);

            // Beyond the map's ends there is no cell.
            return Vector256.AndNot(Vector256.ConvertToInt32Native(place), Vector256.Equals(near, other).AsInt32());
        }
    }

    // Packing leaves every fourth code of each half next to each other.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> InOrder(Vector256<byte> packed) =>
        Avx2.PermuteVar8x32(packed.AsInt32(), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).AsByte();

    /// <summary>Codes, but 1 for a code 0 of a number above 0.</summary>
    /// <param name="codes">Codes.</param>
    /// <param name="numbers">Bits of the numbers, narrowed with saturation: above 0 where they are.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> AtLeastOne(Vector256<byte> codes, Vector256<sbyte> numbers) => Vector256.Max(
        codes, Vector256.Min(Vector256.Max(numbers, Vector256<sbyte>.Zero), Vector256<sbyte>.One).AsByte());
}
