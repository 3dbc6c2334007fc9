using Requant.Codecs.Blocks;

namespace Requant.Codecs.MiniFloats;

/// <summary>One of the two codecs of <see cref="MiniFloatFormat"/>.</summary>
internal interface IMiniFloatMap
{
    /// <summary>Whether it is <see cref="Codec.MiniFloatUnsigned"/>.</summary>
    static abstract bool IsUnsigned { get; }
}

/// <summary>What the two have in common.</summary>
internal unsafe interface IMiniFloatMap<TSelf> : IMiniFloatMap, ICodebookMap
    where TSelf : struct, IMiniFloatMap<TSelf>
{
    static float ICodebookMap.Decode(byte code, float absmax) =>
        MiniFloatFormat.Decode(code, TSelf.IsUnsigned) * absmax;

    static void ICodebookMap.Decode128(byte* codes, float* values, int length, float absmax) =>
        DecodeRest(codes, values, MiniFloatDecoder128<TSelf>.Decode(codes, values, length, absmax), length, absmax);

    static void ICodebookMap.Decode256(byte* codes, float* values, int length, float absmax)
    {
        int done = MiniFloatDecoder256<TSelf>.IsSupported
            ? MiniFloatDecoder256<TSelf>.Decode(codes, values, length, absmax)
            : 0;
        done += MiniFloatDecoder128<TSelf>.Decode(codes + done, values + done, length - done, absmax);
        DecodeRest(codes, values, done, length, absmax);
    }

    static void ICodebookMap.Decode512(byte* codes, float* values, int length, float absmax)
    {
        int done = MiniFloatDecoder512<TSelf>.IsSupported
            ? MiniFloatDecoder512<TSelf>.Decode(codes, values, length, absmax)
            : 0;
        if (done < length)
        {
            TSelf.Decode256(codes + done, values + done, length - done, absmax);
        }
    }

    static void ICodebookMap.Encode128(float* values, byte* codes, int length, float inverse) =>
        Encode128<NearestRounding>(values, codes, length, inverse, default);

    static void ICodebookMap.Encode256(float* values, byte* codes, int length, float inverse) =>
        Encode256<NearestRounding>(values, codes, length, inverse, default);

    static void ICodebookMap.Encode512(float* values, byte* codes, int length, float inverse) =>
        Encode512<NearestRounding>(values, codes, length, inverse, default);

    static void ICodebookMap.EncodeStochastic(
        SimdWidth width, float* values, byte* codes, int length, float inverse, RandomBytes random)
    {
        // Vectors take one key for all.
        int before = (int)Math.Min(length, random.LengthOfKey);
        EncodeOfKey(width, values, codes, before, inverse, random);
        EncodeOfKey(width, values + before, codes + before, length - before, inverse, random.Skip(before));
    }

    private static void EncodeOfKey(
        SimdWidth width, float* values, byte* codes, int length, float inverse, RandomBytes random)
    {
        switch (width)
        {
            case SimdWidth.Vector512:
                Encode512<StochasticRounding>(values, codes, length, inverse, random);
                break;
            case SimdWidth.Vector256:
                Encode256<StochasticRounding>(values, codes, length, inverse, random);
                break;
            case SimdWidth.Vector128:
                Encode128<StochasticRounding>(values, codes, length, inverse, random);
                break;
            default:
                EncodeRest<StochasticRounding>(values, codes, 0, length, inverse, random);
                break;
        }
    }

    private static void Encode128<TRounding>(float* values, byte* codes, int length, float inverse, RandomBytes random)
        where TRounding : struct, IRoundingMode
    {
        int done = MiniFloatEncoder128<TSelf, TRounding>.Encode(values, codes, length, inverse, random);
        EncodeRest<TRounding>(values, codes, done, length, inverse, random);
    }

    private static void Encode256<TRounding>(float* values, byte* codes, int length, float inverse, RandomBytes random)
        where TRounding : struct, IRoundingMode
    {
        int done = MiniFloatEncoder256<TSelf, TRounding>.IsSupported
            ? MiniFloatEncoder256<TSelf, TRounding>.Encode(values, codes, length, inverse, random)
            : 0;
        if (done < length)
        {
            Encode128<TRounding>(values + done, codes + done, length - done, inverse, random.Skip(done));
        }
    }

    private static void Encode512<TRounding>(float* values, byte* codes, int length, float inverse, RandomBytes random)
        where TRounding : struct, IRoundingMode
    {
        int done = MiniFloatEncoder512<TSelf, TRounding>.IsSupported
            ? MiniFloatEncoder512<TSelf, TRounding>.Encode(values, codes, length, inverse, random)
            : 0;
        if (done < length)
        {
            Encode256<TRounding>(values + done, codes + done, length - done, inverse, random.Skip(done));
        }
    }

    private static void EncodeRest<TRounding>(
        float* values, byte* codes, int done, int length, float inverse, RandomBytes random)
        where TRounding : struct, IRoundingMode
    {
        for (int i = done; i < length; i++)
        {
            codes[i] = TRounding.IsStochastic
                ? MiniFloatFormat.Encode(values[i] * inverse, TSelf.IsUnsigned, MiniFloatFormat.Unbiased, random.At(i))
                : MiniFloatFormat.Encode(values[i] * inverse, TSelf.IsUnsigned, 0, MiniFloatFormat.Half);
        }
    }

    private static void DecodeRest(byte* codes, float* values, int done, int length, float absmax)
    {
        for (int i = done; i < length; i++)
        {
            values[i] = MiniFloatFormat.Decode(codes[i], TSelf.IsUnsigned) * absmax;
        }
    }
}

/// <summary>The map of <see cref="Codec.MiniFloat"/>.</summary>
internal readonly struct MiniFloatMap : IMiniFloatMap<MiniFloatMap>
{
    public static bool IsUnsigned => false;

    public static Codebook Codebook => Codebook.For(Codec.MiniFloat);
}

/// <summary>The map of <see cref="Codec.MiniFloatUnsigned"/>.</summary>
internal readonly struct MiniFloatUnsignedMap : IMiniFloatMap<MiniFloatUnsignedMap>
{
    public static bool IsUnsigned => true;

    public static Codebook Codebook => Codebook.For(Codec.MiniFloatUnsigned);
}
