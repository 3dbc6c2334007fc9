using System.Text.Json;
using System.Text.Json.Serialization;

namespace Requant.Checkpoints;

/// <summary>What a checkpoint says of itself; its JSON is the value of <see cref="Key"/> in the file's metadata, and
/// docs/checkpoints.md describes it.</summary>
/// <remarks>Format 1 has no <paramref name="ParameterRounding"/>, which <see cref="Parse"/> adds.
/// <paramref name="RoundingSeed"/> is absent where nothing is rounded stochastically.</remarks>
internal sealed record CheckpointManifest(
    int Format, string Library, string Rule, string RuleHash, IReadOnlyList<CheckpointGroup> Groups,
    IReadOnlyList<ManifestParameter> Parameters, IReadOnlyDictionary<string, string> Checksums,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ParameterRounding = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ulong? RoundingSeed = null)
{
    public const string Key = "requant";

    public const int CurrentFormat = 2;

    /// <summary>The format of earlier versions, before states could be rounded stochastically. Its signed dynamic codes
    /// are those of <see cref="PaperDynamic"/>.</summary>
    public const int FirstFormat = 1;

    public string ToJson() => JsonSerializer.Serialize(this, ManifestJson.Default.CheckpointManifest);

    /// <summary>Reads the JSON strictly: every field of its format once, none that is not known.</summary>
    /// <exception cref="CheckpointException">It is not a manifest of a format that this version reads.</exception>
    public static CheckpointManifest Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            CheckpointManifest manifest = JsonSerializer.Deserialize(json, ManifestJson.Default.CheckpointManifest)
                ?? throw new CheckpointException("The checkpoint's description is null.");
            manifest.RequireNoNulls();
            return manifest.Format switch
            {
                FirstFormat => manifest.OfFirstFormat(),
                CurrentFormat => manifest.WithRoundings(),
                _ => throw new CheckpointException($"The checkpoint is of format {manifest.Format}, by version "
                    + $"{manifest.Library}; this version reads formats {FirstFormat} to {CurrentFormat}."),
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new CheckpointException(
                "The checkpoint's description is not one that this version knows; a newer one may have written it. "
                + $"{exception.Message}", exception);
        }
    }

    /// <summary>The same with what format 1 does not say: all states were rounded to nearest.</summary>
    private CheckpointManifest OfFirstFormat() => HasRoundings(isNull: true)
        ? this with
        {
            ParameterRounding = RoundingSeed is null
                ? nameof(Requant.ParameterRounding.Nearest) : nameof(Requant.ParameterRounding.Stochastic),
            Parameters =
            [
                .. Parameters.Select(one => one with
                {
                    States = [.. one.States.Select(state => state with { Rounding = nameof(StateRounding.Nearest) })],
                }),
            ],
        }
        : throw new CheckpointException($"The checkpoint's description has roundings, and is of format "
            + $"{FirstFormat}, which has none; the file is damaged.");

    private CheckpointManifest WithRoundings() => HasRoundings(isNull: false)
        ? this
        : throw new CheckpointException(
            "The checkpoint's description lacks parameter_rounding, or rounding of a state; the file is damaged.");

    private bool HasRoundings(bool isNull) =>
        ParameterRounding is null == isNull && Parameters.All(
            one => one.States.All(state => state.Rounding is null == isNull));

    /// <summary>The serializer looks for null in fields, but not in lists.</summary>
    private void RequireNoNulls()
    {
        if (Groups.Contains(null!) || Parameters.Contains(null!) || Checksums.Values.Contains(null)
            || Parameters.Any(one => one.States.Contains(null!) || one.TensorStates.Contains(null!)))
        {
            throw new CheckpointException(
                "A list of the checkpoint's description has null in it; the file is damaged.");
        }
    }
}

/// <summary>One parameter in a checkpoint. One of bfloat16 whose float32 values are kept says that it has a
/// remainder.</summary>
internal sealed record ManifestParameter(
    string Name, IReadOnlyList<long> Shape, int Group, int Step, IReadOnlyList<ManifestState> States,
    IReadOnlyList<string> TensorStates,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Remainder = false);

/// <summary>One state in a checkpoint: how it is stored and rounded, and whether it had memory; if not, its values are
/// 0 and it has no tensors. One with memory that no step has used yet says so.</summary>
internal sealed record ManifestState(
    string Name, string Codec, int BlockSize, bool InUse,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Rounding = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Unused = false);

/// <summary>How manifests become JSON.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Strict,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    MaxDepth = 8)]
[JsonSerializable(typeof(CheckpointManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
