using Requant.Steps;

namespace Requant;

/// <summary>Parameters of an optimizer that share hyperparameters. All groups step together.</summary>
/// <remarks>
/// <code>
/// using var optimizer = new Optimizer&lt;AdamW&gt;(new AdamW());
/// ParameterGroup&lt;AdamW&gt; biases = optimizer.AddGroup(optimizer.Rule with { WeightDecay = 0f });
/// ParameterState w = optimizer.Add("w", 4096);
/// ParameterState b = optimizer.Add("b", 64, biases);
/// biases.Rule = biases.Rule with { Lr = 5e-4f };
/// </code>
/// </remarks>
/// <typeparam name="TRule">The record that the generator made of the rule.</typeparam>
public sealed class ParameterGroup<TRule>
    where TRule : IOptimizerRule<TRule>
{
    private readonly List<ParameterState> _parameters = [];
    private TRule _rule;
    private readonly bool _readsShape = RuleInfo.Of<TRule>().ReadsShape;
    private int _statesInUse;

    internal ParameterGroup(StepCore<TRule> core, TRule rule)
    {
        Core = core;
        _rule = rule;
        Parameters = _parameters.AsReadOnly();
    }

    /// <summary>The rule and the group's hyperparameters; set it for schedules: <c>Rule = Rule with { Lr = 5e-4f }</c>.
    /// States that the new hyperparameters bring into use get their memory here and start at 0.</summary>
    /// <exception cref="ArgumentNullException">Set to null.</exception>
    public TRule Rule
    {
        get => _rule;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Allocate(value);
            _rule = value;
        }
    }

    /// <summary>Whether its parameters ascend: steps negate every gradient.</summary>
    public bool Maximize { get; set; }

    /// <summary>Its parameters, in the order in which they were added.</summary>
    public IReadOnlyList<ParameterState> Parameters { get; }

    /// <summary>The optimizer's core.</summary>
    internal StepCore<TRule> Core { get; }

    internal void Add(ParameterState state)
    {
        state.Allocate(_rule.StatesInUse(state.Facts(step: 0, unused: 0)) | (_readsShape ? 0 : _statesInUse));
        _parameters.Add(state);
    }

    /// <summary>Allocates states that hyperparameters bring into use.</summary>
    internal void Allocate(TRule rule)
    {
        if (Core.IsDisposed)
        {
            return;
        }

        if (_readsShape)
        {
            _parameters.ForEach(state => state.Allocate(rule.StatesInUse(state.Facts(step: 0, unused: 0))));
            return;
        }

        int inUse = rule.StatesInUse(default);
        if ((inUse & ~_statesInUse) != 0)
        {
            _parameters.ForEach(state => state.Allocate(inUse));
            _statesInUse |= inUse;
        }
    }
}
