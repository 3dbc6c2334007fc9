using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Requant.Generator.Diagnostics;
using Requant.Generator.Ir;
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
            "System.MathF" or "System.Math" or "float" or "int" => LowerMath(call),
            "Requant.Reduce" => LowerReduce(call),
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
        if (!MathFunctions.IsKnown(name))
        {
            throw Fail(Catalog.UnknownCall, call, name, "use " + MathFunctions.List);
        }

        int[] operands = [.. InParameterOrder(call).Select(LowerExpression)];
        IrType result = TypeOf(method.ReturnType);
        OpCode? code = MathFunctions.Operation(method.Name, operands.Length);
        Location location = call.Syntax.GetLocation();
        return code is { } known
            ? _builder.Add(known, result, location, operands)
            : _builder.Add(new IrOp(OpCode.HostCall, result, operands.ToEquatableArray(), Text: name), location);
    }

    private int LowerReduce(IInvocationOperation call)
    {
        string name = call.TargetMethod.Name;
        if (name is not ("Norm" or "Sum"))
        {
            throw Fail(Catalog.ReduceUnsupported, call, "Reduce." + name);
        }

        int operand = LowerExpression(call.Arguments[0].Value);
        int number = _builder.Ops.Count(op => op.Code == OpCode.Reduce);
        int reduce = _builder.Add(
            new IrOp(OpCode.Reduce, IrType.Float, new[] { operand }.ToEquatableArray(), Index: number, Text: name), call.Syntax.GetLocation());
        _guardedReductions.AddRange(_guards.Select(guard => (reduce, guard)));
        return reduce;
    }

    private int? Inline(IInvocationOperation call)
    {
        IMethodSymbol method = call.TargetMethod;
        if (_calls.Contains(method, SymbolEqualityComparer.Default))
        {
            throw Fail(Catalog.Recursion, call, method.Name);
        }

        if (!method.IsStatic || method.IsGenericMethod || method.IsAsync || BodyOf(method) is not { } body)
        {
            throw Fail(Catalog.UnknownCall, call, method.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat),
                "call MathF functions, Reduce, or a static, non-generic method whose source is in this project");
        }

        foreach (IParameterSymbol parameter in method.Parameters)
        {
            bool isSupported = parameter.RefKind is RefKind.None or RefKind.Ref && !parameter.IsParams
                && parameter.Type.SpecialType is SpecialType.System_Single or SpecialType.System_Int32 or SpecialType.System_Boolean;
            if (!isSupported)
            {
                throw Fail(Catalog.UnknownCall, call, method.Name,
                    $"its parameter '{parameter.Name}' must be a float, int or bool, by value or 'ref'");
            }
        }

        return InlineBody(call, method, body);
    }

    private int? InlineBody(IInvocationOperation call, IMethodSymbol method, IMethodBodyOperation body)
    {
        foreach (IArgumentOperation argument in call.Arguments)
        {
            IParameterSymbol parameter = argument.Parameter!.OriginalDefinition;
            int value = LowerExpression(argument.Value);
            _builder.Name(value, parameter.Name);
            _values[parameter] = value;
        }

        _calls.Push(method);
        int problems = diagnostics.Count;
        int? result = LowerBody(body);
        _calls.Pop();
        if (diagnostics.Count > problems && result is null && !method.ReturnsVoid)
        {
            // The helper's own diagnostics say what is wrong; any value lets the caller be read to its end.
            result = _builder.Add(IrOp.Float(0f), call.Syntax.GetLocation());
        }

        foreach (IArgumentOperation argument in call.Arguments.Where(argument => argument.Parameter!.RefKind == RefKind.Ref))
        {
            Assign(Target(argument.Value), _values[argument.Parameter!.OriginalDefinition]);
        }

        return result;
    }

    private IMethodBodyOperation? BodyOf(IMethodSymbol method)
    {
        if (method.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellation) is not MethodDeclarationSyntax syntax
            || (syntax.Body is null && syntax.ExpressionBody is null))
        {
            return null;
        }

        SemanticModel semantics = syntax.SyntaxTree == model.SyntaxTree
            ? model
            : model.Compilation.GetSemanticModel(syntax.SyntaxTree);
        return semantics.GetOperation(syntax, cancellation) as IMethodBodyOperation;
    }

    /// <summary>Arguments in the order of the parameters; named arguments may stand in another.</summary>
    private static IEnumerable<IOperation> InParameterOrder(IInvocationOperation call) =>
        call.Arguments.OrderBy(argument => argument.Parameter!.Ordinal).Select(argument => argument.Value);
}
