using System.Runtime.CompilerServices;

namespace Requant.Codecs.Blocks;

/// <summary>A codebook whose values are read from a table.</summary>
/// <typeparam name="TSelf">The map.</typeparam>
internal unsafe interface ITableMap<TSelf> : ICodebookMap
    where TSelf : struct, ITableMap<TSelf>
{
    /// <summary>The codec.</summary>
    static abstract Codec Codec { get; }

    /// <summary>Whether no value is negative; then what is above 0 has code 1 at least.</summary>
    static virtual bool IsUnsigned
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TSelf.Codec.IsUnsigned();
    }

    static Codebook ICodebookMap.Codebook => Codebook.Table(TSelf.Codec);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float ICodebookMap.Decode(byte code, float absmax) => BlockDecoder<TSelf>.Decode(code, absmax);

    static void ICodebookMap.Decode128(byte* codes, float* values, int length, float absmax) =>
        BlockDecoder<TSelf>.Decode(codes, values, length, absmax);

    static void ICodebookMap.Decode256(byte* codes, float* values, int length, float absmax) =>
        BlockDecoder<TSelf>.Decode(codes, values, length, absmax);

    static void ICodebookMap.Decode512(byte* codes, float* values, int length, float absmax) =>
        BlockDecoder<TSelf>.Decode512(codes, values, length, absmax);

    // What is left over is looked up one by one; so are the few blocks that two keys share, and all with vectors of 4.
    static void ICodebookMap.EncodeStochastic(
        SimdWidth width, float* values, byte* codes, int length, float inverse, RandomBytes random)
    {
        int done = width >= SimdWidth.Vector256
            && StochasticEncoder256<TSelf>.IsSupported
            && length <= random.LengthOfKey
            ? StochasticEncoder256<TSelf>.Encode(width, values, codes, length, inverse, random)
            : 0;
        TSelf.Codebook.EncodeStochastic(
            new ReadOnlySpan<float>(values + done, length - done),
            inverse,
            new Span<byte>(codes + done, length - done),
            random.Skip(done));
    }
}
