namespace Requant;

/// <content>Saving and loading.</content>
public sealed partial class Optimizer<TRule>
{
    /// <summary>Saves the states of all parameters, their steps, the rule with its hyperparameters, and the seed of
    /// stochastic rounding into one file of the safetensors layout. A process that is killed at any moment leaves the
    /// old file or the new one. On a device this waits for its work.</summary>
    /// <remarks>
    /// <code>
    /// adam.Save("adam.safetensors");
    /// // later, with the same parameters added:
    /// adam.Load("adam.safetensors");               // resumes bit for bit
    /// </code>
    /// docs/checkpoints.md describes the file. Parameters themselves are not in it.
    /// </remarks>
    /// <param name="path">The file, in a folder that exists; an old one is replaced.</param>
    /// <exception cref="ArgumentException">A parameter's name is not valid Unicode.</exception>
    /// <exception cref="InvalidOperationException">A step is under way.</exception>
    /// <exception cref="IOException">The file cannot be written; the old one is unchanged.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    public void Save(string path) => _core.Exclusively(() =>
        Checkpoint.Save(
            path, RuleInfo.Of<TRule>(), CheckpointGroups(), CheckpointParameters(), Options.Rounding, SeedInUse));

    /// <summary>Loads what <see cref="Save"/> wrote, the hyperparameters and the seed of stochastic rounding with it.
    /// Everything is read and checked before anything is changed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What may be converted on the way; nothing when null: what does not fit is refused.</param>
    /// <exception cref="CheckpointException">The file is damaged, or of another rule, other parameters or other states;
    /// the message says what differs, and the optimizer is unchanged.</exception>
    /// <exception cref="InvalidOperationException">A step is under way.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public void Load(string path, LoadOptions? options = null) => _core.Exclusively(() =>
        Commit(CheckpointLoad.Read(
            path, RuleInfo.Of<TRule>(), Groups.Count, CheckpointParameters(), options, Options.Rounding)));

    /// <summary>Takes states that PyTorch or bitsandbytes had, from a file of the safetensors layout. Hyperparameters
    /// stay as they are. Everything is read and checked before anything is changed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="layout">How the states are named and stored there.</param>
    /// <param name="options">What may be converted on the way, as float32 states into quantized ones;
    /// nothing when null.</param>
    /// <exception cref="CheckpointException">The file is damaged, or its states do not fit; the message says what
    /// differs, and the optimizer is unchanged.</exception>
    /// <exception cref="NotSupportedException">The other library has no such states.</exception>
    /// <exception cref="InvalidOperationException">A step is under way.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Import(string path, StateLayout layout, LoadOptions? options = null) => _core.Exclusively(() =>
        CheckpointLoad.Import(path, RuleInfo.Of<TRule>(), CheckpointGroups(), CheckpointParameters(), layout, options)
            .Commit());

    /// <summary>Writes the states as PyTorch or bitsandbytes have them, into a file of the
    /// safetensors layout.</summary>
    /// <param name="path">The file, in a folder that exists; an old one is replaced.</param>
    /// <param name="layout">How the states are to be named and stored.</param>
    /// <exception cref="NotSupportedException">The other library has no such states.</exception>
    /// <exception cref="InvalidOperationException">A step is under way.</exception>
    /// <exception cref="IOException">The file cannot be written; the old one is unchanged.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Export(string path, StateLayout layout) => _core.Exclusively(() =>
        Checkpoint.Export(path, RuleInfo.Of<TRule>(), CheckpointGroups(), CheckpointParameters(), layout));

    /// <summary>Puts a checkpoint in place that was read for this optimizer.</summary>
    internal void Commit(CheckpointLoad load)
    {
        TRule[] rules = [.. Groups.Zip(load.Groups, (group, saved) => saved.Hyperparameters.Aggregate(
            group.Rule,
            (rule, one) => rule.WithHyperparameter(RuleInfo.Of<TRule>().IndexOfHyperparameter(one.Key), one.Value)))];
        foreach ((ParameterGroup<TRule> group, TRule rule) in Groups.Zip(rules))
        {
            group.Allocate(rule);
        }

        load.Commit();
        for (int i = 0; i < rules.Length; i++)
        {
            Groups[i].Rule = rules[i];
            Groups[i].Maximize = load.Groups[i].Settings.TryGetValue(MaximizeSetting, out double maximize)
                && maximize != 0;
        }

        RoundingSeed = load.RoundingSeed ?? RoundingSeed;
    }

    private const string MaximizeSetting = "maximize";

    internal CheckpointGroup[] CheckpointGroups() =>
    [
        .. Groups.Select(group => new CheckpointGroup(
            RuleInfo.Of<TRule>().Hyperparameters
                .Select((info, index) => (info.Name, Value: group.Rule.GetHyperparameter(index)))
                .ToDictionary(one => one.Name, one => one.Value),
            group.Maximize ? new Dictionary<string, double> { [MaximizeSetting] = 1 } : [])),
    ];

    internal CheckpointParameter[] CheckpointParameters() =>
        [.. Parameters.Select(
            state => new CheckpointParameter(
                state, RuleInfo.Of<TRule>().ReadsShape ? state.Shape : null,
                _core.IndexOf((ParameterGroup<TRule>)state.Owner)))];
}
