using Requant.Generator.Plan;
using Requant.Generator.Ir;
using Requant.Generator.Support;

namespace Requant.Generator.Emit.Ilgpu;

/// <summary>Puts constants where ILGPU does not compute with them. It takes <c>x + 0</c> for <c>x</c>, <c>0 - x</c> for
/// <c>-x</c> and <c>(x * a) * b</c> for <c>x * (a * b)</c>: other signs of 0, and other roundings, than the rule says.
/// And a comparison with a constant on its left side holds for NaN, and some functions of constants
/// make it fail.</summary>
internal static class OpaqueConstants
{
    /// <summary>The plan with those constants of its kernels marked or moved.</summary>
    public static KernelPlan In(KernelPlan plan) => plan with
    {
        Variants = plan.Variants
            .Select(variant => variant with
            {
                Phases = variant.Phases.Select(In).ToEquatableArray(),
                Rows = variant.Rows.Select(In).ToEquatableArray(),
                Columns = variant.Columns.Select(In).ToEquatableArray(),
            })
            .ToEquatableArray(),
        Finishes = plan.Finishes.Select(In).ToEquatableArray(),
    };

    private static Kernel In(Kernel kernel)
    {
        var opaque = new HashSet<int>(
            kernel.Ops.SelectMany(op => op.Operands.Where((operand, position) => IsConstant(kernel, operand)
                && (op.Operation.IlgpuFailsOnConstants
                    || (IsArithmetic(op)
                        && (IsDropped(kernel, op, operand) || IsOnConstant(kernel, op.Operands[1 - position])))))));
        return kernel with
        {
            Ops = kernel.Ops
                .Select((op, value) => opaque.Contains(value) ? op with { IsOpaque = true } : Turned(kernel, op))
                .ToEquatableArray(),
        };
    }

    /// <summary>A comparison with its constant on the right side.</summary>
    private static IrOp Turned(Kernel kernel, IrOp op)
    {
        OpCode? turned = op.Code switch
        {
            OpCode.Less => OpCode.Greater,
            OpCode.LessOrEqual => OpCode.GreaterOrEqual,
            OpCode.Greater => OpCode.Less,
            OpCode.GreaterOrEqual => OpCode.LessOrEqual,
            _ => null,
        };
        return turned is { } code && IsConstant(kernel, op.Operands[0])
            ? op with { Code = code, Operands = new[] { op.Operands[1], op.Operands[0] }.ToEquatableArray() }
            : op;
    }

    private static bool IsArithmetic(IrOp op) =>
        op is { Type: IrType.Float, Code: OpCode.Add or OpCode.Subtract or OpCode.Multiply or OpCode.Divide };

    private static bool IsConstant(Kernel kernel, int value) => kernel.Ops[value].Code == OpCode.ConstFloat;

    private static bool IsDropped(Kernel kernel, IrOp op, int constant) =>
        op.Code is OpCode.Add or OpCode.Subtract && kernel.Ops[constant].Value == 0;

    private static bool IsOnConstant(Kernel kernel, int value) =>
        IsArithmetic(kernel.Ops[value]) && kernel.Ops[value].Operands.Any(operand => IsConstant(kernel, operand));
}
