using System.Runtime.Intrinsics;

namespace Requant.Numerics;

/// <summary>Rounds float32 to bfloat16 stochastically, with vectors of one width; every width gives
/// the same bits.</summary>
internal readonly unsafe struct StochasticNarrowing
{
    private readonly delegate*<float*, ushort*, int, long, ulong, void> _narrow;

    private StochasticNarrowing(delegate*<float*, ushort*, int, long, ulong, void> narrow) => _narrow = narrow;

    /// <summary>Whether there is rounding to be done.</summary>
    public bool IsUsed => _narrow is not null;

    /// <summary>The rounding of kernels of a width; <see cref="SimdWidth.Scalar"/> is the definition.</summary>
    public static StochasticNarrowing For(SimdWidth width) => new(width switch
    {
        SimdWidth.Vector512 => &Narrow512,
        SimdWidth.Vector256 => &Narrow256,
        SimdWidth.Vector128 => &Narrow128,
        _ => &NarrowScalar,
    });

    /// <summary>Rounds <paramref name="length"/> elements.</summary>
    /// <param name="source">float32[<paramref name="length"/>].</param>
    /// <param name="target">bfloat16[<paramref name="length"/>].</param>
    /// <param name="length">Elements; 0 or more.</param>
    /// <param name="first">Index of the first one in its tensor; even.</param>
    /// <param name="key">From <see cref="RoundingKey"/>.</param>
    public void Narrow(float* source, ushort* target, int length, long first, ulong key)
    {
        // Vectors take one upper half of the pairs' numbers for all.
        long end = (first | RandomPairs.LastOfUpperHalf) + 1;
        if (end - first < length)
        {
            int before = (int)(end - first);
            _narrow(source, target, before, first, key);
            source += before;
            target += before;
            length -= before;
            first = end;
        }

        _narrow(source, target, length, first, key);
    }

    private static void NarrowScalar(float* source, ushort* target, int length, long first, ulong key)
    {
        for (int i = 0; i < length; i++)
        {
            target[i] = (ushort)BFloat16Format.Narrow(
                BitConverter.SingleToInt32Bits(source[i]), RandomPairs.Number(first + i, key));
        }
    }

    private static void Narrow128(float* source, ushort* target, int length, long first, ulong key)
    {
        ulong keyHere = RandomPairs.KeyAt(first, key);
        Vector128<uint> low = Vector128.Create((uint)keyHere);
        Vector128<uint> middle = Vector128.Create((uint)(keyHere >> 32));
        Vector128<uint> numbers = Vector128.Create((uint)(first >> 1)) + Vector128<uint>.Indices;
        int i = 0;
        for (; i <= length - Vector128<ushort>.Count; i += Vector128<ushort>.Count)
        {
            // In memory order the halves of words are the numbers of their two elements, one after the other.
            (Vector128<uint> lower, Vector128<uint> upper) = Vector128.Widen(
                RandomPairs.Word(numbers ^ low, middle).AsUInt16());
            Vector128<int> lowerBits = BFloat16Format.Narrow(Vector128.Load(source + i).AsInt32(), lower.AsInt32());
            Vector128<int> upperBits = BFloat16Format.Narrow(
                Vector128.Load(source + i + Vector128<float>.Count).AsInt32(), upper.AsInt32());
            Vector128.Narrow(lowerBits.AsUInt32(), upperBits.AsUInt32()).Store(target + i);
            numbers += Vector128.Create((uint)Vector128<uint>.Count);
        }

        NarrowScalar(source + i, target + i, length - i, first + i, key);
    }

    private static void Narrow256(float* source, ushort* target, int length, long first, ulong key)
    {
        ulong keyHere = RandomPairs.KeyAt(first, key);
        Vector256<uint> low = Vector256.Create((uint)keyHere);
        Vector256<uint> middle = Vector256.Create((uint)(keyHere >> 32));
        Vector256<uint> numbers = Vector256.Create((uint)(first >> 1)) + Vector256<uint>.Indices;
        int i = 0;
        for (; i <= length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            // In memory order the halves of words are the numbers of their two elements, one after the other.
            (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(
                RandomPairs.Word(numbers ^ low, middle).AsUInt16());
            Vector256<int> lowerBits = BFloat16Format.Narrow(Vector256.Load(source + i).AsInt32(), lower.AsInt32());
            Vector256<int> upperBits = BFloat16Format.Narrow(
                Vector256.Load(source + i + Vector256<float>.Count).AsInt32(), upper.AsInt32());
            Vector256.Narrow(lowerBits.AsUInt32(), upperBits.AsUInt32()).Store(target + i);
            numbers += Vector256.Create((uint)Vector256<uint>.Count);
        }

        NarrowScalar(source + i, target + i, length - i, first + i, key);
    }

    private static void Narrow512(float* source, ushort* target, int length, long first, ulong key)
    {
        ulong keyHere = RandomPairs.KeyAt(first, key);
        Vector512<uint> low = Vector512.Create((uint)keyHere);
        Vector512<uint> middle = Vector512.Create((uint)(keyHere >> 32));
        Vector512<uint> numbers = Vector512.Create((uint)(first >> 1)) + Vector512<uint>.Indices;
        int i = 0;
        for (; i <= length - Vector512<ushort>.Count; i += Vector512<ushort>.Count)
        {
            // In memory order the halves of words are the numbers of their two elements, one after the other.
            (Vector512<uint> lower, Vector512<uint> upper) = Vector512.Widen(
                RandomPairs.Word(numbers ^ low, middle).AsUInt16());
            Vector512<int> lowerBits = BFloat16Format.Narrow(Vector512.Load(source + i).AsInt32(), lower.AsInt32());
            Vector512<int> upperBits = BFloat16Format.Narrow(
                Vector512.Load(source + i + Vector512<float>.Count).AsInt32(), upper.AsInt32());
            Vector512.Narrow(lowerBits.AsUInt32(), upperBits.AsUInt32()).Store(target + i);
            numbers += Vector512.Create((uint)Vector512<uint>.Count);
        }

        NarrowScalar(source + i, target + i, length - i, first + i, key);
    }
}
