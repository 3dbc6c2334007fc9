namespace Requant.Generator.Ir;

/// <summary>Checks what every stage may rely on: order, operand counts and types.</summary>
internal static class IrVerifier
{
    public static void Verify(KernelIr ir)
    {
        for (int i = 0; i < ir.Ops.Count; i++)
        {
            VerifyOp(ir, i);
        }

        Require(IsFloat(ir, ir.NewParameter), "The new parameter is not a float value.");
        foreach (int state in ir.NewStates.Concat(ir.NewTensorStates))
        {
            Require(IsFloat(ir, state), "A new state is not a float value.");
        }
    }

    private static void VerifyOp(KernelIr ir, int index)
    {
        IrOp op = ir.Ops[index];
        foreach (int operand in op.Operands)
        {
            Require(operand >= 0 && operand < index, $"%{index} uses %{operand}, which does not stand before it.");
        }

        IrType[] operands = op.Operands.Select(operand => ir.Ops[operand].Type).ToArray();
        bool valid = op.Code switch
        {
            OpCode.ConstFloat or OpCode.Parameter or OpCode.Gradient or OpCode.OldState or OpCode.OldTensorState or OpCode.Uniform =>
                op.Type == IrType.Float && operands.Length == 0,
            OpCode.ConstInt or OpCode.Step => op.Type == IrType.Int && operands.Length == 0,
            OpCode.ConstBool or OpCode.IsFirst => op.Type == IrType.Bool && operands.Length == 0,
            OpCode.Hyperparameter => operands.Length == 0,
            OpCode.Add or OpCode.Subtract or OpCode.Multiply or OpCode.Divide or OpCode.Remainder or OpCode.Min or OpCode.Max =>
                op.Type != IrType.Bool && operands.Length == 2 && operands.All(type => type == op.Type),
            OpCode.Negate or OpCode.Abs => op.Type != IrType.Bool && operands.Length == 1 && operands[0] == op.Type,
            OpCode.Less or OpCode.LessOrEqual or OpCode.Greater or OpCode.GreaterOrEqual or OpCode.Equal or OpCode.NotEqual =>
                op.Type == IrType.Bool && operands.Length == 2 && operands[0] == operands[1] && operands[0] != IrType.Bool,
            OpCode.And or OpCode.Or => op.Type == IrType.Bool && operands.Length == 2 && operands.All(type => type == IrType.Bool),
            OpCode.Not => op.Type == IrType.Bool && operands.Length == 1 && operands[0] == IrType.Bool,
            OpCode.Select => operands.Length == 3 && operands[0] == IrType.Bool && operands[1] == op.Type && operands[2] == op.Type,
            OpCode.IntToFloat => op.Type == IrType.Float && operands.SequenceEqual(new[] { IrType.Int }),
            OpCode.FloatToInt => op.Type == IrType.Int && operands.SequenceEqual(new[] { IrType.Float }),
            OpCode.Sign => op.Type != IrType.Bool && operands.SequenceEqual(new[] { IrType.Float }),
            OpCode.Clamp => op.Type != IrType.Bool && operands.Length == 3 && operands.All(type => type == op.Type),
            OpCode.Sqrt or OpCode.Floor or OpCode.Ceiling or OpCode.Round or OpCode.Truncate or OpCode.Exp or OpCode.Log or OpCode.Log2
                or OpCode.Log10 or OpCode.Cbrt or OpCode.Tanh or OpCode.Sin or OpCode.Cos or OpCode.Reduce => AreFloats(op, operands, 1),
            OpCode.CopySign or OpCode.Pow => AreFloats(op, operands, 2),
            OpCode.FusedMultiplyAdd => AreFloats(op, operands, 3),
            OpCode.HostCall => op.Text.Length > 0,
            _ => false,
        };
        Require(valid, $"%{index} = {op.Code} does not fit its operands ({string.Join(", ", operands)}) or type {op.Type}.");
    }

    private static bool AreFloats(IrOp op, IrType[] operands, int count) =>
        op.Type == IrType.Float && operands.Length == count && operands.All(type => type == IrType.Float);

    private static bool IsFloat(KernelIr ir, int index) =>
        index >= 0 && index < ir.Ops.Count && ir.Ops[index].Type == IrType.Float;

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new InvalidOperationException("Invalid kernel: " + message);
        }
    }
}
