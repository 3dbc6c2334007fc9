using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Requant.Generator.Read;

/// <summary>Attributes as they are written.</summary>
internal static class AttributeText
{
    /// <summary>The argument <c>name = value</c>, also of a property that the attribute does not have.</summary>
    public static AttributeArgumentSyntax? Argument(AttributeData attribute, string name) =>
        (attribute.ApplicationSyntaxReference?.GetSyntax() as AttributeSyntax)?.ArgumentList?.Arguments
            .FirstOrDefault(argument => argument.NameEquals?.Name.Identifier.ValueText == name);
}
