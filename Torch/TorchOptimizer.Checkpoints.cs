namespace Requant.Torch;

/// <content>Checkpoints that describe themselves.</content>
public partial class TorchOptimizer<TRule>
{
    /// <summary>Saves the states of all parameters, their steps, every group's hyperparameters, and the seed of
    /// stochastic rounding into one file of the safetensors layout. A process that is killed at any moment leaves the
    /// old file or the new one.</summary>
    /// <remarks>
    /// <code>
    /// using var optimizer = new Adam8bit(model.named_parameters(), lr: 1e-3);
    /// optimizer.SaveCheckpoint("optimizer.safetensors");
    /// optimizer.LoadCheckpoint("optimizer.safetensors");     // later: resumes bit for bit
    /// </code>
    /// <para>docs/checkpoints.md describes the file, which <see cref="Optimizer{TRule}.Load"/> reads too. The model
    /// itself is not in it. Parameters are found by their names; without names, by their numbers in
    /// the optimizer.</para>
    /// </remarks>
    /// <param name="path">The file, in a folder that exists; an old one is replaced.</param>
    /// <exception cref="ArgumentException">Two parameters of different groups have one name.</exception>
    /// <exception cref="InvalidOperationException">A step is under way on another thread, or a group was given other
    /// options; nothing was changed.</exception>
    /// <exception cref="IOException">The file cannot be written; the old one is unchanged.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    public void SaveCheckpoint(string path)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        using ExclusiveGate.Passage passage = _load.Gate.Enter();
        Checkpoint.Save(
            path, RuleInfo.Of<TRule>(), CheckpointGroups(), CheckpointParameters(), _rounding.Mode,
            _rounding.SeedInUse);
    }

    /// <summary>Loads what <see cref="SaveCheckpoint"/> wrote, hyperparameters and the seed of stochastic rounding with
    /// it. Everything is read and checked before anything is changed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What may be converted on the way; nothing when null: what does not fit is refused.</param>
    /// <exception cref="CheckpointException">The file is damaged, or of another rule, other parameters, groups or
    /// states; the message says what differs, and the optimizer is unchanged.</exception>
    /// <exception cref="InvalidOperationException">A step is under way on another thread, or a group was given other
    /// options; nothing was changed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public void LoadCheckpoint(string path, LoadOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        using ExclusiveGate.Passage passage = _load.Gate.Enter();
        RequireUnchangedGroups();
        Read((rule, mode) => CheckpointLoad.Read(path, rule, _groups.Count, CheckpointParameters(), options, mode))();
    }

    /// <summary>Takes states that PyTorch or bitsandbytes had, from a file of the safetensors layout. Hyperparameters
    /// stay as they are. Everything is read and checked before anything is changed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="layout">How the states are named and stored there. Without names, parameters are found by
    /// their numbers.</param>
    /// <param name="options">What may be converted on the way, as float32 states into quantized ones;
    /// nothing when null.</param>
    /// <exception cref="CheckpointException">The file is damaged, or its states do not fit; the message says what
    /// differs, and the optimizer is unchanged.</exception>
    /// <exception cref="NotSupportedException">The other library has no such states.</exception>
    /// <exception cref="InvalidOperationException">A step is under way on another thread, or a group was given other
    /// options; nothing was changed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void ImportStates(string path, StateLayout layout, LoadOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        using ExclusiveGate.Passage passage = _load.Gate.Enter();
        CheckpointLoad.Import(path, RuleInfo.Of<TRule>(), CheckpointGroups(), CheckpointParameters(), layout, options)
            .Commit();
    }

    /// <summary>Writes the states as PyTorch or bitsandbytes have them, into a file of the
    /// safetensors layout.</summary>
    /// <param name="path">The file, in a folder that exists; an old one is replaced.</param>
    /// <param name="layout">How the states are to be named and stored.</param>
    /// <exception cref="ArgumentException">Two parameters of different groups have one name.</exception>
    /// <exception cref="NotSupportedException">The other library has no such states.</exception>
    /// <exception cref="InvalidOperationException">A step is under way on another thread, or a group was given other
    /// options; nothing was changed.</exception>
    /// <exception cref="IOException">The file cannot be written; the old one is unchanged.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void ExportStates(string path, StateLayout layout)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        using ExclusiveGate.Passage passage = _load.Gate.Enter();
        Checkpoint.Export(path, RuleInfo.Of<TRule>(), CheckpointGroups(), CheckpointParameters(), layout);
    }

    private CheckpointGroup[] CheckpointGroups()
    {
        RequireUnchangedGroups();
        return [.. _groups.Select(group => group.Options.ToCheckpoint())];
    }

    private CheckpointParameter[] CheckpointParameters() => [.. Parameters(_groups.Select(group => group.States))];

    private static IEnumerable<CheckpointParameter> Parameters(
        IEnumerable<IReadOnlyList<TorchParameterState>> groups) =>
        groups.SelectMany(
            (states, index) => states.Select(state => new CheckpointParameter(state.State, state.Shape, index)));

    /// <summary>Reads and checks a checkpoint.</summary>
    /// <returns>Puts it in place.</returns>
    private Action Read(Func<RuleInfo, ParameterRounding, CheckpointLoad> read)
    {
        CheckpointLoad load = read(RuleInfo.Of<TRule>(), _rounding.Mode);
        foreach (CheckpointGroup group in load.Groups)
        {
            RuleOptions<TRule>.RequireSettings(group);
        }

        return () =>
        {
            load.Commit();
            foreach ((ParameterGroupStep<TRule> mine, CheckpointGroup saved) in _groups.Zip(load.Groups))
            {
                mine.Options.Take(saved);
            }

            _rounding.Seed = load.RoundingSeed ?? _rounding.Seed;
        };
    }
}
