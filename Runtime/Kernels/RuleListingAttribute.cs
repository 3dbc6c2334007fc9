using System.ComponentModel;
using System.IO.Compression;
using System.Reflection;
using System.Text;

namespace Requant.CompilerServices;

/// <summary>One generated text of a rule, compressed; emitted by the generator for <c>requant inspect</c>.</summary>
/// <param name="kind">ir, rule, scalar, simd or ilgpu.</param>
/// <param name="text">The text: UTF-8, deflate, base64.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class RuleListingAttribute(string kind, string text) : Attribute
{
    /// <summary>ir, rule, scalar, simd or ilgpu.</summary>
    public string Kind { get; } = kind;

    /// <summary>The text: UTF-8, deflate, base64.</summary>
    public string Text { get; } = text;

    /// <summary>The text of one kind, or null where <paramref name="rule"/> carries none.</summary>
    /// <param name="rule">A generated rule.</param>
    /// <param name="kind">ir, rule, scalar, simd or ilgpu.</param>
    public static string? Read(Type rule, string kind)
    {
        ArgumentNullException.ThrowIfNull(rule);
        RuleListingAttribute? listing = rule.GetCustomAttributes<RuleListingAttribute>()
            .FirstOrDefault(found => found.Kind == kind);
        if (listing is null)
        {
            return null;
        }

        using var compressed = new MemoryStream(Convert.FromBase64String(listing.Text));
        using var deflate = new DeflateStream(compressed, CompressionMode.Decompress);
        using var reader = new StreamReader(deflate, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
