using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>An optimizer whose rule has a momentum factor, which one-cycle schedulers change.</summary>
/// <typeparam name="TRule">The record that the generator made of the rule.</typeparam>
public abstract class MomentumOptimizer<TRule> : TorchOptimizer<TRule>, optim.IMomentum
    where TRule : IOptimizerRule<TRule>
{
    /// <summary>An optimizer with parameter groups.</summary>
    /// <param name="groups">At least one.</param>
    /// <param name="rule">The rule's own defaults.</param>
    /// <param name="given">What the constructor was given instead.</param>
    /// <param name="options">Defaults when null.</param>
    protected MomentumOptimizer(
        IEnumerable<RuleParamGroup<TRule>> groups, TRule rule, RuleOptions<TRule> given, TorchOptions? options)
        : base(groups, rule, given, options)
    {
    }

    /// <summary>What the rule calls its momentum factor.</summary>
    protected abstract string MomentumHyperparameter { get; }

    /// <summary>Momentum factor, 0 or more. Setting it sets it in every group.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not a number.</exception>
    public double Momentum
    {
        get => GetDefault(MomentumHyperparameter);
        set => SetEverywhere(MomentumHyperparameter, value);
    }
}

/// <summary>Parameters of a <see cref="MomentumOptimizer{TRule}"/> with hyperparameters of their own.</summary>
/// <typeparam name="TRule">The record that the generator made of the rule.</typeparam>
public abstract class MomentumParamGroup<TRule> : RuleParamGroup<TRule>, optim.IMomentum
    where TRule : IOptimizerRule<TRule>
{
    /// <summary>A group.</summary>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="options">What differs from the optimizer's hyperparameters.</param>
    protected MomentumParamGroup(IEnumerable<Parameter> parameters, RuleOptions<TRule> options)
        : base(parameters, options)
    {
    }

    /// <summary>A group.</summary>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="options">What differs from the optimizer's hyperparameters.</param>
    protected MomentumParamGroup(
        IEnumerable<(string name, Parameter parameter)> parameters, RuleOptions<TRule> options)
        : base(parameters, options)
    {
    }

    /// <summary>What the rule calls its momentum factor.</summary>
    protected abstract string MomentumHyperparameter { get; }

    /// <summary>Momentum factor, 0 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not a number.</exception>
    public double Momentum
    {
        get => Get(MomentumHyperparameter);
        set => Options.Set(MomentumHyperparameter, value);
    }
}
