using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Requant.Generator.Tests.Harness;

/// <summary>Changes source text at random, so that it mostly stays C# and mostly stops being a rule.</summary>
internal sealed class RandomEdits(int seed)
{
    private static readonly string[] Tokens =
    [
        "0", "1", "-1", "0f", "1e30f", "float.NaN", "1.5", "true", "null", "\"x\"", "g", "p", "m", "step", "lr",
        "default", "this", "float", "int", "bool", "double", "long", "string", "object", "var", "ref", "in", "out",
        "const", "static", "async", "unsafe", "+", "-", "*", "/", "%", "&", "|", "^", "&&", "||", "!", "~", "<", ">=",
        "==", "=", "+=", "%=", "++", "--", "<<", "?", ":", "=>", "(", ")", "{", "}", "[", "]", ";", ",", ".", "[State]",
        "[State(Codec.Float32)]", "[State(BlockSize = 17)]", "[OptimizerRule(BlockSize = 17)]", "[TensorState(1f)]",
        "[OptimizerRule]", "<T>", "params", "MathF.Exp", "MathF.Atan2", "Math.Sqrt", "Reduce.Norm", "Reduce.Mean",
        "checked", "return", "throw",
    ];

    private static readonly string[] Statements =
    [
        "for (int i = 0; i < 3; i++) p += i;", "while (p > 1) p /= 2;", "return;", "if (g > 0) return;",
        "p = Reduce.Max(p);", "if (g > 0) p = Reduce.Norm(g);", "throw new System.Exception();",
        "float[] a = new float[2];", "var t = (p, g);", "System.Func<float, float> f = x => x;",
        "static float Local(float x) => x;", "int n = (int)p; p = n;", "p = MathF.Exp(p);",
        "switch (step) { default: break; }", "p = step switch { 1 => 2f, _ => 3f };", "if (g is > 0f) p = 1;",
        "lr = 1;", "goto end; end: ;", "double d = 1; p = (float)d;", "p = 1f / 0f;", "p = step / step;",
        "p = MathF.Pow(p, 2f);", "ref float r = ref p; r = 1;", ";", "{ }", "const float c = 0.1f; p *= c;",
        "float q = p = g;", "p = p++ + 1;", "_ = p;", "p = float.MaxValue * 2;", "int i2 = int.MaxValue; i2++; p = i2;",
        "lock (new object()) { }", "using var s = new System.IO.MemoryStream();", "dynamic y = p;", "p = Unknown(p);",
        "try { } finally { p = 0; }",
    ];

    private readonly Random _random = new(seed);

    /// <summary>A few edits of one text.</summary>
    public string Edit(string text)
    {
        for (int edits = _random.Next(1, 4); edits > 0; edits--)
        {
            text = _random.Next(3) == 0 ? InsertStatement(text) : EditToken(text);
        }

        return text;
    }

    private string InsertStatement(string text)
    {
        StatementSyntax[] places =
            [.. CSharpSyntaxTree.ParseText(text).GetRoot().DescendantNodes().OfType<StatementSyntax>()
                .Where(statement => statement.Parent is BlockSyntax)];
        return places.Length == 0 ? EditToken(text) : text.Insert(Any(places).SpanStart, Any(Statements) + " ");
    }

    private string EditToken(string text)
    {
        SyntaxToken[] tokens =
            [.. CSharpSyntaxTree.ParseText(text).GetRoot().DescendantTokens().Where(token => token.Span.Length > 0)];
        TextSpan span = Any(tokens).Span;
        string token = text.Substring(span.Start, span.Length);
        string replacement = _random.Next(4) switch
        {
            0 => "",
            1 => token + " " + token,
            2 => Any(Tokens),
            _ => Any(tokens).Text,
        };
        return $"{text[..span.Start]} {replacement} {text[span.End..]}";
    }

    private T Any<T>(IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];
}
