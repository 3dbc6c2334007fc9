namespace Requant.Ptx.Syntax;

/// <summary>The fundamental types of PTX that the interpreter knows.</summary>
internal enum PtxType
{
    Pred,
    B8,
    B16,
    B32,
    B64,
    U8,
    U16,
    U32,
    U64,
    S8,
    S16,
    S32,
    S64,
    F16,
    BF16,
    F32,
    F64,
}

/// <summary>Facts about types.</summary>
internal static class PtxTypes
{
    private static readonly Dictionary<string, PtxType> ByName =
        Enum.GetValues<PtxType>().ToDictionary(type => type.Name(), StringComparer.Ordinal);

    private static readonly PtxType[] Signed = [PtxType.S8, PtxType.S16, PtxType.S32, PtxType.S64];
    private static readonly PtxType[] Floats = [PtxType.F16, PtxType.BF16, PtxType.F32, PtxType.F64];
    private static readonly PtxType[] BitTypes = [PtxType.B8, PtxType.B16, PtxType.B32, PtxType.B64];

    /// <summary>As PTX writes it, without the point.</summary>
#pragma warning disable CA1308 // PTX is lower case.
    public static string Name(this PtxType type) => type.ToString().ToLowerInvariant();
#pragma warning restore CA1308

    public static bool TryParse(string name, out PtxType type) => ByName.TryGetValue(name, out type);

    /// <summary>Bits of a value; 1 for a predicate.</summary>
    public static int Bits(this PtxType type) => type switch
    {
        PtxType.Pred => 1,
        PtxType.B8 or PtxType.U8 or PtxType.S8 => 8,
        PtxType.B16 or PtxType.U16 or PtxType.S16 or PtxType.F16 or PtxType.BF16 => 16,
        PtxType.B32 or PtxType.U32 or PtxType.S32 or PtxType.F32 => 32,
        _ => 64,
    };

    public static int Bytes(this PtxType type) => type.Bits() / 8;

    /// <summary>The bits that a value of the type can set.</summary>
    public static ulong Mask(this PtxType type) => Mask(type.Bits());

    public static ulong Mask(int bits) => bits == 64 ? ulong.MaxValue : (1UL << bits) - 1;

    public static bool IsSigned(this PtxType type) => Signed.Contains(type);

    public static bool IsFloat(this PtxType type) => Floats.Contains(type);

    public static bool IsInteger(this PtxType type) =>
        type != PtxType.Pred && !type.IsFloat() && !BitTypes.Contains(type);

    /// <summary>Whether an instruction of this type may use a register declared as <paramref name="register"/>: PTX
    /// asks for equal size, and bits go with everything, but integers do not go with floats.</summary>
    /// <param name="type">Of the instruction.</param>
    /// <param name="register">Of the register.</param>
    /// <param name="mayBeWider">Loads, stores and conversions take registers that are wider than their type.</param>
    public static bool Accepts(this PtxType type, PtxType register, bool mayBeWider)
    {
        if (type == PtxType.Pred || register == PtxType.Pred)
        {
            return type == register;
        }

        bool sizes = mayBeWider ? register.Bits() >= type.Bits() : register.Bits() == type.Bits();
        bool mixed = (type.IsFloat() && register.IsInteger()) || (type.IsInteger() && register.IsFloat());
        return sizes && !mixed;
    }
}
