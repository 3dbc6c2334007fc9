using TorchSharp.Modules;

namespace Requant.Torch;

/// <summary>A parameter group's place in an optimizer, which completes the group's options and follows them. So neither
/// the group nor its options can be another optimizer's as well.</summary>
internal sealed class GroupMembership<TRule>
    where TRule : IOptimizerRule<TRule>
{
    private readonly ParamGroup _group;
    private readonly RuleOptions<TRule> _options;
    private readonly IEnumerable<Parameter> _given;
    private readonly TorchSharp.Modules.OptimizerOptions? _givenOptions;
    private readonly RuleOptions<TRule> _before;
    private Parameter[]? _parameters;

    private GroupMembership(ParamGroup group, RuleOptions<TRule> options)
    {
        (_group, _options) = (group, options);
        (_given, _givenOptions, _before) = (group.Parameters, group.Options, options.Copy());
    }

    /// <summary>Prepares a group to join an optimizer; changes nothing.</summary>
    /// <exception cref="ArgumentException">The options are another rule's, or the group or its options are in an
    /// optimizer.</exception>
    public static GroupMembership<TRule> Prepare(ParamGroup group)
    {
        RuleOptions<TRule> options = group.Options is not null ? RuleOptions<TRule>.RequireSameRule(group.Options)
            : (group as RuleParamGroup<TRule>)?.MakeOptions() ?? new();
        if (options.Group is null)
        {
            return new GroupMembership<TRule>(group, options);
        }

        throw new ArgumentException(ReferenceEquals(options.Group, group)
            ? "The parameter group is already in an optimizer, which has set its hyperparameters and follows them. "
                + "Make a new group for each optimizer."
            : "The group's options are already those of another parameter group, which would change with them. Make "
                + "new options for each group.",
            nameof(group));
    }

    public RuleOptions<TRule> Options => _options;

    /// <summary>Completes the options.</summary>
    public void Complete(TRule rule, bool maximize)
    {
        _options.Complete(rule, maximize);
        _options.Group = _group;
    }

    /// <summary>Makes the group the optimizer's.</summary>
    public void Begin(Parameter[] parameters, StateLoad load, TorchRounding rounding)
    {
        _options.Join(load, rounding);
        _group.Options = _options;
        _group.Parameters = _parameters = parameters;
    }

    /// <summary>Leaves the group and its options as they were before.</summary>
    public void Undo()
    {
        _options.Take(_before);
        _group.Options = _givenOptions;
        _group.Parameters = _given;
    }

    /// <summary>Throws if the group was given other parameters or another options object.</summary>
    public void RequireUnchanged()
    {
        if (!ReferenceEquals(_group.Options, _options))
        {
            throw new InvalidOperationException(
                "The options of a parameter group were replaced after it was added to the optimizer, which follows "
                + "those that it had. Set the values of the group's own options instead, "
                + "as in group.LearningRate = 0.1.");
        }

        if (!ReferenceEquals(_group.Parameters, _parameters))
        {
            throw new InvalidOperationException(
                "The parameters of a parameter group were replaced after it was added to the optimizer. Add others "
                + "with add_param_group, or make a new optimizer.");
        }
    }
}
