using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>An optimizer whose rule has <c>beta1</c> and <c>beta2</c>, which one-cycle schedulers change.</summary>
/// <typeparam name="TRule">The record that the generator made of the rule.</typeparam>
public abstract class BetasOptimizer<TRule> : TorchOptimizer<TRule>, optim.IBetas
    where TRule : IOptimizerRule<TRule>
{
    /// <summary>An optimizer with parameter groups.</summary>
    /// <param name="groups">At least one.</param>
    /// <param name="rule">The rule's own defaults.</param>
    /// <param name="given">What the constructor was given instead.</param>
    /// <param name="options">Defaults when null.</param>
    protected BetasOptimizer(
        IEnumerable<RuleParamGroup<TRule>> groups, TRule rule, RuleOptions<TRule> given, TorchOptions? options)
        : base(groups, rule, given, options)
    {
    }

    /// <summary>Both decays, from 0 up to, not including, 1. Setting them sets them in every group.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of range; neither is set.</exception>
    public (double, double) Betas
    {
        get => (GetDefault("beta1"), GetDefault("beta2"));
        set
        {
            RuleOptions<TRule>.Checked("beta2", value.Item2);
            SetEverywhere("beta1", value.Item1);
            SetEverywhere("beta2", value.Item2);
        }
    }
}

/// <summary>Parameters of a <see cref="BetasOptimizer{TRule}"/> with hyperparameters of their own.</summary>
/// <typeparam name="TRule">The record that the generator made of the rule.</typeparam>
public abstract class BetasParamGroup<TRule> : RuleParamGroup<TRule>, optim.IBetas
    where TRule : IOptimizerRule<TRule>
{
    /// <summary>A group.</summary>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="options">What differs from the optimizer's hyperparameters.</param>
    protected BetasParamGroup(IEnumerable<Parameter> parameters, RuleOptions<TRule> options)
        : base(parameters, options)
    {
    }

    /// <summary>A group.</summary>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="options">What differs from the optimizer's hyperparameters.</param>
    protected BetasParamGroup(
        IEnumerable<(string name, Parameter parameter)> parameters, RuleOptions<TRule> options)
        : base(parameters, options)
    {
    }

    /// <summary>Both decays, from 0 up to, not including, 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of range; neither is set.</exception>
    public (double, double) Betas
    {
        get => (Get("beta1"), Get("beta2"));
        set
        {
            RuleOptions<TRule>.Checked("beta2", value.Item2);
            (Options["beta1"], Options["beta2"]) = value;
        }
    }
}
