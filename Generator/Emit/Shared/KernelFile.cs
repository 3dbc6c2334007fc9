using System.Text.RegularExpressions;
using Requant.Generator.Support;
using Scriban.Runtime;

namespace Requant.Generator.Emit.Shared;

/// <summary>A file of kernels: what the three backends' files have in common, around the kernels of one.</summary>
internal static class KernelFile
{
    private static readonly Regex Word = new(@"\b[A-Za-z_]\w*\b<?", RegexOptions.CultureInvariant);

    /// <param name="template">The backend's.</param>
    /// <param name="model">What it sees.</param>
    /// <param name="isFirst">Whether attributes of the class go here; a class has each once.</param>
    public static string Render(string template, ScriptObject model, bool isFirst = false)
    {
        string body = Templates.Render(template, model);
        model["usings"] = new ScriptArray(Usings(body));
        model["body"] = body;
        model["is_first"] = isFirst;
        return Templates.Render("Kernels", model);
    }

    /// <summary>An alias for each type that the kernels name. A generic type cannot have one without its arguments, nor
    /// can methods that extend it; a namespace's using comes after the aliases, and nothing else in
    /// it is named.</summary>
    private static IEnumerable<string> Usings(string body)
    {
        var words = new HashSet<string>(
            Word.Matches(body).Cast<Match>().Select(match => match.Value), StringComparer.Ordinal);
        IEnumerable<string> namespaces = KernelTypes.Generic.Where(
            type => words.Contains(type.Name) || words.Contains(type.Name + "<"))
            .Select(type => $"global::{type.Namespace}").Distinct();
        IEnumerable<string> aliases = KernelTypes.FullNames
            .Select(fullName => (Name: KernelTypes.SimpleName(fullName), FullName: fullName))
            .Where(type => words.Contains(type.Name))
            .Select(type => $"{type.Name} = global::{type.FullName}");
        return namespaces.Concat(aliases);
    }
}
