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
            OpCode.ConstFloat => Literals.FloatOperand(op.Value),
            OpCode.ConstBool => (Literals.Bool(op.Value != 0), Infix.Primary),
            OpCode.Negate => ("-" + operand(0, Infix.Primary), Infix.Unary),
            OpCode.Not => ("!" + operand(0, Infix.Unary), Infix.Unary),
            OpCode.Select => (
                $"{operand(0, Infix.Conditional + 1)} ? {operand(1, Infix.Conditional + 1)} : {operand(2, Infix.Conditional)}", Infix.Conditional),
            _ when functions.TryGetValue(op.Code, out string? type) => ElementFunctions.Call(type, op, operand),
            _ => throw new InvalidOperationException($"{op.Code} has no form for one float."),
        };
    }
}
