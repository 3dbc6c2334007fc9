using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Requant.Generator.Read;

namespace Requant.Generator;

/// <summary>Keeps what was read of each rule. The compiler has a new compilation, and asks again for all rules, at
/// every keystroke; most of them change nothing that a rule depends on, and binding its body again is what
/// reading costs.</summary>
internal static class RuleCache
{
    private static readonly ConditionalWeakTable<SyntaxNode, Entry> Entries = new();

    /// <summary>The rule at a node: as it was read before, if its file, the files of the helpers that it calls, all
    /// declarations, the options and the references are the same.</summary>
    /// <param name="node">The rule's method; another one after each edit of its file.</param>
    /// <param name="compilation">The present compilation.</param>
    /// <param name="read">Reads the rule, and adds the files of its helpers to a set.</param>
    public static ReadRule GetOrRead(SyntaxNode node, Compilation compilation, Func<HashSet<SyntaxTree>, ReadRule> read)
    {
        if (Entries.TryGetValue(node, out Entry? entry) && entry.Holds(compilation))
        {
            return entry.Rule;
        }

        var helpers = new HashSet<SyntaxTree>();
        ReadRule rule = read(helpers);
        Entries.Remove(node);
        Entries.Add(node, new Entry(
            rule, DeclarationFingerprint.Of(compilation), compilation.Options, [.. compilation.References],
            [.. helpers]));
        return rule;
    }

    private sealed record Entry(
        ReadRule Rule, string Declarations, CompilationOptions Options, MetadataReference[] References,
        SyntaxTree[] Helpers)
    {
        public bool Holds(Compilation compilation) =>
            Declarations == DeclarationFingerprint.Of(compilation)
            && Options.Equals(compilation.Options)
            && compilation.References.SequenceEqual(References)
            && Helpers.All(compilation.ContainsSyntaxTree);
    }
}
