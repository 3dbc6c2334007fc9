using Requant.Generator.Ir;

namespace Requant.Generator.Emit;

/// <summary>C#'s infix operators, which mean the same for floats and for vectors, and their precedence.</summary>
internal static class Infix
{
    public const int Primary = 100;
    public const int Unary = 90;
    public const int Conditional = 20;

    public static (string Symbol, int Precedence)? Arithmetic(OpCode code) => code switch
    {
        OpCode.Add => ("+", 70),
        OpCode.Subtract => ("-", 70),
        OpCode.Multiply => ("*", 80),
        OpCode.Divide => ("/", 80),
        _ => null,
    };

    public static (string Symbol, int Precedence)? Condition(OpCode code) => code switch
    {
        OpCode.Less => ("<", 60),
        OpCode.LessOrEqual => ("<=", 60),
        OpCode.Greater => (">", 60),
        OpCode.GreaterOrEqual => (">=", 60),
        OpCode.Equal => ("==", 50),
        OpCode.NotEqual => ("!=", 50),
        OpCode.And => ("&&", 40),
        OpCode.Or => ("||", 30),
        _ => null,
    };

    public static (string Text, int Precedence) Print((string Symbol, int Precedence) infix, Func<int, int, string> operand) =>
        ($"{operand(0, infix.Precedence)} {infix.Symbol} {operand(1, infix.Precedence + 1)}", infix.Precedence);
}
