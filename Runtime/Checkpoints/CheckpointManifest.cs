using System.Text.Json;
using System.Text.Json.Serialization;

namespace Requant;

/// <summary>What a checkpoint says of itself; its JSON is the value of <see cref="Key"/> in the file's metadata, and
/// docs/checkpoints.md describes it.</summary>
/// <remarks><paramref name="RoundingSeed"/> is that of stochastic rounding, and absent where parameters are rounded to nearest: such files are
/// those of versions that knew no other, which refuse the others.</remarks>
internal sealed record CheckpointManifest(
    int Format, string Library, string Rule, string RuleHash, IReadOnlyList<CheckpointGroup> Groups,
    IReadOnlyList<ManifestParameter> Parameters, IReadOnlyDictionary<string, string> Checksums,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ulong? RoundingSeed = null)
{
    public const string Key = "requant";

    public const int CurrentFormat = 1;

    public string ToJson() => JsonSerializer.Serialize(this, ManifestJson.Default.CheckpointManifest);

    /// <summary>Reads the JSON strictly: every field once, none that is not known.</summary>
    /// <exception cref="CheckpointException">It is not a manifest of this format.</exception>
    public static CheckpointManifest Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            CheckpointManifest manifest = JsonSerializer.Deserialize(json, ManifestJson.Default.CheckpointManifest)
                ?? throw new CheckpointException("The checkpoint's description is null.");
            manifest.RequireNoNulls();
            return manifest.Format == CurrentFormat ? manifest : throw new CheckpointException(
                $"The checkpoint is of format {manifest.Format}, by version {manifest.Library}; this version reads format {CurrentFormat}.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new CheckpointException(
                $"The checkpoint's description is not one that this version knows; a newer one may have written it. {exception.Message}", exception);
        }
    }

    /// <summary>The serializer looks for null in fields, but not in lists.</summary>
    private void RequireNoNulls()
    {
        if (Groups.Contains(null!) || Parameters.Contains(null!) || Checksums.Values.Contains(null)
            || Parameters.Any(one => one.States.Contains(null!) || one.TensorStates.Contains(null!)))
        {
            throw new CheckpointException("A list of the checkpoint's description has null in it; the file is damaged.");
        }
    }
}

/// <summary>One parameter in a checkpoint.</summary>
internal sealed record ManifestParameter(
    string Name, IReadOnlyList<long> Shape, int Group, int Step, IReadOnlyList<ManifestState> States, IReadOnlyList<string> TensorStates);

/// <summary>One state in a checkpoint: how it is stored, and whether it had memory; if not, its values are 0 and it has no
/// tensors.</summary>
internal sealed record ManifestState(string Name, string Codec, int BlockSize, bool InUse);

/// <summary>How manifests become JSON.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Strict,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    MaxDepth = 8)]
[JsonSerializable(typeof(CheckpointManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
