using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Requant.Generator.Read;

/// <summary>What the names in a compilation mean, in a few bytes: two compilations with one fingerprint differ in
/// nothing but the bodies of methods, which cannot change what a name in another method stands for.</summary>
internal static class DeclarationFingerprint
{
    private static readonly ConditionalWeakTable<Compilation, string> OfCompilations = new();
    private static readonly ConditionalWeakTable<SyntaxTree, string> OfTrees = new();

    /// <summary>The fingerprint of all declarations, in order of the files. References and options are
    /// compared apart.</summary>
    public static string Of(Compilation compilation) => OfCompilations.GetValue(compilation, static one =>
        string.Concat(one.SyntaxTrees.Select(tree => OfTrees.GetValue(tree, Of))));

    private static string Of(SyntaxTree tree)
    {
        SourceText text = tree.GetText();
        var declarations = new StringBuilder(tree.FilePath).Append('\n');
        int end = 0;
        foreach (TextSpan body in Bodies(tree.GetRoot()))
        {
            declarations.Append(text.ToString(TextSpan.FromBounds(end, body.Start)));
            end = body.End;
        }

        declarations.Append(text.ToString(TextSpan.FromBounds(end, text.Length)));
        using var sha = SHA256.Create();
        return Convert.ToBase64String(sha.ComputeHash(Encoding.UTF8.GetBytes(declarations.ToString())));
    }

    /// <summary>Bodies of methods, accessors and operators in order, and statements outside a class.</summary>
    private static IEnumerable<TextSpan> Bodies(SyntaxNode root) => root
        .DescendantNodes(static node => !IsBody(node) && node is not ExpressionSyntax)
        .Where(IsBody)
        .Select(body => body.Span);

    private static bool IsBody(SyntaxNode node) =>
        node is BlockSyntax or ArrowExpressionClauseSyntax or GlobalStatementSyntax;
}
