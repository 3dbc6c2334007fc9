using TorchSharp.Modules;

namespace Requant.Torch;

/// <summary>Parameters that share hyperparameters, which may differ from other groups'.</summary>
/// <typeparam name="TRule">The record that the generator made of the rule.</typeparam>
public class RuleParamGroup<TRule> : ParamGroup<RuleOptions<TRule>>
    where TRule : IOptimizerRule<TRule>
{
    private readonly IEnumerable<Parameter> _made;

    /// <summary>A group without parameters, to be set.</summary>
    public RuleParamGroup()
        : this(Array.Empty<Parameter>())
    {
    }

    /// <summary>A group with the optimizer's hyperparameters.</summary>
    /// <param name="parameters">float32 tensors on the CPU.</param>
    /// <param name="options">What differs from the optimizer's hyperparameters.</param>
    public RuleParamGroup(IEnumerable<Parameter> parameters, RuleOptions<TRule>? options = null)
        : base(RequireParameters(parameters), options ?? new RuleOptions<TRule>())
    {
        _made = Parameters;
        Source = ParameterSource.Of(parameters, [.. Parameters]);
    }

    /// <summary>A group of named parameters; names appear in messages and reports, and can be said to
    /// <see cref="TorchOptions.KeepFloat32(string[])"/>.</summary>
    /// <param name="parameters">As from <c>named_parameters()</c>.</param>
    /// <param name="options">What differs from the optimizer's hyperparameters.</param>
    public RuleParamGroup(IEnumerable<(string name, Parameter parameter)> parameters,
        RuleOptions<TRule>? options = null)
        : base([], options ?? new RuleOptions<TRule>())
    {
        ArgumentNullException.ThrowIfNull(parameters);
        (string name, Parameter parameter)[] named = [.. parameters];
        Parameters = _made = (Parameter[])[.. named.Select(one => one.parameter)];
        Names = [.. named.Select(one => one.name)];
        Source = ParameterSource.Of(parameters, [.. Parameters]);
    }

    /// <summary>The parameters' names, or null.</summary>
    public IReadOnlyList<string>? Names { get; }

    internal ParameterSource? Source { get; }

    /// <summary>Whether the parameters are those that the group was made with, which names and source are of.</summary>
    internal bool HasMadeParameters => ReferenceEquals(Parameters, _made);

    internal RuleOptions<TRule> MakeOptions() => NewOptions();

    /// <summary>Options that set nothing, of the optimizer's own class.</summary>
    protected virtual RuleOptions<TRule> NewOptions() => new();

    /// <summary>A hyperparameter that the optimizer has set.</summary>
    /// <param name="hyperparameter">Its name in the rule.</param>
    /// <exception cref="InvalidOperationException">It is not set.</exception>
    protected double Get(string hyperparameter) => Options[hyperparameter]
        ?? throw new InvalidOperationException($"{hyperparameter} is not set; add the group to an optimizer first.");

    private static Parameter[] RequireParameters(IEnumerable<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        // The wrappers have to stay the same: TorchSharp finds states by them.
        return [.. parameters];
    }
}
