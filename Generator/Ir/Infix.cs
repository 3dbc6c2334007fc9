namespace Requant.Generator.Ir;

/// <summary>C#'s operators between operands, and precedences.</summary>
internal static class Infix
{
    public const int Primary = 100;
    public const int Unary = 90;
    public const int Conditional = 20;

    public static (string Text, int Precedence) Print(Operation operation, Func<int, int, string> operand) =>
        ($"{operand(0, operation.Precedence)} {operation.Symbol} {operand(1, operation.Precedence + 1)}",
            operation.Precedence);

    /// <summary>The call of an operation's function in a class.</summary>
    public static (string Text, int Precedence) Call(string type, IrOp op, Func<int, int, string> operand) =>
        ($"{type}.{op.Code}({string.Join(", ", op.Operands.Select((_, index) => operand(index, 0)))})", Primary);
}
