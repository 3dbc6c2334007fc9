using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Requant.Generator.Read;

/// <summary>The lines of a rule's text, counted from 1, that what a user wrote in a file stands on. The text has the
/// method's tokens in their order, on lines of its own.</summary>
internal sealed class RuleLines
{
    private readonly SyntaxTree _tree;
    private readonly int[] _starts;
    private readonly int[] _lines;

    /// <param name="method">The method.</param>
    /// <param name="text">What <see cref="RuleText"/> made of it.</param>
    public RuleLines(MethodDeclarationSyntax method, string text)
    {
        SyntaxToken[] tokens =
            [.. method.DescendantTokens(node => node is not AttributeListSyntax list || list.Parent != method)
                .Where(token => !token.IsKind(SyntaxKind.None) && !IsInAttributes(token, method))];
        _tree = method.SyntaxTree;
        _starts = [.. tokens.Select(token => token.SpanStart)];
        _lines = new int[tokens.Length];
        int place = 0;
        int line = 1;
        for (int i = 0; i < tokens.Length; i++)
        {
            int next = text.IndexOf(tokens[i].Text, place, StringComparison.Ordinal);
            for (; place < next; place++)
            {
                line += text[place] == '\n' ? 1 : 0;
            }

            _lines[i] = line;
            place += next < 0 ? 0 : tokens[i].Text.Length;
        }
    }

    /// <summary>The line of what begins at a location; 0 where that is outside the rule.</summary>
    public int Of(Location location)
    {
        int start = location.SourceSpan.Start;
        int index = Array.BinarySearch(_starts, start);
        return location.SourceTree != _tree || _lines.Length == 0 || start < _starts[0] ? 0
            : _lines[index >= 0 ? index : ~index - 1];
    }

    private static bool IsInAttributes(SyntaxToken token, MethodDeclarationSyntax method) =>
        method.AttributeLists.Any(list => list.FullSpan.Contains(token.SpanStart));
}
