using System.Text.Json.Serialization;
using Requant.Cli.Rules;

namespace Requant.Cli.Inspection;

/// <summary>What the page compares a rule with.</summary>
/// <param name="Label">What it is, for the page.</param>
/// <param name="Variant">Another variant of the same rule.</param>
/// <param name="Elements">Other elements.</param>
/// <param name="Codecs">Other codecs.</param>
internal sealed record Against(
    [property: JsonPropertyName("label")] string Label,
    [property: JsonPropertyName("variant")] int? Variant = null,
    [property: JsonPropertyName("elements")] string? Elements = null,
    [property: JsonPropertyName("codecs")] string? Codecs = null)
{
    /// <summary>What <c>--against</c> takes.</summary>
    public const string Help = "RULE, DLL, variant:N, elements:bf16 or codecs:float32";

    /// <summary>The rule that is compared with; null where it is the same one.</summary>
    [JsonIgnore]
    public RuleEntry? Rule { get; private init; }

    /// <summary>Path of that rule's assembly; null for Requant's own optimizers.</summary>
    [JsonIgnore]
    public string? Assembly { get; private init; }

    /// <summary>Understands an option's value.</summary>
    /// <param name="text">As in <see cref="Help"/>.</param>
    /// <param name="rule">The rule that is shown.</param>
    /// <param name="assembly">Path of its assembly.</param>
    /// <exception cref="CommandException">There is no such thing.</exception>
    public static Against Parse(string text, RuleEntry rule, string? assembly)
    {
        // A path may have a colon, too.
        if (text.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
        {
            return new Against(text) { Rule = RuleCatalog.Load(text).Find(rule.FullName), Assembly = text };
        }

        switch (text.Split(':', 2))
        {
            case ["variant", var number] when int.TryParse(number, out int variant):
                return new Against($"variant {rule.RequireVariant(variant)}", Variant: variant);
            case ["elements", var elements] when KernelElements.Find(elements) is { } type:
                return new Against(KernelElements.Names[(int)type], Elements: KernelElements.Names[(int)type]);
            case ["codecs", var codecs] when PaneBuilder.FindCodecs(codecs) is { } found:
                return new Against($"{found}", Codecs: $"{found}");
            case ["variant" or "elements" or "codecs", _]:
                throw new CommandException(
                    $"--against takes {Help}, and was given '{text}'; elements are "
                    + $"{string.Join(", ", KernelElements.Names)}, and codecs declared or float32.");
            default:
                return new Against(text) { Rule = RuleCatalog.Load(assembly).Find(text), Assembly = assembly };
        }
    }
}
