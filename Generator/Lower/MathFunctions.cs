using Requant.Generator.Ir;

namespace Requant.Generator.Lower;

/// <summary>The allow-list of functions. Those with an operation of their own run for every element; the others run on
/// the host, for values that are the same for all elements.</summary>
internal static class MathFunctions
{
    public const string List =
        "MathF.Abs, Sqrt, Min, Max or Sign, and for uniform values also Pow, Exp, Log, Log2, Tanh, Sin, Cos, Floor, Ceiling or Round";

    private static readonly HashSet<string> Host =
    [
        "MathF.Pow", "MathF.Exp", "MathF.Log", "MathF.Log2", "MathF.Log10", "MathF.Tanh", "MathF.Sin", "MathF.Cos",
        "MathF.Floor", "MathF.Ceiling", "MathF.Round", "MathF.Cbrt", "MathF.CopySign", "MathF.FusedMultiplyAdd", "Math.Clamp",
    ];

    /// <summary>Whether a rule may call it. Rounding to digits throws for some, and a step must not fail halfway.</summary>
    public static bool IsKnown(string name, int arguments) =>
        (Host.Contains(name) && !(name == "MathF.Round" && arguments > 1)) || name is "MathF.Abs" or "MathF.Sqrt" or "MathF.Min" or "MathF.Max" or "MathF.Sign"
            or "Math.Abs" or "Math.Min" or "Math.Max" or "Math.Sign";

    public static OpCode? Operation(string method, int operands) => (method, operands) switch
    {
        ("Abs", 1) => OpCode.Abs,
        ("Sqrt", 1) => OpCode.Sqrt,
        ("Min", 2) => OpCode.Min,
        ("Max", 2) => OpCode.Max,
        ("Sign", 1) => OpCode.Sign,
        _ => null,
    };
}
