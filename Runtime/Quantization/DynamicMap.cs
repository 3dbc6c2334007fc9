using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.Quantization;

/// <summary>One of the dynamic maps.</summary>
/// <typeparam name="TSelf">The map.</typeparam>
internal unsafe interface IDynamicMap<TSelf> : ICodebookMap
    where TSelf : struct, IDynamicMap<TSelf>
{
    /// <summary>Whether the map has negative values: then code 127 is 0 and the two sides mirror each other.</summary>
    static abstract bool IsSigned { get; }

    static void ICodebookMap.Encode128(float* values, byte* codes, int length, float inverse) =>
        CodebookBlock<TSelf>.Encode(values, codes, length, inverse);

    static void ICodebookMap.Encode256(float* values, byte* codes, int length, float inverse)
    {
        if (!DynamicEncoder256<TSelf>.IsSupported)
        {
            CodebookBlock<TSelf>.Encode(values, codes, length, inverse);
            return;
        }

        int done = CodebookBlock<TSelf>.EncodeGroups<DynamicEncoder256<TSelf>>(values, codes, length, inverse);
        CodebookBlock<TSelf>.EncodeRest<DynamicEncoder256<TSelf>>(values + done, codes + done, length - done, inverse);
    }

    static void ICodebookMap.Encode512(float* values, byte* codes, int length, float inverse)
    {
        int done = DynamicEncoder512<TSelf>.IsSupported
            ? CodebookBlock<TSelf>.EncodeGroups<DynamicEncoder512<TSelf>>(values, codes, length, inverse)
            : 0;
        if (done < length)
        {
            TSelf.Encode256(values + done, codes + done, length - done, inverse);
        }
    }
}

/// <summary>The map of <see cref="Codec.Dynamic"/>.</summary>
internal readonly struct SignedDynamicMap : IDynamicMap<SignedDynamicMap>
{
    public static bool IsSigned => true;

    public static Codebook Codebook => Codebook.For(Codec.Dynamic);
}

/// <summary>The map of <see cref="Codec.DynamicUnsigned"/>.</summary>
internal readonly struct UnsignedDynamicMap : IDynamicMap<UnsignedDynamicMap>
{
    public static bool IsSigned => false;

    public static Codebook Codebook => Codebook.For(Codec.DynamicUnsigned);
}
