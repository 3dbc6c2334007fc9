using TorchSharp.Modules;

namespace Requant.Torch;

/// <content>Parameter groups and what they must be like.</content>
public partial class TorchOptimizer<TRule>
{
    /// <summary>Adds parameters with hyperparameters of their own.</summary>
    /// <param name="param_group">A <see cref="RuleParamGroup{TRule}"/>, or a plain group without options or with
    /// <see cref="RuleOptions{TRule}"/>. What its options do not set is the optimizer's.</param>
    /// <exception cref="NotSupportedException">A parameter is of another type, on another device, or
    /// sparse.</exception>
    /// <exception cref="ArgumentException">The options are another rule's; the group or its options are in an optimizer
    /// already; or a parameter is given twice, disposed, not a leaf, or has elements that share memory. The group is
    /// as it was.</exception>
    public override void add_param_group(ParamGroup param_group) => AddGroup(param_group);

    private void RequireUnchangedGroups() => _groups.ForEach(group => group.Membership.RequireUnchanged());

    private void AddGroups(IEnumerable<RuleParamGroup<TRule>> groups)
    {
        foreach (RuleParamGroup<TRule> group in groups)
        {
            AddGroup(group);
        }

        if (_states.Count == 0)
        {
            throw new ArgumentException(
                "There are no parameters: the model is disposed, has none, or a filter such as Where(p => "
                + "p.requires_grad) left none. Make the optimizer from a live model with something to train.",
                nameof(groups));
        }

        RequireUsedChoices();
    }

    private void RequireUsedChoices()
    {
        if (_float32.Complaint(_areNamed) is string complaint)
        {
            throw new ArgumentException(complaint, "options");
        }
    }

    private void AddGroup(ParamGroup group)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(group);
        using ExclusiveGate.Passage passage = _load.Gate.Enter();
        var membership = GroupMembership<TRule>.Prepare(group);
        (string Name, Parameter Parameter)[] parameters = Named(group);
        RequireNew(parameters);
        ParameterGroupStep<TRule> step = MakeStep(group, membership, parameters);
        membership.Begin([.. parameters.Select(one => one.Parameter)], _load, _rounding);
        foreach (TorchParameterState<TRule> state in step.States)
        {
            _state[state.Parameter.Handle] = state;
            _states.Add(state);
            _known.Add(state.Parameter);
        }

        _areNamed |= group is RuleParamGroup<TRule> { Names: not null };
        _groups.Add(step);
        _parameter_groups.Add(group);
    }

    /// <summary>Completes the options and makes the states of all parameters, or leaves no trace.</summary>
    private ParameterGroupStep<TRule> MakeStep(
        ParamGroup group, GroupMembership<TRule> membership, (string Name, Parameter Parameter)[] parameters)
    {
        bool[] keepFloat32 = [.. parameters.Select(one => _float32.Selects(one.Name, one.Parameter))];
        ParameterGroupStep<TRule>? step = null;
        try
        {
            membership.Complete(_rule, ((RuleOptions<TRule>)_defaults).Maximize == true);
            step = new ParameterGroupStep<TRule>(
                membership, _rule, _parts, SourceOf(group, parameters));
            for (int i = 0; i < parameters.Length; i++)
            {
                step.Add(parameters[i].Name, parameters[i].Parameter, _load, keepFloat32[i]);
            }

            return step;
        }
        catch
        {
            step?.Remove();
            membership.Undo();
            throw;
        }
    }

    private (string Name, Parameter Parameter)[] Named(ParamGroup group)
    {
        ArgumentNullException.ThrowIfNull(group.Parameters, nameof(group));
        IReadOnlyList<string>? names = (group as RuleParamGroup<TRule>)?.Names;
        if (names is not null && group is RuleParamGroup<TRule> { HasMadeParameters: false })
        {
            throw new ArgumentException("The parameters of a group were replaced, and its names are those of the "
                + "parameters that it was made with. Make the group from the named parameters that it is to have.",
                nameof(group));
        }

        return [.. group.Parameters.Select((parameter, i) => (names?[i] ?? GeneratedName.Of(_states.Count + i),
            parameter))];
    }

    private static ParameterSource? SourceOf(ParamGroup group, (string Name, Parameter Parameter)[] parameters) =>
        group is RuleParamGroup<TRule> { HasMadeParameters: true } own ? own.Source : ParameterSource.Of(
            group.Parameters, [.. parameters.Select(one => one.Parameter)]);

    private void RequireNew((string Name, Parameter Parameter)[] parameters)
    {
        HashSet<string> names = [.. _states.Select(state => state.State.Name)];
        Dictionary<nint, string> seen = [];
        foreach (TorchParameterState state in _states.Where(state => !state.Parameter.IsInvalid
            && state.State.Length > 0))
        {
            seen[TensorPointer.Of(state.Parameter)] = state.State.Name;
        }

        foreach ((string name, Parameter parameter) in parameters)
        {
            TensorChecks.RequireSupported(parameter, name);
            if (!names.Add(name))
            {
                throw new ArgumentException(
                    $"Two parameters are named '{name}', and checkpoints and {nameof(TorchOptions.KeepFloat32)} find "
                    + "parameters by their names; give those of one model a prefix, as in "
                    + "b.named_parameters().Select(one => (\"b.\" + one.name, one.parameter)).", nameof(parameters));
            }

            TensorChecks.RequireRounding(parameter, name, _options);
            if (parameter.NumberOfElements > 0 && !seen.TryAdd(TensorPointer.Of(parameter), name))
            {
                throw new ArgumentException($"Parameters '{seen[TensorPointer.Of(parameter)]}' and '{name}' are "
                    + "the same tensor, which would be updated twice a step; pass each once. Where a model ties "
                    + "weights, tie them by one Parameter object, which parameters() gives once: "
                    + "head.weight = embedding.parameters().First(), for embedding.weight is another object "
                    + "at each call.",
                    nameof(parameters));
            }
        }
    }
}
