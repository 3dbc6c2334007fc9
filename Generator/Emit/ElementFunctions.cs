using Requant.Generator.Ir;

namespace Requant.Generator.Emit;

/// <summary>Functions of one element. In every class that has one, its name is that of the operation.</summary>
internal static class ElementFunctions
{
    /// <summary>What .NET computes exactly, or rounds once, for floats and for vectors.</summary>
    private static readonly OpCode[] Exact =
    [
        OpCode.Abs, OpCode.Sqrt, OpCode.Min, OpCode.Max, OpCode.CopySign, OpCode.Floor, OpCode.Ceiling, OpCode.Round, OpCode.Truncate,
        OpCode.FusedMultiplyAdd,
    ];

    /// <summary>What .NET computes in different ways for floats and for vectors, or lets throw.</summary>
    private static readonly OpCode[] Others =
    [
        OpCode.Sign, OpCode.Clamp, OpCode.Pow, OpCode.Exp, OpCode.Log, OpCode.Log2, OpCode.Log10, OpCode.Cbrt, OpCode.Tanh, OpCode.Sin, OpCode.Cos,
    ];

    /// <summary>The class that each function is taken from.</summary>
    public static Dictionary<OpCode, string> In(string exact, string others) =>
        Exact.Select(code => (code, exact)).Concat(Others.Select(code => (code, others)))
            .ToDictionary(pair => pair.Item1, pair => pair.Item2);

    /// <summary>The call of the function of that type.</summary>
    public static (string Text, int Precedence) Call(string type, IrOp op, Func<int, int, string> operand) =>
        ($"{type}.{op.Code}({string.Join(", ", op.Operands.Select((_, index) => operand(index, 0)))})", Infix.Primary);
}
