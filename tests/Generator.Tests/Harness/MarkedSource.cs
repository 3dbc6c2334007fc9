using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis.Text;

namespace Requant.Generator.Tests.Harness;

/// <summary>Source text with the spans that <c>[|…|]</c> marks in it.</summary>
internal sealed record MarkedSource(string Text, ImmutableArray<TextSpan> Spans)
{
    public static MarkedSource Parse(string marked)
    {
        var text = new StringBuilder();
        var spans = ImmutableArray.CreateBuilder<TextSpan>();
        int at = 0;
        for (int open = marked.IndexOf("[|", StringComparison.Ordinal); open >= 0;
            open = marked.IndexOf("[|", at, StringComparison.Ordinal))
        {
            int close = marked.IndexOf("|]", open, StringComparison.Ordinal);
            text.Append(marked, at, open - at);
            spans.Add(new TextSpan(text.Length, close - open - 2));
            text.Append(marked, open + 2, close - open - 2);
            at = close + 2;
        }

        return new MarkedSource(text.Append(marked, at, marked.Length - at).ToString(), spans.ToImmutable());
    }

    /// <summary>A rule with this body in a class with these other members.</summary>
    public static string Rule(string body, string members = "") =>
        $$"""
        using System;
        using Requant;

        public static class Rules
        {
            [OptimizerRule]
            public static void Rule(
                ref float p, float g, [State] ref float m, int step, float lr = 0.1f, int k = 3, bool flag = false)
            {
                {{body}}
            }

            {{members}}
        }

        """;
}
