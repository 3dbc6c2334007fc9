using Requant.Codecs.Blocks;

namespace Requant.Codecs.Dynamic;

/// <summary>One of the dynamic maps.</summary>
/// <typeparam name="TSelf">The map.</typeparam>
internal unsafe interface IDynamicMap<TSelf> : ITableMap<TSelf>
    where TSelf : struct, IDynamicMap<TSelf>
{
    /// <summary>Whether the map has negative values: then code 127 is 0 and the two sides mirror each other.</summary>
    static abstract bool IsSigned { get; }

    /// <summary>Low bits of a float32 that tell no cell of the <see cref="LookupTable"/>: the most for which no two
    /// thresholds share one.</summary>
    static abstract int CellShift { get; }

    static void ICodebookMap.Encode128(float* values, byte* codes, int length, float inverse) =>
        LookupEncoder<TSelf>.Encode(values, codes, length, inverse);

    static void ICodebookMap.Encode256(float* values, byte* codes, int length, float inverse)
    {
        int done = DynamicEncoder256<TSelf>.IsSupported
            ? EncodeGroups<DynamicEncoder256<TSelf>>(values, codes, length, inverse)
            : 0;
        LookupEncoder<TSelf>.Encode(values + done, codes + done, length - done, inverse);
    }

    static void ICodebookMap.Encode512(float* values, byte* codes, int length, float inverse)
    {
        int done = DynamicEncoder512<TSelf>.IsSupported
            ? EncodeGroups<DynamicEncoder512<TSelf>>(values, codes, length, inverse)
            : 0;
        if (done < length)
        {
            TSelf.Encode256(values + done, codes + done, length - done, inverse);
        }
    }

    // Looks up the groups that arithmetic does not decide. Returns where the rest begins, less than a group.
    private static int EncodeGroups<TEncoder>(float* values, byte* codes, int length, float inverse)
        where TEncoder : struct, IGroupEncoder
    {
        int i = 0;
        while ((i = TEncoder.EncodeWhileCertain(values, codes, i, length, inverse)) <= length - TEncoder.Group)
        {
            LookupEncoder<TSelf>.Encode(values + i, codes + i, TEncoder.Group, inverse);
            i += TEncoder.Group;
        }

        return i;
    }
}

/// <summary>The map of <see cref="Codec.Dynamic"/>.</summary>
internal readonly struct SignedDynamicMap : IDynamicMap<SignedDynamicMap>
{
    public static bool IsSigned => true;

    public static int CellShift => 17;

    public static Codec Codec => Codec.Dynamic;
}

/// <summary>The map of <see cref="Codec.DynamicUnsigned"/>.</summary>
internal readonly struct UnsignedDynamicMap : IDynamicMap<UnsignedDynamicMap>
{
    public static bool IsSigned => false;

    public static int CellShift => 16;

    public static Codec Codec => Codec.DynamicUnsigned;
}
