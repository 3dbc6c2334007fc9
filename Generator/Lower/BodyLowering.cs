using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Requant.Generator.Diagnostics;
using Requant.Generator.Ir;
using Requant.Generator.Read;
using Requant.Generator.Support;

namespace Requant.Generator.Lower;

/// <summary>Turns a rule's statements into a list of operations. Variables become values; a branch becomes a selection
/// between the values that its two sides leave behind.</summary>
internal sealed partial class BodyLowering(
    RuleSignature signature, RuleLines lines, SemanticModel model, HashSet<SyntaxTree> helpers,
    List<DiagnosticInfo> diagnostics, CancellationToken cancellation)
{
    private readonly IrBuilder _builder = new(lines);

    /// <summary>Conditions of the branches around the current statement.</summary>
    private readonly Stack<int> _guards = new();

    /// <summary>Helper methods being inlined, outermost first.</summary>
    private readonly Stack<IMethodSymbol> _calls = new();

    /// <summary>Whether a helper has errors that the C# compiler reports.</summary>
    private bool _meetsCompilerErrors;

    private readonly List<(int Reduce, int Guard)> _guardedReductions = [];

    /// <summary>Current value of every parameter and local variable; under a helper method's symbol,
    /// what it returns.</summary>
    private Dictionary<ISymbol, int> _values = new(SymbolEqualityComparer.Default);

    /// <summary>The condition under which the current method has returned; null where it cannot have.</summary>
    private int? _returned;

    public KernelIr? Lower(MethodDeclarationSyntax syntax)
    {
        DeclareInputs();
        _calls.Push(signature.Method);
        if (model.GetOperation(syntax, cancellation) is IMethodBodyOperation body)
        {
            LowerBody(body);
        }

        if (diagnostics.Count > 0 || _meetsCompilerErrors)
        {
            return null;
        }

        var ir = new KernelIr(
            _builder.Ops.ToEquatableArray(),
            _values[signature.Element],
            signature.States.Select(state => _values[state.Symbol]).ToEquatableArray(),
            signature.TensorStates.Select(state => _values[state.Symbol]).ToEquatableArray(),
            signature.LineStates.Select(state => _values[state.Symbol]).ToEquatableArray());
        IrVerifier.Verify(ir);
        new ElementCheck(_builder, diagnostics).Check(ir, _guardedReductions);
        new StateCheck(_builder, signature, diagnostics).Check(ir);
        return ir.WithoutUnused();
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

        for (int i = 0; i < signature.TensorStates.Count; i++)
        {
            (IParameterSymbol symbol, TensorStateModel state) = signature.TensorStates[i];
            Declare(symbol, new IrOp(OpCode.OldTensorState, IrType.Float, default, Index: i, Name: state.Name));
        }

        for (int i = 0; i < signature.LineStates.Count; i++)
        {
            (IParameterSymbol symbol, LineStateModel state) = signature.LineStates[i];
            OpCode code = state.Level == Level.Row ? OpCode.OldRowState : OpCode.OldColumnState;
            Declare(symbol, new IrOp(code, IrType.Float, default, Index: i, Name: state.Name));
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

    private void LowerBody(IMethodBodyOperation body) =>
        LowerBlock((body.BlockBody ?? body.ExpressionBody!).Operations);

    private void LowerBlock(IReadOnlyList<IOperation> statements)
    {
        for (int i = 0; i < statements.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_returned is { } returned)
            {
                LowerRest(returned, statements.Skip(i).ToArray());
                return;
            }

            try
            {
                LowerStatement(statements[i]);
            }
            catch (LoweringException exception)
            {
                diagnostics.Add(exception.Diagnostic);
            }
        }
    }

    /// <summary>Statements after one that may have returned: they run for the elements for which it has not.</summary>
    private void LowerRest(int returned, IOperation[] rest)
    {
        if (_builder[returned].Code != OpCode.ConstBool)
        {
            LowerSides(returned, rest[0], () => _returned = True(rest[0]), () =>
            {
                _returned = null;
                LowerBlock(rest);
            });
        }
    }

    private void LowerReturn(IReturnOperation statement)
    {
        if (statement.ReturnedValue is { } value)
        {
            // Lowering a value may put another dictionary in place.
            int result = LowerExpression(value);
            _values[_calls.Peek()] = result;
        }

        _returned = True(statement);
    }

    private int True(IOperation place) => _builder.Add(IrOp.Bool(true), place.Syntax.GetLocation());

    private void LowerStatement(IOperation statement)
    {
        switch (statement)
        {
            case IBlockOperation block:
                LowerBlock(block.Operations);
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
            case IReturnOperation { IsImplicit: true, ReturnedValue: null }:
                break;
            case IReturnOperation returning:
                LowerReturn(returning);
                break;
            default:
                throw FailStatement(statement);
        }
    }

    private void LowerDeclarations(IVariableDeclarationGroupOperation group)
    {
        foreach (IVariableDeclaratorOperation declarator in group.Declarations.SelectMany(
            declaration => declaration.Declarators))
        {
            if (declarator.Symbol.RefKind != RefKind.None)
            {
                throw Fail(Catalog.Statement, declarator, "A ref local", "use a plain local variable");
            }

            if (declarator.GetVariableInitializer() is { Value: var value })
            {
                RequireNoConstruct(value);
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
                throw FailStatement(operation);
        }
    }

    private void LowerIf(IConditionalOperation conditional)
    {
        int condition = LowerExpression(conditional.Condition);
        LowerSides(
            condition, conditional.Condition, () => LowerSide(conditional.WhenTrue),
            () => LowerSide(conditional.WhenFalse));
    }

    private void LowerSide(IOperation? side)
    {
        if (side is not null)
        {
            LowerBlock([side]);
        }
    }

    /// <summary>Lowers two sides of which a condition takes one: every variable then has the value of
    /// the side taken.</summary>
    private void LowerSides(int condition, IOperation place, Action whenTrue, Action whenFalse)
    {
        Dictionary<ISymbol, int> before = _values;
        int? returned = _returned;
        _guards.Push(condition);
        try
        {
            Dictionary<ISymbol, int> ifTrue = ValuesAfter(whenTrue, before);
            int? returnedIfTrue = _returned;
            _returned = returned;
            Dictionary<ISymbol, int> ifFalse = ValuesAfter(whenFalse, before);
            _returned = MergeReturned(condition, returnedIfTrue, _returned, place);
            _values = Merge(condition, ifTrue, ifFalse, place.Syntax.GetLocation());
        }
        finally
        {
            _guards.Pop();
        }
    }

    private int? MergeReturned(int condition, int? whenTrue, int? whenFalse, IOperation place)
    {
        if (whenTrue == whenFalse)
        {
            return whenTrue;
        }

        Location location = place.Syntax.GetLocation();
        int False() => _builder.Add(IrOp.Bool(false), location);
        int merged = _builder.Select(condition, whenTrue ?? False(), whenFalse ?? False(), location);
        return _builder[merged] is { Code: OpCode.ConstBool, Value: 0 } ? null : merged;
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
            if (value != variable.Value && value != other && variable.Key is not IMethodSymbol)
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

    private static LoweringException FailStatement(IOperation statement)
    {
        RequireNoConstruct(statement);
        return Fail(
            Catalog.Statement, statement, "This statement",
            "use local variables, assignments, 'if'/'else' and 'return'");
    }

    private static LoweringException Fail(
        DiagnosticDescriptor descriptor, IOperation operation, params string[] arguments) =>
        new(DiagnosticInfo.Create(descriptor, operation.Syntax.GetLocation(), arguments));
}
