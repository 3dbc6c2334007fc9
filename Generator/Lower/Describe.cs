using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Requant.Generator.Diagnostics;

namespace Requant.Generator.Lower;

/// <summary>Diagnostics and words for constructs that a rule cannot use: what it is, and what to
/// write instead.</summary>
internal static class Describe
{
    /// <summary>The diagnostic of a construct that has one of its own.</summary>
    public static (DiagnosticDescriptor Descriptor, string[] Arguments)? Construct(
        IOperation operation) => operation switch
    {
        ILoopOperation => (Catalog.Loop, []),
        ISwitchOperation or ISwitchExpressionOperation => (Catalog.Switch, []),
        IAnonymousFunctionOperation or IDelegateCreationOperation or ILocalFunctionOperation => (Catalog.Lambda, []),
        ITryOperation => (Catalog.Exceptions, ["A 'try'"]),
        IThrowOperation => (Catalog.Exceptions, ["A 'throw'"]),
        ILockOperation => (Catalog.Exceptions, ["A 'lock'"]),
        IUsingOperation or IUsingDeclarationOperation => (Catalog.Exceptions, ["A 'using'"]),
        IArrayCreationOperation or IArrayElementReferenceOperation => (Catalog.Array, []),
        IPropertyReferenceOperation { Arguments.Length: > 0 } => (Catalog.Array, []),
        { Syntax: StackAllocArrayCreationExpressionSyntax or ImplicitStackAllocArrayCreationExpressionSyntax
            or CollectionExpressionSyntax } => (Catalog.Array, []),
        IIsPatternOperation or IIsTypeOperation => (Catalog.Pattern, []),
        ILabeledOperation or IBranchOperation => (Catalog.Jump, []),
        ITupleOperation or IDeconstructionAssignmentOperation => (Catalog.Tuple, []),
        IConversionOperation { IsImplicit: true } conversion => Construct(conversion.Operand),
        _ => null,
    };

    public static string Expression(IOperation operation) => operation switch
    {
        IIncrementOrDecrementOperation => "'++' or '--' inside an expression",
        IInvocationOperation => "This call",
        _ => "This expression",
    };

    public static string ExpressionFix(IOperation operation) => operation switch
    {
        IIncrementOrDecrementOperation => "write a statement of its own",
        _ => "use arithmetic, comparisons, '?:', MathF functions and static helper methods",
    };

    public static string TypeFix(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_Double => "write float literals as in '0.1f' and MathF instead of Math",
        SpecialType.System_Int64 or SpecialType.System_UInt32 or SpecialType.System_Byte or SpecialType.System_Int16 =>
            "use int",
        SpecialType.System_Decimal => "use float",
        _ => "use one of these three",
    };

    public static string Operator(IBinaryOperation binary) =>
        binary.Syntax is BinaryExpressionSyntax syntax ? syntax.OperatorToken.Text : binary.OperatorKind.ToString();
}
