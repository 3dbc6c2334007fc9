namespace Requant.Quantization;

/// <summary>One of the dynamic maps.</summary>
/// <typeparam name="TSelf">The map.</typeparam>
internal unsafe interface IDynamicMap<TSelf> : ICodebookMap
    where TSelf : struct, IDynamicMap<TSelf>
{
    /// <summary>Whether the map has negative values: then code 127 is 0 and the two sides mirror each other.</summary>
    static abstract bool IsSigned { get; }

    /// <summary>Low bits of a float32 that tell no cell of the <see cref="LookupTable"/>: the most for which no two
    /// thresholds share one.</summary>
    static abstract int CellShift { get; }

    static void ICodebookMap.Encode128(float* values, byte* codes, int length, float inverse) =>
        LookupEncoder<TSelf>.Encode128(values, codes, length, inverse);

    static void ICodebookMap.Encode256(float* values, byte* codes, int length, float inverse) =>
        LookupEncoder<TSelf>.Encode256(values, codes, length, inverse);

    static void ICodebookMap.Encode512(float* values, byte* codes, int length, float inverse)
    {
        int i = 0;
        if (DynamicEncoder512<TSelf>.IsSupported)
        {
            int group = DynamicEncoder512<TSelf>.Group;
            while ((i = DynamicEncoder512<TSelf>.EncodeWhileCertain(values, codes, i, length, inverse)) <= length - group)
            {
                TSelf.Encode256(values + i, codes + i, group, inverse);
                i += group;
            }
        }

        if (i < length)
        {
            TSelf.Encode256(values + i, codes + i, length - i, inverse);
        }
    }
}

/// <summary>The map of <see cref="Codec.Dynamic"/>.</summary>
internal readonly struct SignedDynamicMap : IDynamicMap<SignedDynamicMap>
{
    public static bool IsSigned => true;

    public static int CellShift => 17;

    public static Codebook Codebook => Codebook.For(Codec.Dynamic);
}

/// <summary>The map of <see cref="Codec.DynamicUnsigned"/>.</summary>
internal readonly struct UnsignedDynamicMap : IDynamicMap<UnsignedDynamicMap>
{
    public static bool IsSigned => false;

    public static int CellShift => 16;

    public static Codebook Codebook => Codebook.For(Codec.DynamicUnsigned);
}
