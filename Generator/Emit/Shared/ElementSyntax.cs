using Requant.Generator.Ir;
using Requant.Generator.Support;

namespace Requant.Generator.Emit.Shared;

/// <summary>Operations on one float, in plain C#.</summary>
/// <param name="functionsOf">The class that holds a function on this backend.</param>
/// <param name="select">The method that selects a float without a branch; null for <c>?:</c>.</param>
internal sealed class ElementSyntax(Func<Operation, string> functionsOf, string? select = null) : IOpSyntax
{
    public string TypeOf(IrType type) => type == IrType.Bool ? "bool" : "float";

    public (string Text, int Precedence) Print(IrOp op, Func<int, int, string> operand)
    {
        if (op.Operation.Symbol.Length > 0)
        {
            return Infix.Print(op.Operation, operand);
        }

        return op.Code switch
        {
            OpCode.ConstFloat when op.IsOpaque => Opaque(op),
            OpCode.ConstFloat => Literals.FloatOperand(op.Value),
            OpCode.ConstBool => (Literals.Bool(op.Value != 0), Infix.Primary),
            OpCode.Negate => ("-" + operand(0, Infix.Primary), Infix.Unary),
            OpCode.Not => ("!" + operand(0, Infix.Unary), Infix.Unary),
            OpCode.Select when op.Type == IrType.Float && select is not null =>
                ($"{select}({operand(0, 0)}, {operand(1, 0)}, {operand(2, 0)})", Infix.Primary),
            OpCode.Select => (
                $"{operand(0, Infix.Conditional + 1)} ? {operand(1, Infix.Conditional + 1)} : "
                + $"{operand(2, Infix.Conditional)}", Infix.Conditional),
            _ when op.Operation.IsFunction => Infix.Call(functionsOf(op.Operation), op, operand),
            _ => throw new InvalidOperationException($"{op.Code} has no form for one float."),
        };
    }

    /// <summary>A constant that the backend's compiler must not compute with; <c>zero</c> is 0 at run time.</summary>
    private static (string Text, int Precedence) Opaque(IrOp op)
    {
        (string text, _) = Literals.FloatOperand(op.Value);
        return op.Value != 0 ? ($"({text} + zero)", Infix.Primary)
            : text.StartsWith("-", StringComparison.Ordinal) ? ("-zero", Infix.Unary)
            : ("zero", Infix.Primary);
    }
}
