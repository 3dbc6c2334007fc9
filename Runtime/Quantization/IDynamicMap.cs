namespace Requant.Quantization;

/// <summary>One of the dynamic maps, as a type, so that code over it is compiled once per map.</summary>
internal unsafe interface IDynamicMap
{
    /// <summary>Whether the map has negative values: then code 127 is 0 and the two sides mirror each other.</summary>
    static abstract bool IsSigned { get; }

    /// <summary>The values and their exact rounding.</summary>
    static abstract Codebook Codebook { get; }

    /// <summary>The codebook's values: float32[256] at an address that never changes.</summary>
    static abstract float* Values { get; }
}

/// <summary>The map of <see cref="Codec.Dynamic"/>.</summary>
internal readonly unsafe struct SignedDynamicMap : IDynamicMap
{
    private static readonly float* Table = FixedTable.Copy(Codebook.Values);

    public static bool IsSigned => true;

    public static Codebook Codebook => Codebook.For(Codec.Dynamic);

    public static float* Values => Table;
}

/// <summary>The map of <see cref="Codec.DynamicUnsigned"/>.</summary>
internal readonly unsafe struct UnsignedDynamicMap : IDynamicMap
{
    private static readonly float* Table = FixedTable.Copy(Codebook.Values);

    public static bool IsSigned => false;

    public static Codebook Codebook => Codebook.For(Codec.DynamicUnsigned);

    public static float* Values => Table;
}
