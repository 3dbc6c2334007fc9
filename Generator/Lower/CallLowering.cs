using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Requant.Generator.Diagnostics;
using Requant.Generator.Ir;
using Requant.Generator.Read;
using Requant.Generator.Support;

namespace Requant.Generator.Lower;

/// <content>Calls: math functions, reductions, and helper methods, which are inlined.</content>
internal sealed partial class BodyLowering
{
    private int? LowerCall(IInvocationOperation call)
    {
        IMethodSymbol method = call.TargetMethod;
        string type = method.ContainingType.ToDisplayString();
        return type switch
        {
            "System.MathF" or "System.Math" or "float" or "int" or "double" => LowerMath(call),
            "Requant.Reduce" => LowerReduce(call),
            "Requant.State" => LowerIsFirst(call),
            "Requant.Matrix" => LowerOrthogonalize(call),
            _ => Inline(call),
        };
    }

    private int LowerMath(IInvocationOperation call)
    {
        IMethodSymbol method = call.TargetMethod;
        foreach (IArgumentOperation argument in call.Arguments)
        {
            RequireType(argument.Value.Type, argument.Value);
        }

        RequireType(method.ReturnType, call);
        string name = $"{method.ContainingType.Name}.{method.Name}";
        bool isOfDoubles = method.Parameters.Select(parameter => parameter.Type).Append(method.ReturnType)
            .Any(one => one.SpecialType == SpecialType.System_Double);
        if (!(isOfDoubles
            ? Operations.IsKnownOfDoubles(name, call.Arguments.Length)
            : Operations.IsKnownCall(name, call.Arguments.Length)))
        {
            throw Fail(Catalog.UnknownCall, call, name, "use " + Operations.FunctionList);
        }

        int[] operands = [.. InParameterOrder(call).Select(LowerExpression)];
        IrType result = TypeOf(method.ReturnType);
        Location location = call.Syntax.GetLocation();
        return !isOfDoubles && Operations.OfFunction(name, operands.Length) is { } known
            ? _builder.Add(known, result, location, operands)
            : _builder.Add(new IrOp(OpCode.HostCall, result, operands.ToEquatableArray(), Text: name), location);
    }

    private int LowerReduce(IInvocationOperation call)
    {
        int operand = LowerExpression(call.Arguments[0].Value);
        string name = call.TargetMethod.Name;
        return ReductionKind.FunctionOf(name) == "Mean"
            ? Mean(ReductionKind.With(name, "Sum"), operand, call)
            : AddReduce(name, operand, call);
    }

    /// <summary>The polynomial is of the matrix over its norm, which is a reduction like others, but of all its
    /// elements even where those of a row are the same.</summary>
    private int LowerOrthogonalize(IInvocationOperation call)
    {
        int[] operands = [.. InParameterOrder(call).Select(LowerExpression)];
        if (!_builder.IsUniform(operands[1]))
        {
            throw Fail(Catalog.MatrixSteps, call.Arguments[1].Value);
        }

        bool isOfLines = _builder.LevelOf(operands[0]) is Level.Row or Level.Column;
        int norm = AddUnguarded(isOfLines ? ReductionKind.OfElements("Norm") : "Norm", operands[0], call);
        int number = _builder.Ops.Count(op => op.Code == OpCode.Orthogonalize);
        int result = _builder.Add(
            new IrOp(
                OpCode.Orthogonalize, IrType.Float, new[] { operands[0], norm, operands[1] }.ToEquatableArray(),
                Index: number),
            call.Syntax.GetLocation());
        Guard(result);
        return result;
    }

    /// <summary>Keeps the conditions under which a value of many elements is asked for.</summary>
    private void Guard(int value) => _guardedReductions.AddRange(_guards.Select(guard => (value, guard)));

    private int LowerIsFirst(IInvocationOperation call)
    {
        IOperation argument = call.Arguments[0].Value;
        int state = argument is IParameterReferenceOperation { Parameter: var parameter }
            ? signature.States.FindIndex(one => SymbolEqualityComparer.Default.Equals(one.Symbol, parameter))
            : -1;
        return state >= 0
            ? _builder.Add(
                new IrOp(OpCode.IsFirst, IrType.Bool, default, Index: state, Text: signature.States[state].Model.Name),
                call.Syntax.GetLocation())
            : throw Fail(
                Catalog.UnknownCall, argument, $"State.IsFirst({argument.Syntax})",
                "pass a parameter of the rule that is marked [State]");
    }

    /// <summary>A mean is a sum over the number of elements that took part; 0 if none did.</summary>
    private int Mean(string kind, int operand, IInvocationOperation call)
    {
        Location location = call.Syntax.GetLocation();
        int sum = AddReduce(kind, operand, call);
        int count = kind == "Sum" && _builder.LevelOf(operand) is Level.Row or Level.Column
            ? _builder.Add(OpCode.IntToFloat, IrType.Float, location, LineCount(_builder.LevelOf(operand), location))
            : AddReduce(kind, Constant(1f, call), call);
        int divisor = _builder.Add(OpCode.Max, IrType.Float, location, count, Constant(1f, call));
        return _builder.Add(OpCode.Divide, IrType.Float, location, sum, divisor);
    }

    private int LineCount(Level level, Location location) =>
        _builder.Add(level == Level.Row ? OpCode.Rows : OpCode.Columns, IrType.Int, location);

    private int AddReduce(string kind, int operand, IInvocationOperation call)
    {
        int reduce = AddUnguarded(kind, operand, call);
        Guard(reduce);
        return reduce;
    }

    private int AddUnguarded(string kind, int operand, IInvocationOperation call)
    {
        int number = _builder.Ops.Count(op => op.Code == OpCode.Reduce);
        return _builder.Add(
            new IrOp(OpCode.Reduce, IrType.Float, new[] { operand }.ToEquatableArray(), Index: number, Text: kind),
            call.Syntax.GetLocation());
    }

    private int? Inline(IInvocationOperation call)
    {
        IMethodSymbol method = call.TargetMethod;
        if (_calls.Contains(method, SymbolEqualityComparer.Default))
        {
            throw Fail(Catalog.Recursion, call, method.Name);
        }

        if (method.IsAsync)
        {
            throw Fail(Catalog.Async, call, method.Name);
        }

        bool isPlain = method is { IsStatic: true, IsGenericMethod: false } && !IsConditional(method);
        if (!isPlain || BodyOf(method) is not { } body)
        {
            throw Fail(
                Catalog.UnknownCall, call, method.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat),
                "call MathF functions, Reduce, Matrix, State.IsFirst, or a static, non-generic, unconditional method "
                + "whose source is in this project");
        }

        foreach (IParameterSymbol parameter in method.Parameters)
        {
            bool isSupported = parameter.RefKind is RefKind.None or RefKind.Ref && !parameter.IsParams
                && parameter.Type.SpecialType is SpecialType.System_Single or SpecialType.System_Double
                    or SpecialType.System_Int32 or SpecialType.System_Boolean;
            if (!isSupported)
            {
                throw Fail(Catalog.UnknownCall, call, method.Name,
                    $"its parameter '{parameter.Name}' must be a float, double, int or bool, by value or 'ref'");
            }
        }

        return InlineBody(call, method, body);
    }

    private int? InlineBody(IInvocationOperation call, IMethodSymbol method, IMethodBodyOperation body)
    {
        ILookup<bool, IArgumentOperation> arguments = call.Arguments.ToLookup(
            argument => argument.Parameter!.RefKind == RefKind.Ref);
        ISymbol[] targets = [.. arguments[true].Select(argument => Target(argument.Value))];
        if (targets.Distinct(SymbolEqualityComparer.Default).Count() < targets.Length)
        {
            throw Fail(Catalog.UnknownCall, call, method.Name, "pass a variable by 'ref' once only");
        }

        // An argument may call the same helper, so all are computed before one is bound; a variable passed by 'ref' is
        // read last, when the other arguments have done what they do to it.
        (ISymbol Parameter, int Value)[] bound =
            [.. arguments[false].Concat(arguments[true]).Select(
                argument => ((ISymbol)argument.Parameter!.OriginalDefinition, LowerExpression(argument.Value)))];
        ISymbol[] caller = [.. _values.Keys];
        foreach ((ISymbol parameter, int value) in bound)
        {
            _builder.Name(value, parameter.Name);
            _values[parameter] = value;
        }

        int problems = diagnostics.Count;
        int? result = _meetsCompilerErrors ? null : ResultOf(call, method, body);
        if ((diagnostics.Count > problems || _meetsCompilerErrors) && result is null && !method.ReturnsVoid)
        {
            // The helper's own diagnostics say what is wrong; any value lets the caller be read to its end.
            result = _builder.Add(IrOp.Float(0f), call.Syntax.GetLocation());
        }

        Dictionary<ISymbol, int> after = _values;
        _values = caller.Where(after.ContainsKey)
            .ToDictionary(variable => variable, variable => after[variable], SymbolEqualityComparer.Default);
        foreach (IArgumentOperation argument in arguments[true])
        {
            Assign(Target(argument.Value), after[argument.Parameter!.OriginalDefinition]);
        }

        return result;
    }

    private int? ResultOf(IInvocationOperation call, IMethodSymbol method, IMethodBodyOperation body)
    {
        int? returned = _returned;
        _returned = null;
        Location? outer = _builder.Call;
        _builder.Call ??= call.Syntax.GetLocation();
        _calls.Push(method);
        LowerBody(body);
        _calls.Pop();
        _builder.Call = outer;
        _returned = returned;
        return _values.TryGetValue(method, out int result) ? result : null;
    }

    private IMethodBodyOperation? BodyOf(IMethodSymbol method)
    {
        if (method.DeclaringSyntaxReferences.FirstOrDefault()
            ?.GetSyntax(cancellation) is not MethodDeclarationSyntax syntax
            || (syntax.Body is null && syntax.ExpressionBody is null))
        {
            return null;
        }

        helpers.Add(syntax.SyntaxTree);
        SemanticModel semantics = syntax.SyntaxTree == model.SyntaxTree
            ? model
            : model.Compilation.GetSemanticModel(syntax.SyntaxTree);
        _meetsCompilerErrors |= CompilerErrors.In(syntax, semantics, cancellation);
        return semantics.GetOperation(syntax, cancellation) as IMethodBodyOperation;
    }

    /// <summary>The compiler leaves calls of such a method out where its symbol is not defined.</summary>
    private static bool IsConditional(IMethodSymbol method) =>
        method.GetAttributes().Any(attribute => attribute.AttributeClass is { Name: "ConditionalAttribute" });

    /// <summary>Arguments in the order of the parameters; named arguments may stand in another.</summary>
    private static IEnumerable<IOperation> InParameterOrder(IInvocationOperation call) =>
        call.Arguments.OrderBy(argument => argument.Parameter!.Ordinal).Select(argument => argument.Value);
}
