using TorchSharp.Modules;

namespace Requant.Torch;

/// <content>State dictionaries, which TorchSharp's streams are made of, too.</content>
public partial class TorchOptimizer<TRule>
{
    /// <summary>A snapshot: copies of all states, steps and options, which later steps and loads leave as they
    /// are.</summary>
    /// <remarks>
    /// <code>
    /// var best = optimizer.state_dict();
    /// // ... steps that turn out to be bad ...
    /// optimizer.load_state_dict(best);
    /// </code>
    /// It takes as much memory as the states (<see cref="StateBytes"/>) and the time to copy them; the garbage
    /// collector frees it. It outlives the optimizer. What is loaded through one of its elements, as TorchSharp's
    /// <c>load_state_dict</c> does with a stream, goes to the optimizer that it was taken from. To save to a file
    /// without the copy, use <see cref="SaveCheckpoint"/>. The stream holds such a checkpoint, its parameters by
    /// their order.
    /// </remarks>
    /// <exception cref="InvalidOperationException">A parameter is disposed or was converted, a group was given other
    /// options, or a step is under way on another thread.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public override StateDictionary state_dict()
    {
        RequireUsable();
        using ExclusiveGate.Passage passage = _load.Gate.Enter();
        _load.Begin(_groups.Sum(group => 1 + group.States.Count));

        // The constructor of a dictionary is TorchSharp's own.
        StateDictionary dictionary = base.state_dict();
        RuleOptions<TRule>[] options = [.. _groups.Select(group => group.Options.Snapshot())];
        IReadOnlyList<TorchParameterState<TRule>>[] states = [.. _groups.Select(group => group.CopyStates())];
        if (options is [var first, ..])
        {
            first.Image = new StreamImage(
                stream => Checkpoint.Save(
                    stream, RuleInfo.Of<TRule>(), [.. options.Select(group => group.ToCheckpoint())],
                    ByPosition(states), first.Rounding!.Mode,
                    first.Rounding.SeedInUse),
                stream => Read((rule, mode) => CheckpointLoad.Read(
                    stream, rule, _groups.Count, ByPosition(_groups.Select(group => group.States)), options: null,
                    mode)));
        }

        Replace(dictionary.Options, options);
        Replace(dictionary.State, states.SelectMany(group => group));
        return dictionary;

        static void Replace<T>(List<T> list, IEnumerable<T> by)
        {
            list.Clear();
            list.AddRange(by);
        }
    }

    /// <summary>Copies states and hyperparameters, also back from an earlier <see cref="state_dict"/> of this
    /// optimizer.</summary>
    /// <param name="state_dict">From <see cref="state_dict"/> of an optimizer of the same rule and model. Where both
    /// have names for their parameters, these must be equal.</param>
    /// <exception cref="ArgumentException">It does not fit; the message says what differs, and nothing was
    /// changed.</exception>
    /// <exception cref="InvalidOperationException">A step is under way on another thread, or a group was given other
    /// options; nothing was changed.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public override void load_state_dict(StateDictionary state_dict)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(state_dict);
        using ExclusiveGate.Passage passage = _load.Gate.Enter();
        RequireUnchangedGroups();
        RequireSameCounts(state_dict);
        foreach (TorchSharp.Modules.OptimizerOptions options in state_dict.Options)
        {
            RuleOptions<TRule> saved = RuleOptions<TRule>.RequireSameRule(options);
            saved.RequireComplete();
            _rounding.RequireSame(
                saved.Rounding?.Mode ?? ParameterRounding.Nearest,
                message => new ArgumentException(message, nameof(state_dict)));
        }

        foreach ((TorchParameterState mine, OptimizerState theirs) in _states.Zip(state_dict.State))
        {
            ((TorchParameterState<TRule>)mine).RequireFits(theirs);
        }

        for (int i = 0; i < _groups.Count; i++)
        {
            _groups[i].Options.LoadStateDict(state_dict.Options[i]);
        }

        foreach ((TorchParameterState mine, OptimizerState theirs) in _states.Zip(state_dict.State))
        {
            mine.LoadStateDict(theirs);
        }
    }

    /// <summary>Streams have parameters in order, whatever their names; these stand behind the checkpoint and are
    /// compared there.</summary>
    private static CheckpointParameter[] ByPosition(IEnumerable<IReadOnlyList<TorchParameterState>> groups) =>
    [
        .. Parameters(groups).Select((parameter, index) => parameter with { Name = GeneratedName.Of(index) }),
    ];

    private void RequireSameCounts(StateDictionary dictionary)
    {
        RequireCount("parameter groups", dictionary.Options.Count, _groups.Count);
        RequireCount("parameters", dictionary.State.Count, _states.Count);
        foreach ((int index, ParameterGroupStep<TRule> group) in _groups.Index())
        {
            RequireCount($"parameters in group {index}", dictionary.StateIndexRef[index].Count, group.States.Count);
        }
    }

    private static void RequireCount(string what, int theirs, int mine)
    {
        if (theirs != mine)
        {
            throw new ArgumentException($"The state dictionary has {theirs} {what} and this optimizer {mine}; "
                + "load it into an optimizer that was made for the same model and groups.");
        }
    }
}
