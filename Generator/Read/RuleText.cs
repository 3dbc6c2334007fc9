using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Requant.Generator.Read;

/// <summary>The text of a rule as it appears above its kernels: without comments, so that editing one
/// changes nothing.</summary>
internal static class RuleText
{
    private const int LongestLine = 116;

    public static string WithoutComments(MethodDeclarationSyntax method)
    {
        var plain = (MethodDeclarationSyntax)new CommentRemover().Visit(method.WithAttributeLists(default))!
            .NormalizeWhitespace(eol: "\n");
        string text = plain.ToFullString().Trim();
        string parameters = plain.ParameterList.ToString();
        int start = text.IndexOf(parameters, StringComparison.Ordinal);
        return start + parameters.Length <= LongestLine ? text
            : text.Substring(0, start) + Wrapped(plain.ParameterList) + text.Substring(start + parameters.Length);
    }

    /// <summary>As many parameters on a line as have room there.</summary>
    private static string Wrapped(ParameterListSyntax list)
    {
        var text = new StringBuilder("(");
        int room = 0;
        for (int i = 0; i < list.Parameters.Count; i++)
        {
            string parameter = list.Parameters[i] + (i < list.Parameters.Count - 1 ? "," : ")");
            text.Append(parameter.Length < room ? " " : "\n    ").Append(parameter);
            room = (parameter.Length < room ? room : LongestLine - 4) - parameter.Length - 1;
        }

        return text.ToString();
    }

    private sealed class CommentRemover : CSharpSyntaxRewriter
    {
        public override SyntaxTrivia VisitTrivia(SyntaxTrivia trivia) =>
            trivia.IsKind(SyntaxKind.WhitespaceTrivia) || trivia.IsKind(SyntaxKind.EndOfLineTrivia)
                ? base.VisitTrivia(trivia)
                : default;
    }
}
