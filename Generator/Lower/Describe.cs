using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Requant.Generator.Lower;

/// <summary>Words for constructs in messages: what it is, and what to write instead.</summary>
internal static class Describe
{
    public static string Statement(IOperation operation) => operation switch
    {
        ILoopOperation => "A loop",
        ISwitchOperation => "A 'switch'",
        ITryOperation => "A 'try'",
        IThrowOperation => "A 'throw'",
        ILockOperation => "A 'lock'",
        IUsingOperation or IUsingDeclarationOperation => "A 'using'",
        ILabeledOperation or IBranchOperation => "A jump",
        ILocalFunctionOperation => "A local function",
        IDeconstructionAssignmentOperation => "A deconstruction",
        IAwaitOperation => "An 'await'",
        _ => "This statement",
    };

    public static string StatementFix(IOperation operation) => operation switch
    {
        ILoopOperation => "a rule is the update of one element; use Reduce.Norm or Reduce.Sum to combine elements",
        ISwitchOperation => "use 'if'/'else' or '?:'",
        IThrowOperation or ITryOperation => "a rule cannot fail; select a value with '?:'",
        ILocalFunctionOperation => "move it to a static method beside the rule",
        IDeconstructionAssignmentOperation => "assign one variable at a time",
        _ => "use local variables, assignments and 'if'/'else'",
    };

    public static string Expression(IOperation operation) => operation switch
    {
        IAnonymousFunctionOperation or IDelegateCreationOperation => "A lambda",
        IAwaitOperation => "An 'await'",
        IArrayElementReferenceOperation or IArrayCreationOperation => "An array",
        IPropertyReferenceOperation => "An index",
        ISwitchExpressionOperation => "A 'switch' expression",
        IIsPatternOperation => "A pattern",
        IIncrementOrDecrementOperation => "'++' or '--' inside an expression",
        IInvocationOperation => "This call",
        IThrowOperation => "A 'throw'",
        ITupleOperation => "A tuple",
        _ => "This expression",
    };

    public static string ExpressionFix(IOperation operation) => operation switch
    {
        IAnonymousFunctionOperation or IDelegateCreationOperation => "call a static method",
        ISwitchExpressionOperation or IIsPatternOperation => "use comparisons and '?:'",
        IIncrementOrDecrementOperation => "write a statement of its own",
        _ => "use arithmetic, comparisons, '?:', MathF functions and static helper methods",
    };

    public static string TypeFix(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_Double => "write float literals as in '0.1f' and MathF instead of Math",
        SpecialType.System_Int64 or SpecialType.System_UInt32 or SpecialType.System_Byte or SpecialType.System_Int16 => "use int",
        SpecialType.System_Decimal => "use float",
        _ => "use one of these three",
    };

    public static string Operator(IBinaryOperation binary) =>
        binary.Syntax is BinaryExpressionSyntax syntax ? syntax.OperatorToken.Text : binary.OperatorKind.ToString();
}
