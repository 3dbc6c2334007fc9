using System.Text;
using Requant.Generator.Support;

namespace Requant.Generator.Ir;

/// <summary>Prints a list of operations, one a line: <c>%5 = multiply %2, %4 : float ; update</c>.</summary>
internal static class IrPrinter
{
    public static string Print(IReadOnlyList<IrOp> ops, IEnumerable<(string Name, int Value)> outputs,
        Func<IrOp, string>? mark = null)
    {
        var text = new StringBuilder();
        for (int i = 0; i < ops.Count; i++)
        {
            IrOp op = ops[i];
            text.Append('%').Append(Literals.Int(i)).Append(" = ").Append(Describe(op));
            text.Append(" : ").Append(Names.Camel(op.Type.ToString()));
            if (op.Name.Length > 0)
            {
                text.Append(" ; ").Append(op.Name);
            }

            text.Append(mark?.Invoke(op)).Append('\n');
        }

        foreach ((string name, int value) in outputs)
        {
            text.Append(name).Append(" = %").Append(Literals.Int(value))
                .Append(mark?.Invoke(ops[value])).Append('\n');
        }

        return text.ToString();
    }

    private static string Describe(IrOp op)
    {
        string operands = string.Join(", ", op.Operands.Select(operand => "%" + Literals.Int(operand)));
        return op.Code switch
        {
            OpCode.ConstFloat => Literals.Float((float)op.Value),
            OpCode.ConstInt => Literals.Int((int)op.Value),
            OpCode.ConstDouble => Literals.Double(op.Value),
            OpCode.ConstBool => Literals.Bool(op.Value != 0),
            OpCode.OldState => "state " + Literals.Int(op.Index),
            OpCode.OldTensorState => "tensor state " + Literals.Int(op.Index),
            OpCode.OldRowState => "row state " + Literals.Int(op.Index),
            OpCode.OldColumnState => "column state " + Literals.Int(op.Index),
            OpCode.RowValue => "row value " + Literals.Int(op.Index),
            OpCode.ColumnValue => "column value " + Literals.Int(op.Index),
            OpCode.MatrixValue => "matrix value " + Literals.Int(op.Index),
            OpCode.IsFirst => "is first of state " + Literals.Int(op.Index),
            OpCode.Hyperparameter => "hyperparameter " + op.Text,
            OpCode.Uniform => "uniform " + Literals.Int(op.Index),
            OpCode.HostCall => op.Text + " " + operands,
            OpCode.Reduce => $"reduce {Names.Camel(op.Text)} {operands} as r{Literals.Int(op.Index)}",
            _ => (Names.Camel(op.Code.ToString()) + " " + operands).TrimEnd(),
        };
    }
}
