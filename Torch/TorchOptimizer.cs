using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>Runs any rule, also a user's own, as a TorchSharp optimizer with block-wise quantized states.</summary>
/// <remarks>
/// <code>
/// using var optimizer = new TorchOptimizer&lt;Lion&gt;(model.parameters(), new Lion { Lr = 1e-4f });
/// loss.backward();
/// optimizer.step();
/// </code>
/// <para>Parameters and gradients are float32, float16 or bfloat16 on the CPU; those that are not contiguous are copied. A parameter without
/// gradient is left alone. States are torch tensors that belong to the optimizer (codes: uint8[n]; absmax:
/// float32[ceil(n / block size)]); tensors below <see cref="TorchOptions.MinQuantizedLength"/> elements, those chosen by
/// <c>TorchOptions.KeepFloat32</c> and the weights of a <see cref="StableEmbedding"/> keep float32[n] instead, which
/// <see cref="Report"/> and <see cref="States"/> show.</para>
/// <para>A parameter that was disposed or converted after the optimizer was made is an exception that names it. Made from
/// <c>model.parameters()</c> or <c>named_parameters()</c> themselves, not from a list of them, a step also sees that the model
/// has another parameter in its place.</para>
/// <para>Learning rate schedulers, closures, <c>clip_grad_norm_</c>, <c>save_state_dict</c> and
/// <c>load_state_dict</c> work as
/// with TorchSharp's optimizers; a load checks everything before it changes anything, and training goes on with the
/// same
/// bits. <see cref="SaveCheckpoint"/> writes a file that describes itself, replaced as a whole. Not for several threads at
/// a time.</para>
/// </remarks>
/// <typeparam name="TRule">The record that the generator made of the rule.</typeparam>
public partial class TorchOptimizer<TRule> : OptimizerHelper, IScaledStep
    where TRule : IOptimizerRule<TRule>
{
    private readonly TRule _rule;
    private readonly TorchOptions _options;
    private readonly StateLoad _load = new();
    private readonly TorchRounding _rounding;
    private readonly List<ParameterGroupStep<TRule>> _groups = [];
    private readonly List<TorchParameterState> _states = [];
    private readonly HashSet<Parameter> _known = new(ReferenceEqualityComparer.Instance);
    private readonly Float32Selection _float32;
    private bool _areNamed;
    private bool _disposed;

    /// <summary>An optimizer with one parameter group.</summary>
    /// <param name="parameters">As from <c>model.parameters()</c>: float32, float16 or bfloat16 on the CPU, each once.</param>
    /// <param name="rule">The rule with its hyperparameters.</param>
    /// <param name="options">Defaults when null.</param>
    /// <exception cref="NotSupportedException">A parameter is of another type, on another device, or
    /// sparse.</exception>
    /// <exception cref="ArgumentException">There is no parameter; one is given twice, disposed, no leaf, or has elements that share memory; or
    /// an option has a value it cannot have.</exception>
    public TorchOptimizer(IEnumerable<Parameter> parameters, TRule rule, TorchOptions? options = null)
        : this([new RuleParamGroup<TRule>(parameters)], rule, options)
    {
    }

    /// <summary>An optimizer with one group of named parameters; names appear in messages.</summary>
    /// <param name="parameters">As from <c>model.named_parameters()</c>: float32, float16 or bfloat16 on the CPU, each once.</param>
    /// <param name="rule">The rule with its hyperparameters.</param>
    /// <param name="options">Defaults when null.</param>
    /// <exception cref="NotSupportedException">A parameter is of another type, on another device, or
    /// sparse.</exception>
    /// <exception cref="ArgumentException">There is no parameter; one is given twice, disposed, no leaf, or has elements that share memory; or
    /// an option has a value it cannot have.</exception>
    public TorchOptimizer(IEnumerable<(string name, Parameter parameter)> parameters, TRule rule,
        TorchOptions? options = null)
        : this([new RuleParamGroup<TRule>(parameters)], rule, options)
    {
    }

    /// <summary>An optimizer with several groups, each with hyperparameters of its own.</summary>
    /// <param name="groups">At least one.</param>
    /// <param name="rule">The rule with the hyperparameters of groups that do not set them.</param>
    /// <param name="options">Defaults when null.</param>
    /// <exception cref="NotSupportedException">A parameter is of another type, on another device, or
    /// sparse.</exception>
    /// <exception cref="ArgumentException">There is no parameter; one is given twice, disposed, no leaf, or has elements that share memory; or
    /// an option has a value it cannot have.</exception>
    public TorchOptimizer(IEnumerable<RuleParamGroup<TRule>> groups, TRule rule, TorchOptions? options = null)
        : this(groups, rule, maximize: false, options)
    {
    }

    /// <summary>A named optimizer.</summary>
    /// <param name="groups">At least one.</param>
    /// <param name="rule">The rule's own defaults.</param>
    /// <param name="given">What the constructor was given instead.</param>
    /// <param name="options">Defaults when null.</param>
    private protected TorchOptimizer(
        IEnumerable<RuleParamGroup<TRule>> groups, TRule rule, RuleOptions<TRule> given, TorchOptions? options)
        : this(groups, given.Over(rule), given.Maximize == true, options)
    {
    }

    private TorchOptimizer(
        IEnumerable<RuleParamGroup<TRule>> groups, TRule rule, bool maximize, TorchOptions? options)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(rule);
        _rule = rule;
        _options = options ?? new TorchOptions();
        _options.Validate();
        _rounding = new TorchRounding(
            _options.Rounding, _options.ForGroup([]).RoundsStochastically(TRule.Info), _options.RoundingSeed);
        _float32 = new Float32Selection(_options.Float32Choices);
        var defaults = new RuleOptions<TRule>();
        defaults.Complete(rule, maximize);
        _defaults = defaults;
        _parameter_groups = [];
        try
        {
            AddGroups(groups);
        }
        catch
        {
            _groups.ForEach(group => group.Membership.Undo());
            _groups.ForEach(group => group.Dispose());
            throw;
        }
    }

    /// <summary>What is kept for each parameter, in the order of the groups.</summary>
    public IReadOnlyList<TorchParameterState> States => _states;

    /// <summary>Memory of all states, in bytes.</summary>
    public long StateBytes => _states.Sum(state => state.State.StateBytes);

    /// <summary>Elements skipped in all steps because their gradient was NaN or infinite, or a state would have become so.</summary>
    public long SkippedElements => _groups.Sum(group => group.SkippedElements);

    /// <summary>Seed of the random bits of the next steps, where parameters or states are rounded stochastically
    /// (<see cref="TorchOptions.Rounding"/>, <see cref="TorchOptions.StateRounding"/>): that of the options, then that
    /// of the states that were loaded last.</summary>
    public ulong RoundingSeed
    {
        get => _rounding.Seed;
        set => _rounding.Seed = value;
    }

    /// <summary>Adds parameters with hyperparameters of their own.</summary>
    /// <param name="param_group">A <see cref="RuleParamGroup{TRule}"/>, or a plain group without options or with
    /// <see cref="RuleOptions{TRule}"/>. What its options do not set is the optimizer's.</param>
    /// <exception cref="NotSupportedException">A parameter is of another type, on another device, or
    /// sparse.</exception>
    /// <exception cref="ArgumentException">The options are another rule's; the group, or the options of one, are in an optimizer already; or a
    /// parameter is given twice or disposed. The group is as it was.</exception>
    public override void add_param_group(ParamGroup param_group) => AddGroup(param_group);

    /// <summary>Updates every parameter that has a gradient.</summary>
    /// <param name="closure">Computes the loss again, with gradients on, before the update.</param>
    /// <returns>The closure's loss, or null.</returns>
    /// <exception cref="InvalidOperationException">A parameter or gradient does not fit, or the model has other parameters than
    /// the optimizer; nothing was changed.</exception>
    /// <exception cref="NotFiniteNumberException">A gradient is not finite, and <see cref="TorchOptions.NonFinite"/> is
    /// <see cref="NonFinitePolicy.Throw"/>; nothing was changed.</exception>
    /// <exception cref="NotSupportedException">A gradient is sparse; nothing was changed.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public override Tensor step(Func<Tensor>? closure = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Tensor? loss = null;
        if (closure is not null)
        {
            using IDisposable gradients = enable_grad();
            loss = closure();
        }

        StepAllGroups(scale: 1f, _options.NonFinite);
        return loss!;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">A parameter is disposed or was converted.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public override void zero_grad()
    {
        RequireUsable();
        base.zero_grad();
    }

    /// <summary>A snapshot: copies of all states, steps and options, which later steps and loads leave as they are.</summary>
    /// <remarks>
    /// <code>
    /// var best = optimizer.state_dict();
    /// // ... steps that turn out to be bad ...
    /// optimizer.load_state_dict(best);
    /// </code>
    /// It takes as much memory as the states (<see cref="StateBytes"/>) and the time to copy it; the garbage collector frees it. It outlives the
    /// optimizer. What is loaded through one of its elements, as TorchSharp's <c>load_state_dict</c> does with a stream, goes to the optimizer that it
    /// was taken from. To save to a file without the copy, use <see cref="SaveCheckpoint"/>.
    /// </remarks>
    /// <exception cref="InvalidOperationException">A parameter is disposed or was converted, or a step is under way on another thread.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public override StateDictionary state_dict()
    {
        RequireUsable();
        using Turns.Turn turn = _load.Turns.Take();
        _load.Begin(_groups.Sum(group => 1 + group.States.Count));

        // The constructor of a dictionary is TorchSharp's own.
        StateDictionary dictionary = base.state_dict();
        Replace(dictionary.Options, _groups.Select(group => group.Options.Snapshot()));
        Replace(dictionary.State, _groups.SelectMany(group => group.CopyStates()));
        return dictionary;

        static void Replace<T>(List<T> list, IEnumerable<T> by)
        {
            list.Clear();
            list.AddRange(by);
        }
    }

    /// <summary>Copies states and hyperparameters, also back from an earlier <see cref="state_dict"/> of this optimizer.</summary>
    /// <param name="state_dict">From <see cref="state_dict"/> of an optimizer of the same rule and model. Where both have names for their
    /// parameters, these must be equal.</param>
    /// <exception cref="ArgumentException">It does not fit; the message says what differs, and nothing was
    /// changed.</exception>
    /// <exception cref="InvalidOperationException">A step is under way on another thread, or a group was given other options; nothing was
    /// changed.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public override void load_state_dict(StateDictionary state_dict)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(state_dict);
        using Turns.Turn turn = _load.Turns.Take();
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

        foreach ((ParameterGroupStep<TRule> group, TorchSharp.Modules.OptimizerOptions options) in _groups.Zip(state_dict.Options))
        {
            group.Options.LoadStateDict(options);
        }

        foreach ((TorchParameterState mine, OptimizerState theirs) in _states.Zip(state_dict.State))
        {
            mine.LoadStateDict(theirs);
        }
    }

    /// <summary>What is kept for each parameter: codec, bits, memory, and how exact it is, beside what float32 would take. It
    /// reads every code once; <c>Console.WriteLine(optimizer.Report())</c> prints the table.</summary>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public OptimizerReport Report()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        using Turns.Turn turn = _load.Turns.Take();
        return OptimizerReport.Of(_states);
    }

    /// <summary>Rule, tensors and memory, and how many tensors keep float32 states.</summary>
    public override string ToString()
    {
        int quantized = _states.Count(state => state.State.IsQuantized);
        return $"{GetType().Name} ({TRule.Info.Name}): {quantized} tensors with quantized states, "
            + $"{_states.Count - quantized} kept in float32, "
            + $"{StateBytes} state bytes";
    }

    /// <summary>Frees the states.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            using Turns.Turn turn = _load.Turns.Take();
            _groups.ForEach(group => group.Dispose());
            _disposed = true;
        }

        base.Dispose(disposing);
    }

    /// <summary>Options of every group and the defaults of later ones.</summary>
    private protected IEnumerable<RuleOptions<TRule>> AllOptions =>
        _groups.Select(group => group.Options).Append((RuleOptions<TRule>)_defaults);

    private protected double GetDefault(string hyperparameter) =>
        ((RuleOptions<TRule>)_defaults)[hyperparameter]!.Value;

    private protected void SetEverywhere(string hyperparameter, double value)
    {
        foreach (RuleOptions<TRule> options in AllOptions)
        {
            options[hyperparameter] = value;
        }
    }

    /// <summary>For tests.</summary>
    internal Turns Turns => _load.Turns;

    private void RequireUsable()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        RequireUnchangedGroups();
        _states.ForEach(state => TensorChecks.RequireUsable(state.Parameter, state));
    }

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
                "There are no parameters: the model is disposed, has none, or a filter such as Where(p => p.requires_grad) left none. Make the "
                + "optimizer from a live model with something to train.", nameof(groups));
        }

        if (_float32.Complaint(_areNamed) is string complaint)
        {
            throw new ArgumentException(complaint, "options");
        }
    }

    private void AddGroup(ParamGroup group)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(group);
        using Turns.Turn turn = _load.Turns.Take();
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
        string[] keepFloat32 =
            [.. parameters.Where(one => _float32.Selects(one.Name, one.Parameter)).Select(one => one.Name)];
        ParameterGroupStep<TRule>? step = null;
        try
        {
            membership.Complete(_rule, ((RuleOptions<TRule>)_defaults).Maximize == true);
            step = new ParameterGroupStep<TRule>(
                membership, _rule, _options.ForGroup(keepFloat32), _rounding, SourceOf(group, parameters));
            foreach ((string name, Parameter parameter) in parameters)
            {
                step.Add(name, parameter, _load);
            }

            return step;
        }
        catch
        {
            step?.Dispose();
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
            throw new ArgumentException("The parameters of a group were replaced, and its names are those of the parameters that it was made with. Make the "
                + "group from the named parameters that it is to have.", nameof(group));
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
                throw new ArgumentException($"Two parameters are named '{name}', and checkpoints and {nameof(TorchOptions.KeepFloat32)} find parameters by "
                    + "their names; give those of one model a prefix, as in b.named_parameters().Select(one => (\"b.\" + one.name, one.parameter)).",
                    nameof(parameters));
            }

            TensorChecks.RequireRounding(parameter, name, _rounding.Mode);
            if (parameter.NumberOfElements > 0 && !seen.TryAdd(TensorPointer.Of(parameter), name))
            {
                throw new ArgumentException($"Parameters '{seen[TensorPointer.Of(parameter)]}' and '{name}' are "
                    + "the same tensor, which would be updated twice a step; pass each once. Where a model ties weights, tie them by one Parameter "
                    + "object, which parameters() gives once: head.weight = embedding.parameters().First(), for embedding.weight is another object at "
                    + "each call.", nameof(parameters));
            }
        }
    }

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
