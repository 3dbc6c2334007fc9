namespace Requant.Torch;

/// <summary>What of an optimizer has its parameters on one device, and its states on one: the states, and what a step
/// updates of them.</summary>
internal sealed class DevicePart<TRule>(TensorPlace place, Device device, TRule rule, OptimizerOptions options)
    : IDisposable
    where TRule : IOptimizerRule<TRule>
{
    private readonly Dictionary<ParameterGroupStep<TRule>, ParameterGroup<TRule>> _groups = [];
    private TensorUpdate[] _updates = [];
    private int _count;

    /// <summary>Where its parameters are.</summary>
    public TensorPlace Place => place;

    /// <summary>Whether states are in host memory.</summary>
    public bool HasStatesOnHost => device.HasStatesOnHost;

    public Optimizer<TRule> Optimizer { get; } = new(rule, options with { Device = device });

    /// <summary>What the step to come updates.</summary>
    public ReadOnlyMemory<TensorUpdate> Updates => _updates.AsMemory(0, _count);

    /// <summary>The runtime's group for one of torch's; made when it is first asked for.</summary>
    public ParameterGroup<TRule> GroupOf(ParameterGroupStep<TRule> owner, TRule groupRule)
    {
        if (!_groups.TryGetValue(owner, out ParameterGroup<TRule>? group))
        {
            group = Optimizer.AddGroup(groupRule);
            _groups.Add(owner, group);
        }

        return group;
    }

    /// <summary>Takes a group's parameters out, if it has some here.</summary>
    public void Remove(ParameterGroupStep<TRule> owner)
    {
        if (_groups.Remove(owner, out ParameterGroup<TRule>? group))
        {
            Optimizer.RemoveGroup(group);
        }
    }

    /// <summary>Sets a group's hyperparameters for the step to come.</summary>
    public void Apply(ParameterGroupStep<TRule> owner, TRule groupRule, bool maximize)
    {
        if (_groups.TryGetValue(owner, out ParameterGroup<TRule>? group))
        {
            group.Rule = groupRule;
            group.Maximize = maximize;
        }
    }

    public void Begin() => _count = 0;

    public void Add(in TensorUpdate update)
    {
        if (_count == _updates.Length)
        {
            Array.Resize(ref _updates, Math.Max(16, 2 * _count));
        }

        _updates[_count++] = update;
    }

    public void Dispose() => Optimizer.Dispose();
}
