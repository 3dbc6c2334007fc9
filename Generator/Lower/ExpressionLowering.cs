using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Requant.Generator.Diagnostics;
using Requant.Generator.Ir;

namespace Requant.Generator.Lower;

/// <content>Expressions and assignments.</content>
internal sealed partial class BodyLowering
{
    private int LowerExpression(IOperation operation)
    {
        if (operation.ConstantValue is { HasValue: true, Value: float or double or int or bool } constant)
        {
            return Constant(constant.Value, operation);
        }

        switch (operation)
        {
            case IParenthesizedOperation parenthesized:
                return LowerExpression(parenthesized.Operand);
            case ILocalReferenceOperation local when _values.TryGetValue(local.Local, out int value):
                return value;
            case IParameterReferenceOperation parameter when _values.TryGetValue(parameter.Parameter, out int value):
                return value;
            case ILocalReferenceOperation or IParameterReferenceOperation
                when diagnostics.Count > 0 && operation.Type is { } type:
                // Its assignment failed and was reported; any value lets the rest be read.
                return Constant(
                    
                    TypeOf(type) switch
                    {
                        IrType.Float => 0f, IrType.Double => 0.0, IrType.Int => 0, _ => (object)false,
                    }, operation);
            case IConversionOperation conversion:
                return LowerConversion(conversion);
            case IBinaryOperation binary:
                return LowerBinary(binary);
            case IUnaryOperation unary:
                return LowerUnary(unary);
            case IConditionalOperation conditional:
                return LowerConditional(conditional);
            case IInvocationOperation call:
                return LowerCall(call)
                    ?? throw Fail(Catalog.Expression, operation, "A call that returns nothing", "return a value");
            case ISimpleAssignmentOperation or ICompoundAssignmentOperation:
                return LowerAssignment(operation);
            case IPropertyReferenceOperation { Property: { IsStatic: true } property }
                when property.ContainingType.ToDisplayString() == "Requant.Shape":
                return LowerShape(property, operation);
            case IFieldReferenceOperation or IPropertyReferenceOperation { Arguments.Length: 0 }:
                throw Fail(Catalog.Field, operation, operation.Syntax.ToString());
            default:
                RequireNoConstruct(operation);
                RequireType(operation.Type, operation);
                throw Fail(
                    Catalog.Expression, operation, Describe.Expression(operation), Describe.ExpressionFix(operation));
        }
    }

    private int LowerShape(IPropertySymbol property, IOperation operation)
    {
        (OpCode code, IrType type) = property.Name switch
        {
            "Rows" => (OpCode.Rows, IrType.Int),
            "Columns" => (OpCode.Columns, IrType.Int),
            "IsMatrix" => (OpCode.IsMatrix, IrType.Bool),
            _ => throw Fail(Catalog.Field, operation, operation.Syntax.ToString()),
        };
        return _builder.Add(code, type, operation.Syntax.GetLocation());
    }

    private int Constant(object value, IOperation operation) => _builder.Add(
        value switch
        {
            float number => IrOp.Float(number),
            double number => IrOp.Double(number),
            int number => IrOp.Int(number),
            _ => IrOp.Bool((bool)value),
        },
        operation.Syntax.GetLocation());

    private int LowerConversion(IConversionOperation conversion)
    {
        RequireUnchecked(
            conversion.IsChecked
                && conversion.Type?.SpecialType is not (SpecialType.System_Single or SpecialType.System_Double),
            conversion);
        if (conversion.OperatorMethod is not null || conversion.IsTryCast)
        {
            throw Fail(
                Catalog.Expression, conversion, "This conversion", "convert between float and int by a plain cast");
        }

        RequireType(conversion.Type, conversion);
        RequireType(conversion.Operand.Type, conversion.Operand);
        return Convert(LowerExpression(conversion.Operand), TypeOf(conversion.Type!), conversion);
    }

    private int Convert(int value, IrType to, IOperation place)
    {
        IrOp op = _builder[value];
        Location location = place.Syntax.GetLocation();
        return (op.Type, to) switch
        {
            (IrType.Int, IrType.Float) when op.Code == OpCode.ConstInt =>
                _builder.Add(IrOp.Float((float)op.Value), location),
            (IrType.Int, IrType.Float) when op.Code == OpCode.Sign && !_builder.IsUniform(value) =>
                _builder.Add(op with { Type = IrType.Float }, location),
            (IrType.Int, IrType.Float) when op.Code == OpCode.Select && !_builder.IsUniform(value) =>
                ConvertSides(op, to, place),
            (IrType.Int, IrType.Float) => _builder.Add(OpCode.IntToFloat, to, location, value),
            (IrType.Float, IrType.Int) => _builder.Add(OpCode.FloatToInt, to, location, value),
            (IrType.Float or IrType.Int, IrType.Double) => _builder.Add(OpCode.ToDouble, to, location, value),
            (IrType.Double, IrType.Float) => _builder.Add(OpCode.DoubleToFloat, to, location, value),
            (IrType.Double, IrType.Int) => _builder.Add(OpCode.DoubleToInt, to, location, value),
            _ => value,
        };
    }

    /// <summary>A choice between integers, as in <c>g &gt; 0 ? 1 : -1</c>, is one between the same
    /// numbers as floats.</summary>
    private int ConvertSides(IrOp select, IrType to, IOperation place) => _builder.Select(
        select.Operands[0], Convert(select.Operands[1], to, place), Convert(select.Operands[2], to, place),
        place.Syntax.GetLocation());

    private int LowerBinary(IBinaryOperation binary)
    {
        RequireUnchecked(binary.IsChecked, binary);
        if (binary.OperatorMethod is not null || Operators.Binary(binary.OperatorKind) is not { } code)
        {
            throw Fail(Catalog.Expression, binary, $"Operator '{Describe.Operator(binary)}'",
                "use + - * /, a comparison, && or ||");
        }

        RequireType(binary.LeftOperand.Type, binary.LeftOperand);
        RequireType(binary.RightOperand.Type, binary.RightOperand);
        RequireType(binary.Type, binary);
        int left = LowerExpression(binary.LeftOperand);
        int right = code is OpCode.And or OpCode.Or
            ? LowerRightSide(left, binary)
            : LowerExpression(binary.RightOperand);
        return Binary(code, left, right, TypeOf(binary.Type!), binary);
    }

    private int Binary(OpCode code, int left, int right, IrType type, IOperation place)
    {
        return _builder[left].Type == IrType.Bool && code is OpCode.Equal or OpCode.NotEqual
            ? BoolEquality(code == OpCode.Equal, left, right, place.Syntax.GetLocation())
            : _builder.Add(code, type, place.Syntax.GetLocation(), left, right);
    }

    /// <summary>Vector masks have no equality of their own: a == b is (a and b) or neither.</summary>
    private int BoolEquality(bool equal, int left, int right, Location location)
    {
        int Add(OpCode code, params int[] operands) => _builder.Add(code, IrType.Bool, location, operands);

        int other = equal ? right : Add(OpCode.Not, right);
        int neither = Add(OpCode.And, Add(OpCode.Not, left), equal ? Add(OpCode.Not, right) : right);
        return Add(OpCode.Or, Add(OpCode.And, left, other), neither);
    }

    private int LowerUnary(IUnaryOperation unary)
    {
        int Operand() => LowerExpression(unary.Operand);
        RequireUnchecked(unary.IsChecked, unary);
        if (unary.OperatorMethod is not null)
        {
            throw Fail(Catalog.Expression, unary, "This operator", "use -, + or !");
        }

        RequireType(unary.Operand.Type, unary.Operand);
        Location location = unary.Syntax.GetLocation();
        return unary.OperatorKind switch
        {
            UnaryOperatorKind.Plus => Operand(),
            UnaryOperatorKind.Minus => _builder.Add(OpCode.Negate, TypeOf(unary.Type!), location, Operand()),
            UnaryOperatorKind.Not when unary.Type!.SpecialType == SpecialType.System_Boolean =>
                _builder.Add(OpCode.Not, IrType.Bool, location, Operand()),
            _ => throw Fail(Catalog.Expression, unary, "This operator", "use -, + or !"),
        };
    }

    private int LowerConditional(IConditionalOperation conditional)
    {
        RequireType(conditional.Type, conditional);
        int condition = LowerExpression(conditional.Condition);
        int whenTrue = 0;
        int whenFalse = 0;
        LowerSides(condition, conditional,
            () => whenTrue = LowerExpression(conditional.WhenTrue),
            () => whenFalse = LowerExpression(conditional.WhenFalse!));
        return _builder.Select(condition, whenTrue, whenFalse, conditional.Syntax.GetLocation());
    }

    /// <summary>The right side of <c>&amp;&amp;</c> and <c>||</c> runs only where the left one leaves the
    /// result open.</summary>
    private int LowerRightSide(int left, IBinaryOperation binary)
    {
        int right = 0;
        void Run() => right = LowerExpression(binary.RightOperand);
        static void Skip()
        {
        }

        bool isAnd = binary.OperatorKind == BinaryOperatorKind.ConditionalAnd;
        LowerSides(left, binary, isAnd ? Run : Skip, isAnd ? Skip : Run);
        return right;
    }

    private int LowerAssignment(IOperation operation)
    {
        switch (operation)
        {
            case ISimpleAssignmentOperation { IsRef: false } simple:
            {
                ISymbol target = Target(simple.Target);
                return Stored(target, LowerExpression(simple.Value));
            }

            case ICompoundAssignmentOperation compound:
                return Stored(Target(compound.Target), CompoundValue(compound));
            case IIncrementOrDecrementOperation increment when increment.OperatorMethod is null:
            {
                RequireUnchecked(increment.IsChecked, increment);
                ISymbol target = Target(increment.Target);
                IrType type = TypeOf(increment.Target.Type!);
                int one = Constant(
                    type switch { IrType.Float => 1f, IrType.Double => 1.0, _ => (object)1 }, increment);
                OpCode code = increment.Kind == OperationKind.Increment ? OpCode.Add : OpCode.Subtract;
                return Stored(
                    target,
                    _builder.Add(code, type, increment.Syntax.GetLocation(), LowerExpression(increment.Target), one));
            }

            default:
                throw Fail(Catalog.Expression, operation, "This assignment", "assign a local, the element or a state");
        }
    }

    private int CompoundValue(ICompoundAssignmentOperation compound)
    {
        RequireUnchecked(compound.IsChecked, compound);
        if (compound.OperatorMethod is not null || Operators.Binary(compound.OperatorKind) is not { } code)
        {
            throw Fail(Catalog.Expression, compound, "This operator", "use += -= *= or /=");
        }

        RequireType(compound.Value.Type, compound.Value);
        int old = LowerExpression(compound.Target);
        int value = LowerExpression(compound.Value);
        IrType target = TypeOf(compound.Target.Type!);

        // C# widens the operands to a common type, computes, and converts back.
        IrType common = new[] { IrType.Double, IrType.Float }
            .Where(type => _builder[old].Type == type || _builder[value].Type == type).DefaultIfEmpty(target).First();
        int result = Binary(code, Convert(old, common, compound), Convert(value, common, compound), common, compound);
        return Convert(result, target, compound);
    }

    private int Stored(ISymbol target, int value)
    {
        Assign(target, value);
        return value;
    }

    /// <summary>The variable behind the left side of an assignment.</summary>
    private ISymbol Target(IOperation target)
    {
        switch (target)
        {
            case ILocalReferenceOperation local:
                return local.Local;
            case IParameterReferenceOperation { Parameter: var parameter } when IsAssignable(parameter):
                return parameter;
            default:
                throw Fail(Catalog.Assignment, target, target.Syntax.ToString());
        }
    }

    /// <summary>Hyperparameters and the step are the same for all elements: assigning one in a rule
    /// is a mistake.</summary>
    private bool IsAssignable(IParameterSymbol parameter) =>
        !SymbolEqualityComparer.Default.Equals(parameter.ContainingSymbol, signature.Method)
        || parameter.RefKind == RefKind.Ref
        || SymbolEqualityComparer.Default.Equals(parameter, signature.Gradient);

    private static void RequireUnchecked(bool isChecked, IOperation place)
    {
        if (isChecked)
        {
            throw Fail(
                Catalog.Expression, place, "Overflow-checked integer arithmetic",
                "write it inside 'unchecked(…)' or compute in float");
        }
    }

    /// <summary>Throws for a construct that has a diagnostic of its own.</summary>
    private static void RequireNoConstruct(IOperation operation)
    {
        if (Describe.Construct(operation) is { } construct)
        {
            throw Fail(construct.Descriptor, operation, construct.Arguments);
        }
    }

    private static void RequireType(ITypeSymbol? type, IOperation place)
    {
        if (type is null or { TypeKind: TypeKind.Error })
        {
            return;
        }

        if (type.SpecialType is not (SpecialType.System_Single or SpecialType.System_Double
            or SpecialType.System_Int32 or SpecialType.System_Boolean))
        {
            throw Fail(Catalog.Type, place, type.ToDisplayString(), Describe.TypeFix(type));
        }
    }

    private static IrType TypeOf(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_Int32 => IrType.Int,
        SpecialType.System_Boolean => IrType.Bool,
        SpecialType.System_Double => IrType.Double,
        _ => IrType.Float,
    };
}
