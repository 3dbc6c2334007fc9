using System.Reflection;
using System.Text;
using Requant.Checkpoints;
using Requant.Checkpoints.Images;
using Requant.Checkpoints.Layouts;
using Requant.Checkpoints.Safetensors;
using Requant.States;

namespace Requant;

/// <summary>Saves states of optimizers into one file each, in the safetensors layout, and loads them; for those who
/// write an optimizer of their own over <see cref="ParameterState"/>. Others use <see cref="Optimizer{TRule}.Save"/>
/// and <see cref="Optimizer{TRule}.Load"/>.</summary>
/// <remarks>docs/checkpoints.md describes the file. Loading is in two stages: <see cref="CheckpointLoad"/> checks
/// everything, <see cref="CheckpointLoad.Commit"/> changes the states.</remarks>
public static class Checkpoint
{
    private static readonly UTF8Encoding StrictUtf8 = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static string LibraryVersion =>
        typeof(Checkpoint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion
            .Split('+')[0];

    /// <summary>Writes a checkpoint: a process that is killed at any moment leaves the old file or
    /// the new one.</summary>
    /// <param name="path">The file, in a folder that exists; an old one is replaced.</param>
    /// <param name="rule">The rule that the states are of.</param>
    /// <param name="groups">Hyperparameters of each group; at least one.</param>
    /// <param name="parameters">The states, on any device; reading them waits for its work.</param>
    /// <param name="rounding">How the optimizer rounds bfloat16 parameters; each state says how it is
    /// rounded.</param>
    /// <param name="roundingSeed">Seed of stochastic rounding; null if nothing is rounded stochastically.</param>
    /// <exception cref="ArgumentException">Two parameters share a name, a name is not valid Unicode, or something is
    /// rounded stochastically without a seed.</exception>
    /// <exception cref="IOException">The file cannot be written; the old one is unchanged.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    /// <exception cref="NotSupportedException">There are so many parameters that the layout's header cannot hold
    /// their names.</exception>
    public static void Save(
        string path, RuleInfo rule, IReadOnlyList<CheckpointGroup> groups,
        IReadOnlyList<CheckpointParameter> parameters,
        ParameterRounding rounding = ParameterRounding.Nearest, ulong? roundingSeed = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Action<Stream> write = Writer(rule, groups, parameters, rounding, roundingSeed);
        AtomicFile.Write(path, write);
    }

    /// <summary>Writes a checkpoint to a stream, from its position on; other things may follow.</summary>
    /// <param name="stream">Need not seek; stays open.</param>
    /// <param name="rule">The rule that the states are of.</param>
    /// <param name="groups">Hyperparameters of each group; at least one.</param>
    /// <param name="parameters">The states, on any device; each is read twice.</param>
    /// <param name="rounding">How the optimizer rounds bfloat16 parameters.</param>
    /// <param name="roundingSeed">Seed of stochastic rounding; null if nothing is rounded stochastically.</param>
    /// <exception cref="ArgumentException">As for the other overload.</exception>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    /// <exception cref="NotSupportedException">There are so many parameters that the layout's header cannot hold
    /// their names.</exception>
    public static void Save(
        Stream stream, RuleInfo rule, IReadOnlyList<CheckpointGroup> groups,
        IReadOnlyList<CheckpointParameter> parameters,
        ParameterRounding rounding = ParameterRounding.Nearest, ulong? roundingSeed = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Writer(rule, groups, parameters, rounding, roundingSeed)(stream);
    }

    /// <summary>Writes states as another library has them, for it to read. A process that is killed at any moment
    /// leaves the old file or the new one.</summary>
    /// <param name="path">The file, in a folder that exists; an old one is replaced.</param>
    /// <param name="rule">The rule that the states are of.</param>
    /// <param name="groups">Hyperparameters of each group; they are not written.</param>
    /// <param name="parameters">The states.</param>
    /// <param name="layout">The other library's.</param>
    /// <exception cref="NotSupportedException">The other library has no such states.</exception>
    /// <exception cref="ArgumentException">Two parameters share a name, or a name is not valid Unicode.</exception>
    /// <exception cref="IOException">The file cannot be written; the old one is unchanged.</exception>
    public static void Export(
        string path, RuleInfo rule, IReadOnlyList<CheckpointGroup> groups,
        IReadOnlyList<CheckpointParameter> parameters, StateLayout layout)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(layout);
        RequireNames(parameters);
        var export = new LayoutExport(layout, LayoutNames.Of(layout, rule, groups));
        AtomicFile.Write(path, stream => SafetensorsWriter.Write(
            stream, parameters.SelectMany(export.Tensors), new Dictionary<string, string> { ["format"] = "pt" }));
    }

    /// <summary>Checks what will be written, and returns an action that writes it.</summary>
    private static Action<Stream> Writer(
        RuleInfo rule, IReadOnlyList<CheckpointGroup> groups, IReadOnlyList<CheckpointParameter> parameters,
        ParameterRounding rounding, ulong? roundingSeed)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(parameters);
        RequireNames(parameters);
        if (roundingSeed is null && IsStochastic(rounding, parameters))
        {
            throw new ArgumentException("Parameters or states are rounded stochastically, and a run cannot be "
                + "resumed without the seed; pass it.", nameof(roundingSeed));
        }

        return stream => Write(
            stream, rule, groups, [.. parameters.Select(Describe)], parameters.SelectMany(Tensors), rounding,
            roundingSeed);
    }

    /// <summary>Writes what is described elsewhere.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="rule">The rule that the states are of.</param>
    /// <param name="groups">Hyperparameters of each group.</param>
    /// <param name="parameters">What the file says of each parameter.</param>
    /// <param name="tensors">The tensors of all.</param>
    /// <param name="rounding">How bfloat16 parameters are rounded.</param>
    /// <param name="roundingSeed">Seed of stochastic rounding; null if nothing is rounded stochastically.</param>
    internal static void Write(
        Stream stream, RuleInfo rule, IReadOnlyList<CheckpointGroup> groups,
        IReadOnlyList<ManifestParameter> parameters, IEnumerable<OutgoingTensor> tensors, ParameterRounding rounding,
        ulong? roundingSeed)
    {
        var manifest = new CheckpointManifest(
            CheckpointManifest.CurrentFormat, LibraryVersion, rule.Name, rule.Hash, groups, parameters,
            new Dictionary<string, string>(), rounding.ToString(), roundingSeed);
        SafetensorsWriter.WriteSealed(
            stream, tensors, checksums => (manifest with { Checksums = checksums }).ToJson());
    }

    internal static void RequireNames(IReadOnlyList<CheckpointParameter> parameters)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in parameters.Select(parameter => parameter.Name))
        {
            if (!names.Add(name))
            {
                throw new ArgumentException(
                    $"Two parameters are named '{name}', and a checkpoint finds them by their names; "
                    + "give each one of its own.",
                    nameof(parameters));
            }

            try
            {
                StrictUtf8.GetByteCount(name);
            }
            catch (EncoderFallbackException exception)
            {
                throw new ArgumentException(
                    $"The name '{name}' is not valid Unicode, and a checkpoint could not hold it.", nameof(parameters),
                    exception);
            }
        }
    }

    /// <summary>What a file says of a parameter.</summary>
    internal static ManifestParameter Describe(CheckpointParameter parameter) => new(
        parameter.Name, parameter.Shape ?? [parameter.State.WholeLength], parameter.Group, parameter.State.Step,
        [
            .. parameter.State.States.Select(state => new ManifestState(
                state.Name, state.Codec.ToString(), state.BlockSize, state.IsAllocated, state.Rounding.ToString(),
                state is { IsAllocated: true, IsUsed: false })),
        ],
        [.. parameter.State.TensorStates.Names], parameter.State.HasRemainder);

    private static bool IsStochastic(ParameterRounding rounding, IReadOnlyList<CheckpointParameter> parameters) =>
        rounding == ParameterRounding.Stochastic
        || parameters.Any(one => one.State.States.Any(state => state.Rounding == StateRounding.Stochastic));

    /// <summary>The tensors of a parameter; of a part of one, what it has of them.</summary>
    internal static IEnumerable<OutgoingTensor> Tensors(CheckpointParameter parameter)
    {
        string name = parameter.Name;
        foreach (StatePart part in parameter.State.States.Where(state => state.IsAllocated).SelectMany(StatePart.Of))
        {
            yield return new OutgoingTensor(
                StatePart.NameOf(name, part.State.Name, part.Kind), part.Type, [part.Count], part.WriteTo);
        }

        foreach (string tensorState in parameter.State.TensorStates.Names)
        {
            float value = parameter.State.TensorStates[tensorState];
            yield return new OutgoingTensor(
                StatePart.NameOfScalar(name, tensorState), SafetensorsType.F32, [],
                sink => sink(BitConverter.GetBytes(value)));
        }

        if (parameter.State.HasRemainder)
        {
            Remainder remainder = parameter.State.Remainder!;
            yield return new OutgoingTensor(
                StatePart.NameOfRemainder(name), SafetensorsType.I16, [remainder.Length], sink =>
                {
                    StatePart.ForEachChunk(
                        remainder.Length, sizeof(short), (start, count) => sink(remainder.Read(start, count)));
                    GC.KeepAlive(parameter.State);
                });
        }
    }
}
