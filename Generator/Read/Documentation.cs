using System.Xml;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;

namespace Requant.Generator.Read;

/// <summary>What comments and attributes say of hyperparameters.</summary>
internal static class Documentation
{
    private const string DescriptionAttribute = "System.ComponentModel.DescriptionAttribute";

    /// <summary>What a method's comment says of each parameter, as plain text. Nothing where the project's comments
    /// are not read.</summary>
    public static Dictionary<string, string> OfParameters(IMethodSymbol method)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            foreach (XElement parameter in XElement.Parse(
                method.GetDocumentationCommentXml() is { Length: > 0 } xml ? xml : "<doc/>")
                .Elements("param"))
            {
                found[parameter.Attribute("name")?.Value ?? ""] = TextOf(parameter);
            }
        }
        catch (XmlException)
        {
            // The compiler says what is wrong with the comment.
        }

        return found;
    }

    /// <summary>What a generated record says of a hyperparameter, by an attribute.</summary>
    public static string OfProperty(INamedTypeSymbol record, string property) => record.GetMembers(property)
        .SelectMany(member => member.GetAttributes())
        .FirstOrDefault(attribute => attribute.AttributeClass?.ToDisplayString() == DescriptionAttribute)
        ?.ConstructorArguments.FirstOrDefault().Value as string ?? "";

    private static string TextOf(XElement element) =>
        string.Join(" ", string.Concat(element.Nodes().Select(node => node switch
        {
            XText text => text.Value,
            XElement reference => reference.Attribute("name")?.Value ?? reference.Attribute("langword")?.Value
                ?? LastPart(reference.Attribute("cref")?.Value) ?? reference.Value,
            _ => "",
        })).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string? LastPart(string? reference) => reference?.Substring(reference.LastIndexOf('.') + 1);
}
