namespace Requant;

/// <content>Saving and loading.</content>
public sealed partial class Optimizer<TRule>
{
    /// <summary>Saves the states of all parameters, their steps, the rule with its hyperparameters, and the seed of stochastic rounding into one file of the safetensors
    /// layout. A process that is killed at any moment leaves the old file or the new one. On a device this waits for its
    /// work.</summary>
    /// <remarks>
    /// <code>
    /// adam.Save("adam.safetensors");
    /// // later, with the same parameters added:
    /// adam.Load("adam.safetensors");               // goes on with the same bits
    /// </code>
    /// docs/checkpoints.md describes the file. Parameters themselves are not in it.
    /// </remarks>
    /// <param name="path">The file, in a folder that exists; an old one is replaced.</param>
    /// <exception cref="ArgumentException">A parameter's name is not valid Unicode.</exception>
    /// <exception cref="InvalidOperationException">A step is under way.</exception>
    /// <exception cref="IOException">The file cannot be written; the old one is as it was.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    public void Save(string path) => Exclusively(() =>
        Checkpoint.Save(path, TRule.Info, [CheckpointGroup()], CheckpointParameters(), Options.Rounding, SeedInUse));

    /// <summary>Loads what <see cref="Save"/> wrote, the hyperparameters and the seed of stochastic rounding with it. Everything is read and checked before anything is
    /// changed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What may be converted on the way; nothing when null: what does not fit is refused.</param>
    /// <exception cref="CheckpointException">The file is damaged, or of another rule, other parameters or other states; the message says what
    /// differs, and the optimizer is as it was.</exception>
    /// <exception cref="InvalidOperationException">A step is under way.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public void Load(string path, LoadOptions? options = null) => Exclusively(() =>
        Commit(CheckpointLoad.Read(path, TRule.Info, groups: 1, CheckpointParameters(), options, Options.Rounding)));

    /// <summary>Takes states that PyTorch or bitsandbytes had, from a file of the safetensors layout. Hyperparameters stay as they are.
    /// Everything is read and checked before anything is changed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="layout">How the states are named and stored there.</param>
    /// <param name="options">What may be converted on the way, as float32 states into quantized ones; nothing when null.</param>
    /// <exception cref="CheckpointException">The file is damaged, or its states do not fit; the message says what differs, and the optimizer is
    /// as it was.</exception>
    /// <exception cref="NotSupportedException">The other library has no such states.</exception>
    /// <exception cref="InvalidOperationException">A step is under way.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Import(string path, StateLayout layout, LoadOptions? options = null) => Exclusively(() =>
        CheckpointLoad.Import(path, TRule.Info, [CheckpointGroup()], CheckpointParameters(), layout, options).Commit());

    /// <summary>Writes the states as PyTorch or bitsandbytes have them, into a file of the safetensors layout.</summary>
    /// <param name="path">The file, in a folder that exists; an old one is replaced.</param>
    /// <param name="layout">How the states are to be named and stored.</param>
    /// <exception cref="NotSupportedException">The other library has no such states.</exception>
    /// <exception cref="InvalidOperationException">A step is under way.</exception>
    /// <exception cref="IOException">The file cannot be written; the old one is as it was.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Export(string path, StateLayout layout) => Exclusively(() =>
        Checkpoint.Export(path, TRule.Info, [CheckpointGroup()], CheckpointParameters(), layout));

    /// <summary>Puts a checkpoint in place that was read for this optimizer.</summary>
    private void Commit(CheckpointLoad load)
    {
        TRule rule = _rule;
        foreach ((string name, double value) in load.Groups[0].Hyperparameters)
        {
            rule = rule.WithHyperparameter(TRule.Info.IndexOfHyperparameter(name), value);
        }

        if (load.Groups[0].Settings.TryGetValue("maximize", out double maximize) && maximize != 0 && GradientScale > 0)
        {
            throw new CheckpointException("The checkpoint was saved by an optimizer that ascends (maximize: true), and this one descends; set the "
                + $"optimizer's {nameof(GradientScale)} to -1 before the load.");
        }

        AllocateStates(rule.StatesInUse());
        load.Commit();
        _rule = rule;
        RoundingSeed = load.RoundingSeed ?? RoundingSeed;
    }

    private CheckpointGroup CheckpointGroup() => new(
        TRule.Info.Hyperparameters.Select((info, index) => (info.Name, Value: _rule.GetHyperparameter(index)))
            .ToDictionary(one => one.Name, one => one.Value),
        new Dictionary<string, double>());

    private CheckpointParameter[] CheckpointParameters() => [.. _parameters.Select(state => new CheckpointParameter(state, Shape: null, Group: 0))];

    private void Exclusively(Action action)
    {
        EnterStep();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            action();
        }
        finally
        {
            LeaveStep();
        }
    }
}
