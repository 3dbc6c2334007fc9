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
        foreach (int state in ir.NewStates.Concat(ir.NewTensorStates).Concat(ir.NewLineStates))
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
        bool valid = op.Operation.Fits(operands, op.Type) && (op.Code != OpCode.HostCall || op.Text.Length > 0);
        Require(
            valid,
            $"%{index} = {op.Code} does not fit its operands ({string.Join(", ", operands)}) or type {op.Type}.");
    }

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
