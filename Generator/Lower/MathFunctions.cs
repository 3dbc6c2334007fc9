using Requant.Generator.Ir;

namespace Requant.Generator.Lower;

/// <summary>The allow-list of functions. Those with an operation of their own run for every element; the others run on
/// the host, for values that are the same for all elements.</summary>
internal static class MathFunctions
{
    public const string List =
        "MathF.Abs, Sqrt, Min, Max, Sign, CopySign, Floor, Ceiling, Round, Truncate, FusedMultiplyAdd, Pow, Exp, Log, Log2, Log10, Cbrt, "
        + "Tanh, Sin, Cos or Math.Clamp";

    private static readonly Dictionary<(string Name, int Operands), OpCode> PerElement = new()
    {
        [("MathF.Abs", 1)] = OpCode.Abs,
        [("Math.Abs", 1)] = OpCode.Abs,
        [("MathF.Sqrt", 1)] = OpCode.Sqrt,
        [("MathF.Min", 2)] = OpCode.Min,
        [("Math.Min", 2)] = OpCode.Min,
        [("MathF.Max", 2)] = OpCode.Max,
        [("Math.Max", 2)] = OpCode.Max,
        [("MathF.Sign", 1)] = OpCode.Sign,
        [("Math.Sign", 1)] = OpCode.Sign,
        [("Math.Clamp", 3)] = OpCode.Clamp,
        [("MathF.CopySign", 2)] = OpCode.CopySign,
        [("MathF.Floor", 1)] = OpCode.Floor,
        [("MathF.Ceiling", 1)] = OpCode.Ceiling,

        // Rounding to digits throws for some, and a step must not fail halfway.
        [("MathF.Round", 1)] = OpCode.Round,
        [("MathF.Truncate", 1)] = OpCode.Truncate,
        [("MathF.FusedMultiplyAdd", 3)] = OpCode.FusedMultiplyAdd,
        [("MathF.Pow", 2)] = OpCode.Pow,
        [("MathF.Exp", 1)] = OpCode.Exp,
        [("MathF.Log", 1)] = OpCode.Log,
        [("MathF.Log2", 1)] = OpCode.Log2,
        [("MathF.Log10", 1)] = OpCode.Log10,
        [("MathF.Cbrt", 1)] = OpCode.Cbrt,
        [("MathF.Tanh", 1)] = OpCode.Tanh,
        [("MathF.Sin", 1)] = OpCode.Sin,
        [("MathF.Cos", 1)] = OpCode.Cos,
    };

    /// <summary>Whether a rule may call it. The logarithm to any base is there for uniform values only.</summary>
    public static bool IsKnown(string name, int arguments) =>
        PerElement.ContainsKey((name, arguments)) || (name == "MathF.Log" && arguments == 2);

    /// <summary>The operation that runs for every element, or null.</summary>
    public static OpCode? Operation(string name, int operands) =>
        PerElement.TryGetValue((name, operands), out OpCode code) ? code : null;
}
