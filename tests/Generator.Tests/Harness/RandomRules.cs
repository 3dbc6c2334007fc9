using System.Globalization;
using System.Text;

namespace Requant.Generator.Tests.Harness;

/// <summary>Writes rules at random, from everything that a rule may say of floats and conditions.</summary>
internal sealed class RandomRules(int seed)
{
    private static readonly string[] Variables = ["p", "m", "v", "x", "y"];
    private static readonly string[] Floats = ["g", "lr", "beta", "x", "y", "p", "m", "v", "half", "0.5f", "-1f", "0f", "-0f", "3f", "(float)step", "(float)k"];
    private static readonly string[] Uniforms = ["lr", "beta", "half", "(float)step", "(float)k", "0.25f", "2f", "MathF.Pow(beta, step)"];
    private static readonly string[] Comparisons = ["<", "<=", ">", ">=", "==", "!="];
    private static readonly string[] Arithmetic = ["+", "-", "*", "/"];

    private readonly Random _random = new(seed);

    public string Source(string name)
    {
        var body = new StringBuilder();
        for (int i = 0; i < 6; i++)
        {
            body.Append(Statement(depth: 3, indent: "        "));
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
                    ref float p, float g, [State] ref float m, [State] ref float v, int step,
                    float lr = 0.1f, float beta = 0.9f, int k = 3, bool first = true, bool second = false)
                {
                    float x = g, y = p, half = 0.5f * lr;
                    bool b = {{Condition(1)}};
            {{body}}
                }

                private static float Helper(ref float a, float c, bool d = true) { a = d ? a + c : c; c *= 2; return a - c; }

                private static bool Test(float a, float c) => a > c;
            }

            """;
    }

    private string Statement(int depth, string indent) => _random.Next(depth > 0 ? 9 : 5) switch
    {
        0 or 1 => $"{indent}{Any(Variables)} = {Float(3)};\n",
        2 => $"{indent}{Any(Variables)} {Any(Arithmetic)}= {Float(2)};\n",
        3 => $"{indent}b = {Condition(2)};\n",
        4 => $"{indent}{Any(Variables)} {(_random.Next(2) == 0 ? "+= Helper(ref x, " + Float(2) + ")" : "= Helper(d: b, c: " + Float(1) + ", a: ref m)")};\n",
        5 or 6 => $"{indent}if ({Condition(2)})\n{Block(depth, indent)}{indent}else\n{Block(depth, indent)}",
        7 => $"{indent}if ({Condition(2)})\n{Block(depth, indent)}",
        _ => $"{indent}{Any(Variables)}{(_random.Next(2) == 0 ? "++" : "--")};\n",
    };

    private string Block(int depth, string indent)
    {
        string inner = indent + "    ";
        return $"{indent}{{\n{Statement(depth - 1, inner)}{Statement(depth - 2, inner)}{indent}}}\n";
    }

    private string Float(int depth) => depth == 0 ? Any(Floats) : _random.Next(15) switch
    {
        < 5 => $"({Float(depth - 1)} {Any(Arithmetic)} {Float(depth - 1)})",
        5 => $"({Condition(depth - 1)} ? {Float(depth - 1)} : {Float(depth - 1)})",
        6 => $"MathF.{Any(["Abs", "Sqrt"])}({Float(depth - 1)})",
        7 => $"MathF.{Any(["Min", "Max"])}({Float(depth - 1)}, {Float(depth - 1)})",
        8 => $"-({Float(depth - 1)})",
        9 => $"({Any(Uniforms)} {Any(Arithmetic)} ({Any(Uniforms)} {Any(Arithmetic)} {Number()}))",
        10 => $"({Any(["x", "y"])} = {Float(depth - 1)})",
        11 => $"MathF.{Any(["Floor", "Ceiling", "Round", "Truncate"])}({Float(depth - 1)})",
        12 => $"MathF.CopySign({Float(depth - 1)}, {Float(depth - 1)})",
        13 => Any(
        [
            $"MathF.FusedMultiplyAdd({Float(depth - 1)}, {Float(depth - 1)}, {Float(depth - 1)})",
            $"Math.Clamp({Float(depth - 1)}, -{Number()}, {Number()})",
        ]),
        _ => Any(Floats),
    };

    private string Condition(int depth) => depth == 0 ? Any(["first", "second", "(step == 1)", "(g > 0)", "(k > 2)"]) : _random.Next(8) switch
    {
        0 or 1 => $"({Float(depth - 1)} {Any(Comparisons)} {Float(depth - 1)})",
        2 => $"({Condition(depth - 1)} && {Condition(depth - 1)})",
        3 => $"({Condition(depth - 1)} || {Condition(depth - 1)})",
        4 => $"!{Condition(depth - 1)}",
        5 => $"({Condition(depth - 1)} {Any(["==", "!="])} {Condition(depth - 1)})",
        6 => $"Test({Float(depth - 1)}, y = {Float(depth - 1)})",
        _ => Condition(0),
    };

    private string Number() => (_random.Next(1, 9) / 4f).ToString(CultureInfo.InvariantCulture) + "f";

    private string Any(string[] choices) => choices[_random.Next(choices.Length)];
}
