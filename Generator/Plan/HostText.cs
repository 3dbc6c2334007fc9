using Requant.Generator.Ir;
using Requant.Generator.Lower;
using Requant.Generator.Support;

namespace Requant.Generator.Plan;

/// <summary>Host values as C# expressions on the record's properties. C#'s own float arithmetic is
/// what they mean.</summary>
internal static class HostText
{
    /// <summary>The whole expression as the rule writes it, local variables expanded.</summary>
    public static string Of(RuleModel rule, int value) =>
        Print(rule.Body, value, 0, operand => InputOf(rule.Body.Ops[operand]));

    /// <summary>What a rule calls something that it knows of a tensor.</summary>
    private static string? InputOf(IrOp op) => op.Code switch
    {
        OpCode.IsFirst => $"State.IsFirst({op.Text})",
        OpCode.Step => "step",
        OpCode.Rows or OpCode.Columns or OpCode.IsMatrix => $"Shape.{op.Code}",
        _ => null,
    };

    /// <summary>The expression as the rule writes it, local variables by their names.</summary>
    public static string Brief(RuleModel rule, int value)
    {
        (string text, _) = Print(rule.Body, rule.Body.Ops[value], operand => NameOf(rule.Body.Ops[operand]));
        return NameOf(rule.Body.Ops[value]) is { } name && rule.Body.Ops[value].Operands.Count == 0
            ? name
            : text.Replace("global::System.", "");
    }

    private static string? NameOf(IrOp op) => op.Code switch
    {
        OpCode.Reduce => "reduction",
        _ => op.Name.Length > 0 ? op.Name : InputOf(op),
    };

    /// <summary>The whole expression as the condition of <c>?:</c>.</summary>
    public static string Condition(RuleModel rule, int value) => PrintUnchecked(rule.Body, value, 21, static _ => null);

    /// <summary>The expression as one operand. Integers wrap around in a rule, also where they are constants or the
    /// project's arithmetic is checked.</summary>
    public static string PrintUnchecked(KernelIr body, int value, int precedence, Func<int, string?> localOf) =>
        HasIntArithmetic(body, value, localOf)
            ? $"unchecked({Print(body, value, 0, localOf)})"
            : Print(body, value, precedence, localOf);

    /// <summary>The expression, with the values that <paramref name="localOf"/> knows by name.</summary>
    public static string Print(KernelIr body, int value, int precedence, Func<int, string?> localOf)
    {
        if (localOf(value) is { } local)
        {
            return local;
        }

        (string text, int own) = Print(body, body.Ops[value], localOf);
        return own < precedence ? $"({text})" : text;
    }

    private static bool HasIntArithmetic(KernelIr body, int value, Func<int, string?> localOf)
    {
        IrOp op = body.Ops[value];
        bool canOverflow = op is
        {
            Type: IrType.Int,
            Code: OpCode.Add or OpCode.Subtract or OpCode.Multiply or OpCode.Negate or OpCode.FloatToInt
                or OpCode.DoubleToInt,
        };
        return localOf(value) is null
            && (canOverflow || op.Operands.Any(operand => HasIntArithmetic(body, operand, localOf)));
    }

    private static (string Text, int Precedence) Print(KernelIr body, IrOp op, Func<int, string?> localOf)
    {
        string Operand(int index, int precedence) => Print(body, op.Operands[index], precedence, localOf);
        bool canThrow = op.Type == IrType.Int
            && op.Operands.Count == 2
            && body.Ops[op.Operands[1]] is not { Code: OpCode.ConstInt, Value: not (0 or -1) };
        string Arguments() => string.Join(", ", op.Operands.Select((_, index) => Operand(index, 0)));

        return op.Code switch
        {
            OpCode.ConstFloat => Signed(Literals.Float((float)op.Value)),
            OpCode.ConstInt => Signed(Literals.Int((int)op.Value)),
            OpCode.ConstDouble => Signed(Literals.Double(op.Value)),
            OpCode.ConstBool => (Literals.Bool(op.Value != 0), Infix.Primary),
            OpCode.Hyperparameter => (op.Text, Infix.Primary),
            OpCode.Step => ("tensor.Step", Infix.Primary),
            OpCode.Rows or OpCode.Columns or OpCode.IsMatrix => ("tensor." + op.Code, Infix.Primary),
            OpCode.IsFirst => ($"(tensor.UnusedStates & 0b{Convert.ToString(1 << op.Index, 2)}) != 0", 50),
            OpCode.OldTensorState => ($"tensorStates[{Literals.Int(op.Index)}]", Infix.Primary),
            OpCode.Reduce => ($"reductions[{Literals.Int(op.Index)}]", Infix.Primary),
            OpCode.Divide or OpCode.Remainder when canThrow =>
                ($"global::Requant.CompilerServices.HostMath.{op.Code}({Arguments()})", Infix.Primary),
            OpCode.Negate => ("-" + Operand(0, Infix.Primary), Infix.Unary),
            OpCode.Not => ("!" + Operand(0, Infix.Unary), Infix.Unary),
            OpCode.Select => ($"{Operand(0, 21)} ? {Operand(1, 20)} : {Operand(2, 20)}", 20),
            OpCode.ToDouble => ("(double)" + Operand(0, Infix.Unary), Infix.Unary),
            OpCode.IntToFloat or OpCode.DoubleToFloat => ("(float)" + Operand(0, Infix.Unary), Infix.Unary),
            OpCode.FloatToInt or OpCode.DoubleToInt => ("(int)" + Operand(0, Infix.Unary), Infix.Unary),
            OpCode.HostCall => ($"global::System.{op.Text}({Arguments()})", Infix.Primary),
            _ when op.Operation.Symbol.Length > 0 => Infix.Print(op.Operation, Operand),
            _ when op.Operation.Host.Length > 0 => Infix.Call(op.Operation.Host, op, Operand),
            _ => throw new InvalidOperationException($"{op.Code} is not a host operation."),
        };
    }

    private static (string, int) Signed(string literal) =>
        (literal, literal.StartsWith("-", StringComparison.Ordinal) ? Infix.Unary : Infix.Primary);
}
