using System.Text.Json.Serialization;

namespace Requant.Cli.Inspection;

/// <summary>All that the page shows of one rule.</summary>
internal sealed record RulePanes
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("assembly")]
    public required string Assembly { get; init; }

    /// <summary>What selects each variant.</summary>
    [JsonPropertyName("variants")]
    public required IReadOnlyList<string> Variants { get; init; }

    [JsonPropertyName("variant")]
    public required int Variant { get; init; }

    [JsonPropertyName("phases")]
    public required int Phases { get; init; }

    [JsonPropertyName("elements")]
    public required IReadOnlyList<string> Elements { get; init; }

    [JsonPropertyName("codecs")]
    public required IReadOnlyList<string> Codecs { get; init; }

    [JsonPropertyName("architecture")]
    public required string Architecture { get; init; }

    [JsonPropertyName("width")]
    public required string Width { get; init; }

    /// <summary>The texts that are the same however it is compiled: by name.</summary>
    [JsonPropertyName("panes")]
    public required IReadOnlyDictionary<string, Pane> Panes { get; init; }

    /// <summary>By variant, elements and codecs, as in <c>0/fp32/Declared</c>.</summary>
    [JsonPropertyName("compiled")]
    public required IReadOnlyDictionary<string, CompiledPanes> Compiled { get; init; }

    /// <summary>Machine code by variant and codecs, as in <c>0/Declared</c>.</summary>
    [JsonPropertyName("asm")]
    public required IReadOnlyDictionary<string, Pane> Asm { get; init; }
}
