using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Requant.Generator.Parse;

/// <summary>The text of a rule as it appears above its kernels: without comments, so that editing one changes nothing.</summary>
internal static class RuleText
{
    public static string WithoutComments(MethodDeclarationSyntax method)
    {
        SyntaxNode stripped = new CommentRemover().Visit(method.WithAttributeLists(default))!;
        return stripped.NormalizeWhitespace(eol: "\n").ToFullString().Trim();
    }

    private sealed class CommentRemover : CSharpSyntaxRewriter
    {
        public override SyntaxTrivia VisitTrivia(SyntaxTrivia trivia) =>
            trivia.IsKind(SyntaxKind.WhitespaceTrivia) || trivia.IsKind(SyntaxKind.EndOfLineTrivia)
                ? base.VisitTrivia(trivia)
                : default;
    }
}
