using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Requant.Generator.Diagnostics;
using Requant.Generator.Ir;
using Requant.Generator.Parse;
using Requant.Generator.Support;

namespace Requant.Generator.Lower;

/// <summary>Turns a rule's statements into a list of operations. Variables become values; a branch becomes a selection
/// between the values that its two sides leave behind.</summary>
internal sealed partial class BodyLowering(
    RuleSignature signature, SemanticModel model, List<DiagnosticInfo> diagnostics, CancellationToken cancellation)
{
    private readonly IrBuilder _builder = new();

    /// <summary>Conditions of the branches around the current statement.</summary>
    private readonly Stack<int> _guards = new();

    /// <summary>Helper methods being inlined, outermost first.</summary>
    private readonly Stack<IMethodSymbol> _calls = new();

    /// <summary>Whether a helper has errors that the C# compiler reports.</summary>
    private bool _meetsCompilerErrors;

    private readonly List<(int Reduce, int Guard)> _guardedReductions = [];

    /// <summary>Current value of every parameter and local variable.</summary>
    private Dictionary<ISymbol, int> _values = new(SymbolEqualityComparer.Default);

    public KernelIr? Lower(MethodDeclarationSyntax syntax)
    {
        int before = diagnostics.Count;
        DeclareInputs();
        _calls.Push(signature.Method);
        if (model.GetOperation(syntax, cancellation) is IMethodBodyOperation body)
        {
            LowerBody(body);
        }

        if (diagnostics.Count > before || _meetsCompilerErrors)
        {
            return null;
        }

        var ir = new KernelIr(
            _builder.Ops.ToEquatableArray(),
            _values[signature.Element],
            signature.States.Select(state => _values[state.Symbol]).ToEquatableArray());
        IrVerifier.Verify(ir);
        new ElementCheck(_builder, diagnostics).Check(ir, _guardedReductions);
        return diagnostics.Count > before ? null : ir;
    }

    private void DeclareInputs()
    {
        void Declare(IParameterSymbol symbol, IrOp op) => _values[symbol] = _builder.Add(op, symbol.Locations[0]);

        Declare(signature.Element, new IrOp(OpCode.Parameter, IrType.Float, default, Name: signature.Element.Name));
        Declare(signature.Gradient, new IrOp(OpCode.Gradient, IrType.Float, default, Name: signature.Gradient.Name));
        for (int i = 0; i < signature.States.Count; i++)
        {
            (IParameterSymbol symbol, StateModel state) = signature.States[i];
            Declare(symbol, new IrOp(OpCode.OldState, IrType.Float, default, Index: i, Name: state.Name));
        }

        for (int i = 0; i < signature.Hyperparameters.Count; i++)
        {
            (IParameterSymbol symbol, HyperparameterModel hyperparameter) = signature.Hyperparameters[i];
            Declare(symbol, new IrOp(OpCode.Hyperparameter, hyperparameter.Type, default, Index: i,
                Text: hyperparameter.PropertyName, Name: hyperparameter.Name));
        }

        if (signature.Step is { } step)
        {
            Declare(step, new IrOp(OpCode.Step, IrType.Int, default, Name: step.Name));
        }
    }

    /// <summary>Lowers a method's body; the value it returns, if any.</summary>
    private int? LowerBody(IMethodBodyOperation body)
    {
        IBlockOperation block = body.BlockBody ?? body.ExpressionBody!;
        return LowerBlock(block.Operations, isMethodBody: true);
    }

    private int? LowerBlock(IEnumerable<IOperation> statements, bool isMethodBody)
    {
        IOperation[] list = statements.ToArray();
        for (int i = 0; i < list.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                if (list[i] is IReturnOperation { ReturnedValue: { } returned } && isMethodBody && i == list.Length - 1 && _calls.Count > 1)
                {
                    return LowerExpression(returned);
                }

                LowerStatement(list[i]);
            }
            catch (LoweringException exception)
            {
                diagnostics.Add(exception.Diagnostic);
            }
        }

        return null;
    }

    private void LowerStatement(IOperation statement)
    {
        switch (statement)
        {
            case IBlockOperation block:
                LowerBlock(block.Operations, isMethodBody: false);
                break;
            case IVariableDeclarationGroupOperation group:
                LowerDeclarations(group);
                break;
            case IExpressionStatementOperation expression:
                LowerEffect(expression.Operation);
                break;
            case IConditionalOperation conditional:
                LowerIf(conditional);
                break;
            case IEmptyOperation:
                break;
            case IReturnOperation { IsImplicit: true }:
                break;
            case IReturnOperation:
                throw Fail(Catalog.Return, statement);
            default:
                throw Fail(Catalog.Statement, statement, Describe.Statement(statement), Describe.StatementFix(statement));
        }
    }

    private void LowerDeclarations(IVariableDeclarationGroupOperation group)
    {
        foreach (IVariableDeclaratorOperation declarator in group.Declarations.SelectMany(declaration => declaration.Declarators))
        {
            if (declarator.Symbol.RefKind != RefKind.None)
            {
                throw Fail(Catalog.Statement, declarator, "A ref local", "use a plain local variable");
            }

            RequireType(declarator.Symbol.Type, declarator);
            if (declarator.GetVariableInitializer() is { } initializer && !declarator.Symbol.IsConst)
            {
                Assign(declarator.Symbol, LowerExpression(initializer.Value));
            }
        }
    }

    private void LowerEffect(IOperation operation)
    {
        switch (operation)
        {
            case ISimpleAssignmentOperation or ICompoundAssignmentOperation or IIncrementOrDecrementOperation:
                LowerAssignment(operation);
                break;
            case IInvocationOperation { TargetMethod.ReturnsVoid: true } call:
                LowerCall(call);
                break;
            case IInvocationOperation call:
                LowerExpression(call);
                break;
            case IInvalidOperation:
                break;
            default:
                throw Fail(Catalog.Statement, operation, Describe.Statement(operation), Describe.StatementFix(operation));
        }
    }

    private void LowerIf(IConditionalOperation conditional)
    {
        int condition = LowerExpression(conditional.Condition);
        LowerSides(condition, conditional.Condition, () => LowerSide(conditional.WhenTrue), () => LowerSide(conditional.WhenFalse));
    }

    private void LowerSide(IOperation? side)
    {
        if (side is not null)
        {
            LowerBlock([side], isMethodBody: false);
        }
    }

    /// <summary>Lowers two sides of which a condition takes one: every variable then has the value of the side taken.</summary>
    private void LowerSides(int condition, IOperation place, Action whenTrue, Action whenFalse)
    {
        Dictionary<ISymbol, int> before = _values;
        _guards.Push(condition);
        try
        {
            Dictionary<ISymbol, int> ifTrue = ValuesAfter(whenTrue, before);
            Dictionary<ISymbol, int> ifFalse = ValuesAfter(whenFalse, before);
            _values = Merge(condition, ifTrue, ifFalse, place.Syntax.GetLocation());
        }
        finally
        {
            _guards.Pop();
        }
    }

    private Dictionary<ISymbol, int> ValuesAfter(Action side, Dictionary<ISymbol, int> before)
    {
        _values = new Dictionary<ISymbol, int>(before, SymbolEqualityComparer.Default);
        side();
        return _values;
    }

    private Dictionary<ISymbol, int> Merge(
        int condition, Dictionary<ISymbol, int> whenTrue, Dictionary<ISymbol, int> whenFalse, Location location)
    {
        if (_builder[condition] is { Code: OpCode.ConstBool } constant)
        {
            return constant.Value != 0 ? whenTrue : whenFalse;
        }

        // C# lets a variable that one side leaves without a value be read only where the other side was taken.
        var merged = new Dictionary<ISymbol, int>(whenFalse, SymbolEqualityComparer.Default);
        foreach (KeyValuePair<ISymbol, int> variable in whenTrue)
        {
            int other = whenFalse.TryGetValue(variable.Key, out int found) ? found : variable.Value;
            int value = _builder.Select(condition, variable.Value, other, location);
            if (value != variable.Value && value != other)
            {
                _builder.Name(value, variable.Key.Name);
            }

            merged[variable.Key] = value;
        }

        return merged;
    }

    private void Assign(ISymbol variable, int value)
    {
        _values[variable] = value;
        _builder.Name(value, variable.Name);
    }

    private static LoweringException Fail(DiagnosticDescriptor descriptor, IOperation operation, params string[] arguments) =>
        new(DiagnosticInfo.Create(descriptor, operation.Syntax.GetLocation(), arguments));
}
