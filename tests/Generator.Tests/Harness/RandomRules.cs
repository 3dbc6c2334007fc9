using System.Globalization;
using System.Text;

namespace Requant.Generator.Tests.Harness;

/// <summary>Writes rules at random, from everything that a rule may say of floats and conditions.</summary>
/// <param name="seed">The same seed writes the same rule.</param>
/// <param name="statements">Statements of the body.</param>
/// <param name="depth">Nesting of branches.</param>
internal sealed class RandomRules(int seed, int statements, int depth)
{
    private static readonly string[] Variables = ["p", "m", "v", "x", "y"];
    private static readonly string[] Floats =
    [
        "g", "lr", "beta", "x", "y", "p", "m", "v", "half", "0.5f", "-1f", "0f", "-0f", "3f", "(float)step", "(float)k",
    ];
    private static readonly string[] Uniforms =
        ["lr", "beta", "half", "(float)step", "(float)k", "0.25f", "2f", "MathF.Pow(beta, step)"];
    private static readonly string[] Comparisons = ["<", "<=", ">", ">=", "==", "!="];
    private static readonly string[] Arithmetic = ["+", "-", "*", "/"];

    /// <summary>With a sign: rules may assign what is negative.</summary>
    private static readonly string[] States =
    [
        "State",
        "State(Codec.MiniFloat)",
        "State(Codec.MiniFloat, Rounding = StateRounding.Stochastic)",
        "State(Codec.SoftSign)",
        "State(Rounding = StateRounding.Stochastic)",
        "State(Codec.Float8E4M3, Rounding = StateRounding.Stochastic)",
    ];

    private readonly Random _random = new(seed);

    public string Source(string name)
    {
        var body = new StringBuilder();
        for (int i = 0; i < statements; i++)
        {
            body.Append(Statement(depth, indent: "        "));
        }

        return $$"""
            #pragma warning disable
            using System;
            using Requant;

            namespace RandomRules;

            public static class {{name}}Rule
            {
                [OptimizerRule]
                public static void {{name}}(
                    ref float p, float g, [{{States[seed % States.Length]}}] ref float m,
                    [{{States[seed / States.Length % States.Length]}}] ref float v, int step,
                    float lr = 0.1f, float beta = 0.9f, int k = 3, bool first = true, bool second = false)
                {
                    float x = g, y = p, half = 0.5f * lr;
                    bool b = {{Condition(1)}};
            {{body}}
                }

                private static float Helper(ref float a, float c, bool d = true)
                {
                    if (c > 2) { return a; }
                    a = d ? a + c : c;
                    c *= 2;
                    return a - c;
                }

                private static bool Test(float a, float c) => a > c;

                // Processors do not agree on the sign of a NaN that they make.
                private static float Signed(float a, float c) => MathF.CopySign(a, c < 0f || c >= 0f ? c : 1f);
            }

            """;
    }

    private string Statement(int nesting, string indent) => _random.Next(nesting > 0 ? 10 : 5) switch
    {
        0 or 1 => $"{indent}{Any(Variables)} = {Float(3)};\n",
        2 => $"{indent}{Any(Variables)} {Any(Arithmetic)}= {Float(2)};\n",
        3 => $"{indent}b = {Condition(2)};\n",
        4 => indent + Any(Variables)
            + (_random.Next(2) == 0
                ? $" += Helper(ref x, {Float(2)});\n"
                : $" = Helper(d: b, c: {Float(1)}, a: ref m);\n"),
        5 or 6 => $"{indent}if ({Condition(2)})\n{Block(nesting, indent)}{indent}else\n{Block(nesting, indent)}",
        7 => $"{indent}if ({Condition(2)})\n{Block(nesting, indent)}",
        8 => $"{indent}if ({Condition(2)}) return;\n",
        _ => $"{indent}{Any(Variables)}{(_random.Next(2) == 0 ? "++" : "--")};\n",
    };

    private string Block(int nesting, string indent)
    {
        string inner = indent + "    ";
        return $"{indent}{{\n{Statement(nesting - 1, inner)}{Statement(nesting - 2, inner)}{indent}}}\n";
    }

    private string Float(int size) => size == 0 ? Any(Floats) : _random.Next(15) switch
    {
        < 5 => $"({Float(size - 1)} {Any(Arithmetic)} {Float(size - 1)})",
        5 => $"({Condition(size - 1)} ? {Float(size - 1)} : {Float(size - 1)})",
        6 => $"MathF.{Any(["Abs", "Sqrt"])}({Float(size - 1)})",
        7 => $"MathF.{Any(["Min", "Max"])}({Float(size - 1)}, {Float(size - 1)})",
        8 => $"-({Float(size - 1)})",
        9 => $"({Any(Uniforms)} {Any(Arithmetic)} ({Any(Uniforms)} {Any(Arithmetic)} {Number()}))",
        10 => $"({Any(["x", "y"])} = {Float(size - 1)})",
        11 => $"MathF.{Any(["Floor", "Ceiling", "Round", "Truncate"])}({Float(size - 1)})",
        12 => $"Signed({Float(size - 1)}, {Float(size - 1)})",
        13 => Any(
        [
            $"MathF.FusedMultiplyAdd({Float(size - 1)}, {Float(size - 1)}, {Float(size - 1)})",
            $"Math.Clamp({Float(size - 1)}, -{Number()}, {Number()})",
        ]),
        _ => Any(Floats),
    };

    private string Condition(
        int size) => size == 0 ? Any(["first", "second", "(step == 1)", "(g > 0)", "(k > 2)"]) : _random.Next(8) switch
    {
        0 or 1 => $"({Float(size - 1)} {Any(Comparisons)} {Float(size - 1)})",
        2 => $"({Condition(size - 1)} && {Condition(size - 1)})",
        3 => $"({Condition(size - 1)} || {Condition(size - 1)})",
        4 => $"!{Condition(size - 1)}",
        5 => $"({Condition(size - 1)} {Any(["==", "!="])} {Condition(size - 1)})",
        6 => $"Test({Float(size - 1)}, y = {Float(size - 1)})",
        _ => Condition(0),
    };

    private string Number() => (_random.Next(1, 9) / 4f).ToString(CultureInfo.InvariantCulture) + "f";

    private string Any(string[] choices) => choices[_random.Next(choices.Length)];
}
