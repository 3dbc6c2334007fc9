using Microsoft.CodeAnalysis.CSharp;

namespace Requant.Generator.Support;

/// <summary>Identifiers for generated code.</summary>
internal static class Names
{
    public static string Pascal(string name)
    {
        string trimmed = name.TrimStart('_');
        return trimmed.Length == 0 || char.IsDigit(trimmed[0])
            ? name
            : char.ToUpperInvariant(trimmed[0]) + trimmed.Substring(1);
    }

    public static string Camel(string name) =>
        name.Length == 0 ? name : char.ToLowerInvariant(name[0]) + name.Substring(1);

    /// <summary>The name itself, or with an @ where C# has a keyword of that name.</summary>
    public static string Escape(string name) =>
        SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : "@" + name;
}

/// <summary>Hands out names that are not taken yet.</summary>
internal sealed class NameScope(IEnumerable<string> reserved)
{
    private readonly HashSet<string> _taken = new(reserved, StringComparer.Ordinal);

    public NameScope Copy() => new(_taken);

    public string Take(string wanted)
    {
        string name = wanted;
        for (int i = 2; !_taken.Add(name); i++)
        {
            name = wanted + Literals.Int(i);
        }

        return Names.Escape(name);
    }
}
