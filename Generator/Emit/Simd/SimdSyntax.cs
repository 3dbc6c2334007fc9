using Requant.Generator.Emit.Shared;
using Requant.Generator.Ir;
using Requant.Generator.Support;

namespace Requant.Generator.Emit.Simd;

/// <summary>Operations on a vector of floats; a condition is a mask of all or no bits in each lane.</summary>
internal sealed class SimdSyntax(int bits) : IOpSyntax
{
    private readonly string _vector = "Vector" + Literals.Int(bits);

    public string TypeOf(IrType type) => _vector + "<float>";

    public (string Text, int Precedence) Print(IrOp op, Func<int, int, string> operand)
    {
        if (op.Operation.IsArithmetic)
        {
            return Infix.Print(op.Operation, operand);
        }

        string Call(string function, int operands) =>
            $"{function}({string.Join(", ", Enumerable.Range(0, operands).Select(index => operand(index, 0)))})";
        return op.Code switch
        {
            OpCode.ConstFloat => ($"{_vector}.Create({Literals.Float((float)op.Value)})", Infix.Primary),
            OpCode.ConstBool => ($"{_vector}<float>." + (op.Value != 0 ? "AllBitsSet" : "Zero"), Infix.Primary),
            OpCode.Negate => ("-" + operand(0, Infix.Primary), Infix.Unary),
            OpCode.NotEqual => ("~" + Call($"{_vector}.Equals", 2), Infix.Unary),
            OpCode.And => ($"{operand(0, 45)} & {operand(1, 46)}", 45),
            OpCode.Or => ($"{operand(0, 35)} | {operand(1, 36)}", 35),
            OpCode.Not => ("~" + operand(0, Infix.Primary), Infix.Unary),
            _ when op.Operation.Vector.Length > 0 =>
                (Call($"{_vector}.{op.Operation.Vector}", op.Operands.Count), Infix.Primary),
            _ when op.Operation.IsFunction => Infix.Call(op.Operation.Scalar, op, operand),
            _ => throw new InvalidOperationException($"{op.Code} has no vector form."),
        };
    }
}
