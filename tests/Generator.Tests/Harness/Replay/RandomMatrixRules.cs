using System.Globalization;
using System.Text;

namespace Requant.Generator.Tests.Harness.Replay;

/// <summary>Writes rules at random that see rows, columns and the whole tensor. Calls that do have more arguments in
/// a comment, for the <see cref="ReplayedReduce">stand-ins</see>.</summary>
/// <param name="seed">The same seed writes the same rule.</param>
/// <param name="statements">Statements of the body.</param>
/// <param name="depth">Nesting of branches.</param>
internal sealed partial class RandomMatrixRules(int seed, int statements, int depth)
{
    /// <summary>One rule of so many has matrices.</summary>
    private const int RulesPerMatrix = 3;

    /// <summary>Each may cost a pass over the elements, and kernels for it.</summary>
    private const int MostReductions = 6;

    /// <summary>Each doubles the kernels.</summary>
    private const int MostKnownConditions = 2;

    private static readonly string[] BlockSizes = ["", "(BlockSize = 16)", "(BlockSize = 64)"];

    /// <summary>Those that may be assigned, with the level that a value of each may have.</summary>
    private static readonly (string Name, RuleLevel Most)[] Assignable =
    [
        ("p", RuleLevel.Element), ("m", RuleLevel.Element), ("x", RuleLevel.Element), ("x", RuleLevel.Element),
        ("y", RuleLevel.Element), ("r", RuleLevel.Row), ("s", RuleLevel.Row), ("a", RuleLevel.Row),
        ("q", RuleLevel.Column), ("c", RuleLevel.Column), ("t", RuleLevel.Uniform), ("u", RuleLevel.Uniform),
    ];

    private readonly Random _random = new(seed);
    private readonly RuleScope _scope = new();
    private readonly bool _hasMatrices = seed % RulesPerMatrix == 0;
    private int _sites;
    private int _reductions;
    private int _knownConditions;

    /// <summary>The text that the generator reads.</summary>
    public string Source(string name)
    {
        Declare();
        string body = Body();
        return $$"""
            #pragma warning disable
            using System;
            using Requant;

            namespace RandomRules;

            public static class {{name}}Rule
            {
                [OptimizerRule{{Any(BlockSizes)}}]
                public static void {{name}}(
                    ref float p, float g, [RowState] ref float r, [State] ref float m, [ColumnState(0.25f)] ref float q,
                    [TensorState(1f)] ref float t, [RowState(0.5f)] ref float s, int step,
                    float lr = 0.1f, float beta = 0.9f, double decay = 0.99, int k = 3, bool first = true,
                    bool second = false)
                {
            {{body}}
                }

                private static float Helper(ref float z, float w, bool e = true)
                {
                    if (w > 2) { return z; }
                    z = e ? z + w : w;
                    w *= 2;
                    return z - w;
                }

                private static bool Test(float z, float w) => z > w;

                // Processors do not agree on the sign of a NaN that they make.
                private static float Signed(float z, float w) => MathF.CopySign(z, w < 0f || w >= 0f ? w : 1f);

                private static float Centered(float z) => z - Reduce.RowMean(/*1001, ReducedOver.Elements, */z);

                private static float Scaled(float z)
                {
                    float largest = Reduce.ColumnMax(/*1002, ReducedOver.Elements, */z);
                    return z / (1f + MathF.Abs(largest));
                }
            }

            """;
    }

    /// <summary>The same rule as the stand-ins run it.</summary>
    public static string Replayed(string source) => source
        .Replace("/*", "", StringComparison.Ordinal).Replace("*/", "", StringComparison.Ordinal)
        .Replace(
            "using Requant;",
            $"""
            using Requant;
            using {typeof(ReplayedReduce).Namespace};
            using Reduce = {typeof(ReplayedReduce)};
            using Matrix = {typeof(ReplayedMatrix)};
            using Shape = {typeof(ReplayedShape)};
            """, StringComparison.Ordinal);

    private void Declare()
    {
        foreach ((string name, RuleLevel level) in new[]
        {
            ("p", RuleLevel.Element), ("g", RuleLevel.Element), ("m", RuleLevel.Element), ("r", RuleLevel.Row),
            ("s", RuleLevel.Row), ("q", RuleLevel.Column), ("t", RuleLevel.Uniform),
        })
        {
            _scope.Assign(name, level, _scope.NewValue());
        }
    }

    private string Body()
    {
        const string Indent = "        ";
        var body = new StringBuilder();
        body.Append(Declared("x", RuleLevel.Element));
        body.Append(Declared("y", RuleLevel.Element));
        body.Append(Declared("u", RuleLevel.Uniform));
        body.Append(Declared("a", RuleLevel.Row));
        body.Append(Declared("c", RuleLevel.Column));
        body.Append(Indent + $"double d = {Double(2)};\n");
        _scope.Assign("d", RuleLevel.Uniform, _scope.NewValue());
        RuleExpression condition = Condition(1, RuleLevel.Element);
        body.Append(Indent + $"bool b = {condition.Code};\n");
        _scope.Assign("b", condition.Level, _scope.NewValue());
        foreach (string state in new[] { "r", "s", "q", "t" }.Where(_ => _random.Next(3) > 0))
        {
            body.Append(Indent + Assignment(state, Assignable.First(one => one.Name == state).Most));
        }

        for (int i = 0; i < statements; i++)
        {
            body.Append(_hasMatrices && i % 2 == 0 && !_scope.Has($"o{i / 2}")
                ? MatrixStatement($"o{i / 2}")
                : Statement(depth, Indent, isOutermost: true));
        }

        // All that may have been computed has to matter.
        body.Append(Indent + "p = 0.75f * p + lr * (x - a * c + u * y);\n");
        foreach (string matrix in Matrices)
        {
            body.Append(Indent + $"p -= 0.25f * {matrix};\n");
        }

        return body.ToString().TrimEnd();
    }

    private IEnumerable<string> Matrices =>
        Enumerable.Range(0, statements).Select(i => $"o{i}").Where(_scope.Has);

    private string Declared(string variable, RuleLevel most)
    {
        RuleExpression value = _random.Next(3) == 0 ? Float(1, most) : Reduction(1, most);
        value = value.Value == 0 ? Float(1, most) : value;
        _scope.Assign(variable, value.Level, value.Value);
        return $"        float {variable} = {value.Code};\n";
    }

    /// <summary>A matrix that each tensor with the same kernel has: one that is not finite keeps the tensor from being
    /// updated, whether a condition then takes its result or not.</summary>
    private string MatrixStatement(string variable)
    {
        bool isConditional = _random.Next(3) == 0;
        string call = "";
        void Write() => call = MatrixCall();
        if (isConditional)
        {
            _scope.Sides(RuleLevel.Uniform, Write, () => { });
        }
        else
        {
            Write();
        }

        _scope.Assign(variable, RuleLevel.Element, _scope.NewValue());
        return isConditional
            ? $"        float {variable} = 1f;\n        if (Shape.IsMatrix) {{ {variable} = {call}; }}\n"
            : $"        float {variable} = {call};\n";
    }

    private string MatrixCall()
    {
        int site = ++_sites;
        RuleExpression x = Float(2, Any([RuleLevel.Element, RuleLevel.Element, RuleLevel.Element, RuleLevel.Row]));
        string operand = _random.Next(4) == 0 ? x.Code : $"Math.Clamp({x.Code}, -3f, 3f)";
        string steps = Any(["1", "2", "k - 1", "Shape.IsMatrix ? 2 : 1", "0"]);
        return $"Matrix.Orthogonalize(/*{site}, */{operand}, {steps})";
    }

    private string Statement(int nesting, string indent, bool isOutermost = false)
    {
        switch (_random.Next(nesting > 0 ? 14 : 9))
        {
            case 0 or 1 or 2 or 3:
                return indent + Assignment();
            case 4 or 5:
                return indent + Compound();
            case 6:
                RuleExpression condition = Condition(2, RuleLevel.Element);
                _scope.Assign("b", condition.Level, _scope.NewValue());
                return $"{indent}b = {condition.Code};\n";
            case 7 when _scope.Guard == RuleLevel.Uniform:
                string value = Double(3);
                _scope.Assign("d", RuleLevel.Uniform, _scope.NewValue());
                return $"{indent}d = {value};\n";
            case 7 or 8:
                return indent + HelperCall();
            case 9 when isOutermost && !_hasMatrices:
                RuleExpression isOver = Condition(1, AnyLevel());
                _scope.GuardRest(isOver.Level);
                return $"{indent}if ({isOver.Code}) return;\n";
            default:
                return Branch(nesting, indent);
        }
    }

    private string Branch(int nesting, string indent)
    {
        RuleExpression condition = Condition(2, AnyLevel());
        string whenTrue = "";
        string whenFalse = "";
        bool hasElse = _random.Next(2) == 0;
        _scope.Sides(
            condition.Level, () => whenTrue = Block(nesting, indent),
            () => whenFalse = hasElse ? $"{indent}else\n" + Block(nesting, indent) : "");
        return $"{indent}if ({condition.Code})\n{whenTrue}{whenFalse}";
    }

    private string Block(int nesting, string indent)
    {
        string inner = indent + "    ";
        return $"{indent}{{\n{Statement(nesting - 1, inner)}{Statement(nesting - 2, inner)}{indent}}}\n";
    }

    private string Assignment()
    {
        (string name, RuleLevel most) = Target();
        return Assignment(name, most);
    }

    private string Assignment(string name, RuleLevel most)
    {
        RuleExpression value = Float(3, most);
        bool isState = name is "r" or "s" or "q" or "t";
        if (name == "t" || (isState && _random.Next(4) > 0))
        {
            // No condition on the tensor's state is known before the step, so that none doubles the kernels.
            string code = name == "t" ? $"0.5f * t + {value.Code}" : value.Code;
            value = new RuleExpression($"Math.Clamp({code}, -4f, 4f)", value.Level, _scope.NewValue());
        }

        _scope.Assign(name, value.Level, value.Value);
        return $"{name} = {value.Code};\n";
    }

    private string Compound()
    {
        (string name, RuleLevel most) = Target(isOfParameter: true);
        RuleLevel old = _scope[name].Level;
        if (_random.Next(4) == 0)
        {
            _scope.Assign(name, old, _scope.NewValue());
            return $"{name}{Any(["++", "--"])};\n";
        }

        RuleExpression value = Float(2, most);
        _scope.Assign(name, old | value.Level, _scope.NewValue());
        return $"{name} {Any(["+", "-", "*"])}= {value.Code};\n";
    }

    private string HelperCall()
    {
        (string name, RuleLevel most) = Target();
        (string other, RuleLevel mostOfOther) = Target(isOfParameter: true);
        most &= mostOfOther;
        bool isNamed = most == RuleLevel.Element;
        RuleLevel Known() => _scope[other].Level | (isNamed ? _scope["b"].Level : RuleLevel.Uniform);
        if ((Known() & ~most) != 0 || name == "t" || other == "t")
        {
            return Assignment();
        }

        // The variable that is passed is assigned before the one that takes the result.
        RuleExpression value = Float(2, most);
        RuleLevel level = value.Level | Known();
        _scope.Assign(other, level, _scope.NewValue());
        _scope.Assign(name, level, _scope.NewValue());
        return isNamed
            ? $"{name} = Helper(e: b, w: {value.Code}, z: ref {other});\n"
            : $"{name} = Helper(ref {other}, {value.Code});\n";
    }

    /// <summary>A variable that can be assigned under the conditions around. A rule with matrices adds to its parameter
    /// only: what a matrix has given must not be lost.</summary>
    private (string Name, RuleLevel Most) Target(bool isOfParameter = false) => Any(
    [
        .. Assignable.Where(one =>
            (_scope.Guard & ~one.Most) == 0 && (isOfParameter || one.Name != "p" || !_hasMatrices)),
    ]);

    private RuleLevel AnyLevel() => Any([RuleLevel.Uniform, RuleLevel.Row, RuleLevel.Column, RuleLevel.Element]);

    private string Number() => (_random.Next(1, 9) / 4f).ToString(CultureInfo.InvariantCulture) + "f";

    private T Any<T>(T[] choices) => choices[_random.Next(choices.Length)];
}
