namespace Requant.Generator.Tests.Harness.Replay;

/// <content>Expressions, each of a level that is asked for or of one below it.</content>
internal sealed partial class RandomMatrixRules
{
    private static readonly string[] Variables =
        ["x", "y", "a", "c", "u", "r", "s", "q", "t", "p", "m", "g", "o0", "o1"];

    private static readonly string[] Uniforms =
    [
        "lr", "beta", "(float)step", "(float)k", "(0.5f * lr)", "MathF.Pow(beta, step)", "(float)Shape.Rows",
        "(float)(Shape.Columns % 3)", "(float)(k * Shape.Rows - step)", "((float)Shape.Rows / Shape.Columns)",
        "(float)(Shape.Columns / 2)", "(Shape.IsMatrix ? 0.5f : 2f)",
    ];

    private static readonly string[] Constants = ["0.5f", "-1f", "0f", "-0f", "3f", "0.25f", "1f"];
    private static readonly string[] Comparisons = ["<", "<=", ">", ">=", "==", "!="];
    private static readonly string[] Conditions =
        ["first", "second", "(step == 1)", "(k > 2)", "Shape.IsMatrix", "(Shape.Rows > Shape.Columns)"];

    private static readonly string[] Functions = ["Norm", "Sum", "Mean", "Max"];

    private RuleExpression Float(int size, RuleLevel most)
    {
        if (size == 0)
        {
            return Atom(most);
        }

        switch (_random.Next(24))
        {
            case < 6:
                return Binary(size, most);
            case 6:
                return Choice(size, most);
            case 7:
                return Call(
                    Any(["MathF.Abs", "MathF.Floor", "MathF.Round", "MathF.Truncate"]), [Float(size - 1, most)]);
            case 8:
                RuleExpression square = Float(size - 1, most);
                return New($"MathF.Sqrt(MathF.Abs({square.Code}))", square.Level);
            case 9:
                return Call(Any(["MathF.Min", "MathF.Max", "Signed"]), [Float(size - 1, most), Float(size - 1, most)]);
            case 10:
                RuleExpression positive = Float(size - 1, most);
                return New($"-({positive.Code})", positive.Level, positive.IsConstant);
            case 11:
                return New(
                    $"({Any(Uniforms)} {Any(["+", "-", "*"])} ({Any(Uniforms)} * {Number()}))", RuleLevel.Uniform);
            case 12:
                return Embedded(size, most);
            case 13:
                return Call(
                    "MathF.FusedMultiplyAdd",
                    [Float(size - 1, most), Float(size - 1, most), Float(size - 1, most)]);
            case 14:
                RuleExpression clamped = Float(size - 1, most);
                return New($"Math.Clamp({clamped.Code}, -{Number()}, {Number()})", clamped.Level);
            case 15:
                return New($"(float)({Double(size)})", RuleLevel.Uniform);
            case 16 when most == RuleLevel.Element && CanReduce(RuleLevel.Row):
                _reductions++;
                RuleExpression centered = Float(size - 1, most);
                return New($"Centered({centered.Code})", centered.Level | RuleLevel.Row);
            case 17 when most == RuleLevel.Element && CanReduce(RuleLevel.Column):
                _reductions++;
                RuleExpression scaled = Float(size - 1, most);
                return New($"Scaled({scaled.Code})", scaled.Level | RuleLevel.Column);
            case < 21:
                RuleExpression reduced = Reduction(size, most);
                return reduced.Value == 0 ? Atom(most) : reduced;
            default:
                return Atom(most);
        }
    }

    private RuleExpression Atom(RuleLevel most)
    {
        RuleExpression[] variables =
        [
            .. Variables.Where(_scope.Has).Select(name => _scope[name])
                .Where(variable => (variable.Level & ~most) == 0 && variable.Level != RuleLevel.Uniform),
        ];
        RuleExpression[] uniform = [.. new[] { "t", "u" }.Where(_scope.Has).Select(name => _scope[name])
            .Where(variable => variable.Level == RuleLevel.Uniform)];
        return _random.Next(10) switch
        {
            < 6 when variables.Length > 0 => Any(variables),
            < 8 when uniform.Length > 0 => Any(uniform),
            8 => New(Any(Constants), RuleLevel.Uniform, isConstant: true),
            _ => New(Any(Uniforms), RuleLevel.Uniform),
        };
    }

    private RuleExpression Binary(int size, RuleLevel most)
    {
        RuleExpression left = Float(size - 1, most);
        RuleExpression right = Float(size - 1, most);
        bool isConstant = left.IsConstant && right.IsConstant;
        return _random.Next(16) switch
        {
            0 => New($"({left.Code} / {right.Code})", left.Level | right.Level, isConstant),
            1 or 2 => New($"({left.Code} / (1f + MathF.Abs({right.Code})))", left.Level | right.Level),
            _ => New($"({left.Code} {Any(["+", "-", "*"])} {right.Code})", left.Level | right.Level, isConstant),
        };
    }

    private RuleExpression Choice(int size, RuleLevel most)
    {
        RuleExpression condition = Condition(size - 1, most);
        RuleExpression whenTrue = default;
        RuleExpression whenFalse = default;
        _scope.Sides(
            condition.Level, () => whenTrue = Float(size - 1, most), () => whenFalse = Float(size - 1, most));
        string code = $"({condition.Code} ? {whenTrue.Code} : {whenFalse.Code})";
        return whenTrue.Value == whenFalse.Value
            ? new RuleExpression(code, whenTrue.Level, whenTrue.Value)
            : New(code, condition.Level | whenTrue.Level | whenFalse.Level);
    }

    /// <summary>An assignment in an expression.</summary>
    private RuleExpression Embedded(int size, RuleLevel most)
    {
        string name = Any(["x", "y"]);
        RuleExpression value = Float(size - 1, most);
        if (!_scope.Has(name))
        {
            return value;
        }

        _scope.Assign(name, value.Level, value.Value);
        return new RuleExpression($"({name} = {value.Code})", value.Level, value.Value);
    }

    private bool CanReduce(RuleLevel into) => (_scope.Guard & ~into) == 0 && _reductions < MostReductions;

    /// <summary>A reduction, or no value where none can stand.</summary>
    private RuleExpression Reduction(int size, RuleLevel most)
    {
        RuleLevel[] into =
        [
            .. new[] { RuleLevel.Uniform, RuleLevel.Row, RuleLevel.Column }
                .Where(level => (level & ~most) == 0 && CanReduce(level)),
        ];
        if (into.Length == 0)
        {
            return default;
        }

        _reductions++;
        int site = ++_sites;
        RuleLevel level = Any(into);
        RuleExpression x = Float(
            Math.Max(1, size - 1),
            Any([RuleLevel.Element, RuleLevel.Element, RuleLevel.Element, RuleLevel.Row, RuleLevel.Column]));
        ReducedOver over = (level, x.Level) switch
        {
            (RuleLevel.Uniform, RuleLevel.Row) => ReducedOver.Rows,
            (RuleLevel.Uniform, RuleLevel.Column) => ReducedOver.Columns,
            _ => ReducedOver.Elements,
        };
        string prefix = level == RuleLevel.Uniform ? "" : level.ToString();
        return New(
            $"Reduce.{prefix}{Any(Functions)}(/*{site}, {nameof(ReducedOver)}.{over}, */{x.Code})", level);
    }

    private RuleExpression Condition(int size, RuleLevel most)
    {
        switch (size == 0 ? 7 : _random.Next(8))
        {
            case 0 or 1 or 2:
                RuleExpression left = Float(size - 1, most);
                RuleExpression right = Float(size - 1, most);
                string code = OfTensor(left, left.Level | right.Level);
                return New($"({code} {Any(Comparisons)} {right.Code})", left.Level | right.Level);
            case 3:
                return Logical(size, most);
            case 4:
                RuleExpression negated = Condition(size - 1, most);
                return New($"!{negated.Code}", negated.Level);
            case 5:
                RuleExpression one = Condition(size - 1, most);
                RuleExpression other = Condition(size - 1, most);
                return New($"({one.Code} {Any(["==", "!="])} {other.Code})", one.Level | other.Level);
            case 6:
                RuleExpression tested = Float(size - 1, most);
                RuleExpression limit = Embedded(size, most);
                RuleLevel level = tested.Level | limit.Level;
                return New($"Test({OfTensor(tested, level)}, {limit.Code})", level);
            default:
                return _scope.Has("b") && (_scope["b"].Level & ~most) == 0 && _random.Next(3) == 0 ? _scope["b"]
                    : most == RuleLevel.Element && _random.Next(3) == 0 ? New("(g > 0)", RuleLevel.Element)
                    : KnownCondition();
        }
    }

    /// <summary>A value that is not known before the step.</summary>
    private static string OfTensor(RuleExpression value, RuleLevel level) =>
        level == RuleLevel.Uniform ? $"({value.Code} * t)" : value.Code;

    /// <summary>A condition that is known before the step, or after so many another one of the tensor.</summary>
    private RuleExpression KnownCondition() => _knownConditions++ < MostKnownConditions
        ? New(Any(Conditions), RuleLevel.Uniform)
        : New($"(t {Any(Comparisons)} {Number()})", _scope["t"].Level);

    private RuleExpression Logical(int size, RuleLevel most)
    {
        bool isAnd = _random.Next(2) == 0;
        RuleExpression left = Condition(size - 1, most);
        RuleExpression right = default;
        void Run() => right = Condition(size - 1, most);
        static void Skip()
        {
        }

        _scope.Sides(left.Level, isAnd ? Run : Skip, isAnd ? Skip : Run);
        return New($"({left.Code} {(isAnd ? "&&" : "||")} {right.Code})", left.Level | right.Level);
    }

    /// <summary>A number for the whole tensor that is computed in float64.</summary>
    private string Double(int size) => size == 0 ? DoubleAtom() : _random.Next(10) switch
    {
        < 4 => $"({Double(size - 1)} {Any(["+", "-", "*"])} {Double(size - 1)})",
        4 => $"({Double(size - 1)} / (1.5 + Math.Abs({Double(size - 1)})))",
        5 => $"Math.Sqrt(Math.Abs({Double(size - 1)}))",
        6 => $"Math.{Any(["Min", "Max"])}({Double(size - 1)}, {Double(size - 1)})",
        7 => $"({Condition(1, RuleLevel.Uniform).Code} ? {DoubleAtom()} : {DoubleAtom()})",
        8 => $"({Float(size - 1, RuleLevel.Uniform).Code} * {DoubleAtom()})",
        _ => DoubleAtom(),
    };

    private string DoubleAtom() => Any(
    [
        "decay", "Math.Pow(decay, step)", "(double)step", "(double)lr", "0.1", "1e-9", "(double)Shape.Rows",
        "(1 - decay)", _scope.Has("d") ? "d" : "decay", _scope.Has("u") && _scope["u"].Level == 0 ? "(double)u" : "1.0",
    ]);

    private RuleExpression Call(string name, RuleExpression[] arguments) => New(
        $"{name}({string.Join(", ", arguments.Select(argument => argument.Code))})",
        arguments.Aggregate(RuleLevel.Uniform, (level, argument) => level | argument.Level));

    private RuleExpression New(string code, RuleLevel level, bool isConstant = false) =>
        new(code, level, _scope.NewValue(), isConstant);
}
