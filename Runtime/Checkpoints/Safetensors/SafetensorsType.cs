namespace Requant.Checkpoints.Safetensors;

/// <summary>The element types of the safetensors layout, by the names that its header has for them.</summary>
internal enum SafetensorsType
{
    BOOL,
    U8,
    I8,
    F8_E5M2,
    F8_E4M3,
    U16,
    I16,
    F16,
    BF16,
    U32,
    I32,
    F32,
    U64,
    I64,
    F64,
}

/// <summary>What there is to know of an element type.</summary>
internal static class SafetensorsTypes
{
    private static readonly Dictionary<string, SafetensorsType> ByName =
        Enum.GetValues<SafetensorsType>().ToDictionary(type => type.ToString(), StringComparer.Ordinal);

    public static bool TryParse(string name, out SafetensorsType type) => ByName.TryGetValue(name, out type);

    /// <summary>Bytes of one element.</summary>
    public static int Size(this SafetensorsType type) => type switch
    {
        < SafetensorsType.U16 => 1,
        < SafetensorsType.U32 => 2,
        < SafetensorsType.U64 => 4,
        _ => 8,
    };
}
