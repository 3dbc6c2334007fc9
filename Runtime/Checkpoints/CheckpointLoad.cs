using Requant.Checkpoints;
using Requant.Checkpoints.Images;
using Requant.Checkpoints.Layouts;
using Requant.Checkpoints.Safetensors;

namespace Requant;

/// <summary>A checkpoint that was read and checked as a whole, and has changed nothing yet.</summary>
public sealed class CheckpointLoad
{
    private const int CopyBufferBytes = 1 << 16;

    private readonly List<ParameterImage> _images;

    internal CheckpointLoad(
        IReadOnlyList<CheckpointGroup> groups, List<ParameterImage> images, ulong? roundingSeed = null)
    {
        Groups = groups;
        RoundingSeed = roundingSeed;
        _images = images;
        images.ForEach(image => image.Allocate());
    }

    /// <summary>The numbers of each group, in the order in which they were saved. The rule has these hyperparameters,
    /// and their values are in range.</summary>
    public IReadOnlyList<CheckpointGroup> Groups { get; }

    /// <summary>The seed of stochastic rounding that training continues with; null where the file has none.</summary>
    public ulong? RoundingSeed { get; }

    /// <summary>Reads and checks a checkpoint, and gives states the memory that its values need.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rule">The rule of the optimizer that loads.</param>
    /// <param name="groups">How many groups it has.</param>
    /// <param name="parameters">All its parameters.</param>
    /// <param name="options">What may be converted; nothing when null.</param>
    /// <param name="rounding">How the optimizer that loads rounds bfloat16 parameters.</param>
    /// <exception cref="CheckpointException">The file is damaged, or does not fit; the message says
    /// what differs.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static CheckpointLoad Read(
        string path, RuleInfo rule, int groups, IReadOnlyList<CheckpointParameter> parameters,
        LoadOptions? options = null,
        ParameterRounding rounding = ParameterRounding.Nearest)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(parameters);
        return OpenFile(path, stream => ReadFrom(stream, rule, groups, parameters, options, rounding));
    }

    /// <summary>Reads and checks a checkpoint from a stream's position on, and leaves the stream at its end.</summary>
    /// <param name="stream">Stays open. One that cannot seek is copied to a temporary file first.</param>
    /// <param name="rule">The rule of the optimizer that loads.</param>
    /// <param name="groups">How many groups it has.</param>
    /// <param name="parameters">All its parameters.</param>
    /// <param name="options">What may be converted; nothing when null.</param>
    /// <param name="rounding">How the optimizer that loads rounds bfloat16 parameters.</param>
    /// <exception cref="CheckpointException">The checkpoint is damaged, or does not fit; the message says
    /// what differs.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static CheckpointLoad Read(
        Stream stream, RuleInfo rule, int groups, IReadOnlyList<CheckpointParameter> parameters,
        LoadOptions? options = null,
        ParameterRounding rounding = ParameterRounding.Nearest)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(parameters);
        if (stream.CanSeek)
        {
            return ReadFrom(stream, rule, groups, parameters, options, rounding, isAlone: false);
        }

        using var copy = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite,
            FileShare.None,
            CopyBufferBytes, FileOptions.DeleteOnClose);
        SafetensorsReader.Copy(stream, copy);
        copy.Position = 0;
        return ReadFrom(copy, rule, groups, parameters, options, rounding);
    }

    /// <summary>Reads and checks states that another library wrote, and gives states the memory that their
    /// values need.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rule">The rule of the optimizer that imports.</param>
    /// <param name="groups">Its groups, whose hyperparameters stay.</param>
    /// <param name="parameters">All its parameters.</param>
    /// <param name="layout">The other library's.</param>
    /// <param name="options">What may be converted; nothing when null.</param>
    /// <exception cref="CheckpointException">The file is damaged, or does not fit; the message says
    /// what differs.</exception>
    /// <exception cref="NotSupportedException">The other library has no such states.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static CheckpointLoad Import(
        string path, RuleInfo rule, IReadOnlyList<CheckpointGroup> groups,
        IReadOnlyList<CheckpointParameter> parameters, StateLayout layout,
        LoadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(layout);
        IReadOnlyDictionary<string, string> names = LayoutNames.Of(layout, rule, groups);
        return OpenFile(path, stream =>
        {
            var reader = SafetensorsReader.Open(stream, isSealed: false);
            var tensors = new LayoutTensors(reader.Header, parameters);
            var import = new LayoutImport(reader, layout, names, options ?? new LoadOptions());
            return new CheckpointLoad(groups, import.Read(parameters, tensors));
        });
    }

    /// <summary>Puts what was read in place. For states in host memory this cannot fail.</summary>
    public void Commit() => _images.ForEach(image => image.Commit());

    private static CheckpointLoad ReadFrom(
        Stream stream, RuleInfo rule, int groups, IReadOnlyList<CheckpointParameter> parameters, LoadOptions? options,
        ParameterRounding rounding, bool isAlone = true)
    {
        SafetensorsReader reader = SafetensorsReader.Open(stream, isSealed: true, isAlone);
        if (!reader.Header.Metadata.TryGetValue(CheckpointManifest.Key, out byte[]? json))
        {
            throw new CheckpointException(
                $"The file's metadata has no '{CheckpointManifest.Key}'; this is no checkpoint of Requant.");
        }

        var manifest = CheckpointManifest.Parse(json);
        var fit = new CheckpointFit(manifest, rule, options ?? new LoadOptions());
        fit.Require(groups, parameters, rounding);
        fit.RequireTensors(reader.Header);
        List<ParameterImage> images =
            [.. fit.Pairs.Select(pair => SavedState.Read(reader, manifest, pair.Saved, pair.Mine))];
        reader.Skip();
        return new CheckpointLoad(manifest.Groups, images, manifest.RoundingSeed);
    }

    /// <summary>Reads a file; messages about it name it.</summary>
    private static CheckpointLoad OpenFile(string path, Func<Stream, CheckpointLoad> read)
    {
        // A save may put a new file in its place meanwhile; what is read here stays the old one.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        try
        {
            return read(stream);
        }
        catch (CheckpointException exception)
        {
            throw new CheckpointException($"{exception.Message} ({path})", exception);
        }
    }
}
