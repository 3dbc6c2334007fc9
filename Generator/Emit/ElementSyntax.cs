using Requant.Generator.Ir;
using Requant.Generator.Support;

namespace Requant.Generator.Emit;

/// <summary>Operations on one float, in plain C#.</summary>
/// <param name="functions">The class that holds each function of this backend.</param>
internal sealed class ElementSyntax(IReadOnlyDictionary<OpCode, string> functions) : IOpSyntax
{
    public string TypeOf(IrType type) => type == IrType.Bool ? "bool" : "float";

    public (string Text, int Precedence) Print(IrOp op, Func<int, int, string> operand)
    {
        if ((Infix.Arithmetic(op.Code) ?? Infix.Condition(op.Code)) is { } infix)
        {
            return Infix.Print(infix, operand);
        }

        return op.Code switch
        {
            OpCode.ConstFloat when op.Text.Length > 0 => Hidden(op),
            OpCode.ConstFloat => Literals.FloatOperand(op.Value),
            OpCode.ConstBool => (Literals.Bool(op.Value != 0), Infix.Primary),
            OpCode.Negate => ("-" + operand(0, Infix.Primary), Infix.Unary),
            OpCode.Not => ("!" + operand(0, Infix.Unary), Infix.Unary),
            OpCode.Select when op.Type == IrType.Float && functions.TryGetValue(op.Code, out string? type) =>
                ($"{type}.Select({operand(0, 0)}, {operand(1, 0)}, {operand(2, 0)})", Infix.Primary),
            OpCode.Select => (
                $"{operand(0, Infix.Conditional + 1)} ? {operand(1, Infix.Conditional + 1)} : {operand(2, Infix.Conditional)}", Infix.Conditional),
            _ when functions.TryGetValue(op.Code, out string? type) => ElementFunctions.Call(type, op, operand),
            _ => throw new InvalidOperationException($"{op.Code} has no form for one float."),
        };
    }

    /// <summary>A constant that the backend's compiler must not compute with; <c>zero</c> is 0 at run time.</summary>
    private static (string Text, int Precedence) Hidden(IrOp op)
    {
        (string text, _) = Literals.FloatOperand(op.Value);
        return op.Value != 0 ? ($"({text} + zero)", Infix.Primary)
            : text.StartsWith("-", StringComparison.Ordinal) ? ("-zero", Infix.Unary)
            : ("zero", Infix.Primary);
    }
}
