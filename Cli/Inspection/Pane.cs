using System.Text.Json.Serialization;

namespace Requant.Cli.Inspection;

/// <summary>A text of the page.</summary>
/// <param name="Lines">Its lines.</param>
/// <param name="Rule">For each, the lines of the rule that it comes from.</param>
/// <param name="Via">For each, the lines of generated C# in between; null where there are none.</param>
internal sealed record Pane(
    [property: JsonPropertyName("lines")] IReadOnlyList<string> Lines,
    [property: JsonPropertyName("rule")] IReadOnlyList<int[]> Rule,
    [property: JsonPropertyName("via")] IReadOnlyList<int[]>? Via = null)
{
    /// <summary>Where the kernel of a variant and phase begins, from 0: by <c>0/1</c>, or by <c>1</c> where there is
    /// one variant.</summary>
    [JsonPropertyName("anchors")]
    public IReadOnlyDictionary<string, int> Anchors { get; init; } = new Dictionary<string, int>();

    /// <summary>Why there is no text.</summary>
    [JsonPropertyName("note")]
    public string? Note { get; init; }
}

/// <summary>What a line of the rule costs for each parameter; the last of a list is the frame, which is of
/// none.</summary>
internal sealed record LineCost(
    [property: JsonPropertyName("ptx")] double Instructions,
    [property: JsonPropertyName("bytes")] double Bytes);

/// <summary>Texts of one way to compile the rule.</summary>
internal sealed record CompiledPanes(
    [property: JsonPropertyName("ptx")] Pane Ptx,
    [property: JsonPropertyName("costs")] IReadOnlyList<LineCost>? Costs);
