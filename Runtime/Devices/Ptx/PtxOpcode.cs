namespace Requant.Devices.Ptx;

/// <summary>What instructions do with their operands.</summary>
internal static class PtxOpcode
{
    /// <summary>Instructions whose only effect is their result, which their operands alone make.</summary>
    private static readonly HashSet<string> Pure =
    [
        "abs", "add", "and", "bfe", "bfi", "brev", "clz", "copysign", "cvt", "cvta", "div", "ex2", "fma", "lg2", "lop3",
        "mad", "max", "min", "mov", "mul", "neg", "not", "or", "popc", "prmt", "rcp", "rem", "rsqrt", "sad", "selp",
        "set", "setp", "shl", "shr", "sqrt", "sub", "tanh", "testp", "xor",
    ];

    /// <summary>Instructions that have a result and do more, or depend on more.</summary>
    private static readonly HashSet<string> WithResult = ["atom", "ld", "match", "redux", "shfl", "vote"];

    /// <summary>Instructions without a result.</summary>
    private static readonly HashSet<string> WithoutResult =
        ["bar", "bra", "exit", "fence", "membar", "prefetch", "red", "ret", "st", "trap"];

    /// <summary>Whether all is known that rewriting must know.</summary>
    public static bool IsKnown(PtxLine line) =>
        Pure.Contains(line.Name) || WithResult.Contains(line.Name) || WithoutResult.Contains(line.Name);

    /// <summary>Whether the instruction may go, or be replaced by another with the same result.</summary>
    public static bool IsPure(PtxLine line) =>
        Pure.Contains(line.Name) && line.Guard is null && PtxOperand.IsRegister(line.Operands[0]);

    /// <summary>The registers that it writes, where its guard holds.</summary>
    public static IEnumerable<string> Results(PtxLine line) =>
        WithoutResult.Contains(line.Name) ? [] : PtxOperand.Registers(line.Operands[0]);

    /// <summary>The registers that it reads.</summary>
    public static IEnumerable<string> Sources(PtxLine line)
    {
        IEnumerable<string> sources = line.Operands.Skip(FirstSource(line)).SelectMany(PtxOperand.Registers);
        return line.Guard is null ? sources : sources.Append(line.Guard.TrimStart('!'));
    }

    /// <summary>Position of the first operand that is no result.</summary>
    public static int FirstSource(PtxLine line) => WithoutResult.Contains(line.Name) ? 0 : 1;

    /// <summary>Whether control may go elsewhere than to the next line.</summary>
    public static bool EndsBlock(PtxLine line) => line.Name is "bra" or "ret" or "exit" or "trap";

    /// <summary>Whether control goes to the next line.</summary>
    public static bool FallsThrough(PtxLine line) => !EndsBlock(line) || line.Guard is not null;
}
