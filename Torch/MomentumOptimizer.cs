using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>An optimizer whose rule has a momentum factor, which one-cycle schedulers change.</summary>
/// <typeparam name="TRule">The record that the generator made of the rule.</typeparam>
public abstract class MomentumOptimizer<TRule> : TorchOptimizer<TRule>, optim.IMomentum
    where TRule : IOptimizerRule<TRule>
{
    private protected MomentumOptimizer(
        IEnumerable<RuleParamGroup<TRule>> groups, TRule rule, RuleOptions<TRule> given, TorchOptions? options)
        : base(groups, rule, given, options)
    {
    }

    /// <summary>Momentum factor, 0 or more. Setting it sets it in every group.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not a number.</exception>
    public double Momentum
    {
        get => GetDefault(MomentumName.Of<TRule>());
        set => SetEverywhere(MomentumName.Of<TRule>(), value);
    }
}

/// <summary>Parameters of a <see cref="MomentumOptimizer{TRule}"/> with hyperparameters of their own.</summary>
/// <typeparam name="TRule">The record that the generator made of the rule.</typeparam>
public abstract class MomentumParamGroup<TRule> : RuleParamGroup<TRule>, optim.IMomentum
    where TRule : IOptimizerRule<TRule>
{
    private protected MomentumParamGroup(IEnumerable<Parameter> parameters, RuleOptions<TRule> options)
        : base(parameters, options)
    {
    }

    private protected MomentumParamGroup(
        IEnumerable<(string name, Parameter parameter)> parameters, RuleOptions<TRule> options)
        : base(parameters, options)
    {
    }

    /// <summary>Momentum factor, 0 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not a number.</exception>
    public double Momentum
    {
        get => Get(MomentumName.Of<TRule>());
        set => Options.Set(MomentumName.Of<TRule>(), value);
    }
}

/// <summary>What rules call their momentum factor: the rule Momentum cannot have a hyperparameter of its own name.</summary>
internal static class MomentumName
{
    public static string Of<TRule>() where TRule : IOptimizerRule<TRule> =>
        TRule.Info.IndexOfHyperparameter("momentum") >= 0 ? "momentum" : "beta";
}
