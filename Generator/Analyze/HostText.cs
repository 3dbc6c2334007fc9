using Requant.Generator.Ir;
using Requant.Generator.Parse;
using Requant.Generator.Support;

namespace Requant.Generator.Analyze;

/// <summary>Host values as C# expressions on the record's properties. C#'s own float arithmetic is what they mean.</summary>
internal static class HostText
{
    private const int Primary = 100;
    private const int Unary = 90;

    /// <summary>The whole expression as the rule writes it, local variables expanded.</summary>
    public static string Of(RuleModel rule, int value) => Print(rule.Body, value, 0, operand =>
        rule.Body.Ops[operand] is { Code: OpCode.IsFirst } op ? $"State.IsFirst({op.Text})" : null);

    /// <summary>The whole expression as the condition of <c>?:</c>.</summary>
    public static string Condition(RuleModel rule, int value) => PrintUnchecked(rule.Body, value, 21, static _ => null);

    /// <summary>The expression as one operand. Integers wrap around in a rule, also where they are constants or the
    /// project's arithmetic is checked.</summary>
    public static string PrintUnchecked(KernelIr body, int value, int precedence, Func<int, string?> localOf) =>
        HasIntArithmetic(body, value, localOf) ? $"unchecked({Print(body, value, 0, localOf)})" : Print(body, value, precedence, localOf);

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
            Type: IrType.Int, Code: OpCode.Add or OpCode.Subtract or OpCode.Multiply or OpCode.Negate or OpCode.FloatToInt,
        };
        return localOf(value) is null && (canOverflow || op.Operands.Any(operand => HasIntArithmetic(body, operand, localOf)));
    }

    private static (string Text, int Precedence) Print(KernelIr body, IrOp op, Func<int, string?> localOf)
    {
        string Operand(int index, int precedence) => Print(body, op.Operands[index], precedence, localOf);
        bool canThrow = op.Type == IrType.Int
            && op.Operands.Count == 2 && body.Ops[op.Operands[1]] is not { Code: OpCode.ConstInt, Value: not (0 or -1) };
        (string, int) Infix(string symbol, int own) => ($"{Operand(0, own)} {symbol} {Operand(1, own + 1)}", own);
        string Arguments() => string.Join(", ", op.Operands.Select((_, index) => Operand(index, 0)));

        return op.Code switch
        {
            OpCode.ConstFloat => Signed(Literals.Float((float)op.Value)),
            OpCode.ConstInt => Signed(Literals.Int((int)op.Value)),
            OpCode.ConstBool => (Literals.Bool(op.Value != 0), Primary),
            OpCode.Hyperparameter => (op.Text, Primary),
            OpCode.Step => ("step", Primary),
            OpCode.IsFirst => ($"(unusedStates & 0b{Convert.ToString(1 << op.Index, 2)}) != 0", 50),
            OpCode.OldTensorState => ($"tensorStates[{Literals.Int(op.Index)}]", Primary),
            OpCode.Reduce => ($"reductions[{Literals.Int(op.Index)}]", Primary),
            OpCode.Add => Infix("+", 70),
            OpCode.Subtract => Infix("-", 70),
            OpCode.Multiply => Infix("*", 80),
            OpCode.Divide or OpCode.Remainder when canThrow => ($"global::Requant.CompilerServices.HostMath.{op.Code}({Arguments()})", Primary),
            OpCode.Divide => Infix("/", 80),
            OpCode.Remainder => Infix("%", 80),
            OpCode.Less => Infix("<", 60),
            OpCode.LessOrEqual => Infix("<=", 60),
            OpCode.Greater => Infix(">", 60),
            OpCode.GreaterOrEqual => Infix(">=", 60),
            OpCode.Equal => Infix("==", 50),
            OpCode.NotEqual => Infix("!=", 50),
            OpCode.And => Infix("&&", 40),
            OpCode.Or => Infix("||", 30),
            OpCode.Negate => ("-" + Operand(0, Primary), Unary),
            OpCode.Not => ("!" + Operand(0, Unary), Unary),
            OpCode.Select => ($"{Operand(0, 21)} ? {Operand(1, 20)} : {Operand(2, 20)}", 20),
            OpCode.IntToFloat => ("(float)" + Operand(0, Unary), Unary),
            OpCode.FloatToInt => ("(int)" + Operand(0, Unary), Unary),
            OpCode.Min or OpCode.Max => ($"global::System.Math.{op.Code}({Arguments()})", Primary),
            OpCode.Sqrt or OpCode.CopySign or OpCode.Floor or OpCode.Ceiling or OpCode.Round or OpCode.Truncate or OpCode.FusedMultiplyAdd
                or OpCode.Pow or OpCode.Exp or OpCode.Log or OpCode.Log2 or OpCode.Log10 or OpCode.Cbrt or OpCode.Tanh or OpCode.Sin or OpCode.Cos =>
                ($"global::System.MathF.{op.Code}({Arguments()})", Primary),
            OpCode.Abs or OpCode.Sign or OpCode.Clamp => ($"global::Requant.CompilerServices.HostMath.{op.Code}({Arguments()})", Primary),
            OpCode.HostCall => ($"global::System.{op.Text}({Arguments()})", Primary),
            _ => throw new InvalidOperationException($"{op.Code} is not a host operation."),
        };
    }

    private static (string, int) Signed(string literal) =>
        (literal, literal.StartsWith("-", StringComparison.Ordinal) ? Unary : Primary);
}
