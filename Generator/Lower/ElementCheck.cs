using Requant.Generator.Diagnostics;
using Requant.Generator.Ir;
using Requant.Generator.Support;

namespace Requant.Generator.Lower;

/// <summary>Reports operations on per-element values that no backend has a form for yet.</summary>
internal sealed class ElementCheck(IrBuilder builder, List<DiagnosticInfo> diagnostics)
{
    /// <summary>Values whose operation was reported; what is computed from them would only repeat it.</summary>
    private readonly HashSet<int> _reported = [];

    public void Check(KernelIr ir, IEnumerable<(int Reduce, int Guard)> guardedReductions)
    {
        foreach ((int reduce, int guard) in guardedReductions)
        {
            // A condition that is the same for all that a value is of lets it be computed for all of them, or none.
            IrOp op = builder[reduce];
            Level allowed = op.Code == OpCode.Reduce ? op.OwnLevel : Level.Uniform;
            if ((builder.LevelOf(guard) & ~allowed) != 0)
            {
                Report(
                    Catalog.ReduceInCondition, reduce,
                    op.Code == OpCode.Reduce ? "Reduce." + op.Text : "Matrix.Orthogonalize");
            }
        }

        HashSet<int> live = Liveness.From(ir.Ops, ir.Results);
        foreach (int value in live.OrderBy(value => value))
        {
            CheckOp(value);
        }
    }

    private void CheckOp(int value)
    {
        IrOp op = builder[value];
        if (builder.IsUniform(value))
        {
            CheckDivision(op, value);
            return;
        }

        if (op.Operands.Any(_reported.Contains))
        {
            _reported.Add(value);
            return;
        }

        if (op.Type == IrType.Double || op.Operands.Any(operand => builder[operand].Type == IrType.Double))
        {
            Report(Catalog.PerElementDouble, value);
        }
        else if (op.Code == OpCode.HostCall)
        {
            Report(
                Catalog.PerElement, value, op.Text,
                "compute it from hyperparameters and 'step' only, or use " + Operations.FunctionList);
        }
        else if (op.Code == OpCode.Pow && builder[op.Operands[1]] is { Code: OpCode.ConstFloat, Value: var exponent })
        {
            diagnostics.Add(DiagnosticInfo.Create(
                Catalog.ConstantPower, builder.LocationOf(value), Literals.Float((float)exponent),
                Instead((float)exponent)));
        }
        else if (op.Code == OpCode.Remainder)
        {
            Report(Catalog.PerElement, value, "The remainder", "use + - * /");
        }
        else if (op.Type == IrType.Int || op.Code == OpCode.IntToFloat)
        {
            Report(Catalog.PerElement, value, "Integer arithmetic", "compute in float");
        }
    }

    /// <summary>The quotient of two sides is hardly ever meant as an integer.</summary>
    private void CheckDivision(IrOp op, int value)
    {
        if (op is { Code: OpCode.Divide, Type: IrType.Int } && op.Operands.All(IsSide))
        {
            diagnostics.Add(DiagnosticInfo.Create(
                Catalog.ShapeDivision, builder.LocationOf(value), "Shape." + builder[op.Operands[0]].Code,
                "Shape." + builder[op.Operands[1]].Code));
        }
    }

    private bool IsSide(int value) => builder[value].Code is OpCode.Rows or OpCode.Columns;

    /// <summary>What is cheaper than a power with this exponent.</summary>
    private static string Instead(float exponent) => exponent switch
    {
        2f => "x * x",
        0.5f => "MathF.Sqrt(x)",
        -1f => "1 / x",
        -0.5f => "1 / MathF.Sqrt(x)",
        1f => "x",
        1f / 3f => "MathF.Cbrt(x)",
        _ => "a product of x, MathF.Sqrt(x) and MathF.Cbrt(x), where the exponent allows one,",
    };

    private void Report(Microsoft.CodeAnalysis.DiagnosticDescriptor descriptor, int value, params string[] arguments)
    {
        _reported.Add(value);
        diagnostics.Add(DiagnosticInfo.Create(descriptor, builder.LocationOf(value), arguments));
    }
}
