using Microsoft.CodeAnalysis.Operations;
using Requant.Generator.Ir;

namespace Requant.Generator.Lower;

/// <summary>C# operators and their operations.</summary>
internal static class Operators
{
    public static OpCode? Binary(BinaryOperatorKind kind) => kind switch
    {
        BinaryOperatorKind.Add => OpCode.Add,
        BinaryOperatorKind.Subtract => OpCode.Subtract,
        BinaryOperatorKind.Multiply => OpCode.Multiply,
        BinaryOperatorKind.Divide => OpCode.Divide,
        BinaryOperatorKind.Remainder => OpCode.Remainder,
        BinaryOperatorKind.LessThan => OpCode.Less,
        BinaryOperatorKind.LessThanOrEqual => OpCode.LessOrEqual,
        BinaryOperatorKind.GreaterThan => OpCode.Greater,
        BinaryOperatorKind.GreaterThanOrEqual => OpCode.GreaterOrEqual,
        BinaryOperatorKind.Equals => OpCode.Equal,
        BinaryOperatorKind.NotEquals => OpCode.NotEqual,
        BinaryOperatorKind.ConditionalAnd => OpCode.And,
        BinaryOperatorKind.ConditionalOr => OpCode.Or,
        _ => null,
    };
}
