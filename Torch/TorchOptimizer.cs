using System.Runtime.CompilerServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>Runs any rule, your own included, as a TorchSharp optimizer with block-wise quantized states.</summary>
/// <remarks>
/// <code>
/// using var optimizer = new TorchOptimizer&lt;Lion&gt;(model.parameters(), new Lion { Lr = 1e-4f });
/// loss.backward();
/// optimizer.step();
/// </code>
/// <para>Parameters and gradients are float32, float16 or bfloat16, on the CPU or on CUDA devices; a step goes to
/// libtorch's current stream of each and does not wait. Tensors that are not contiguous are
/// copied. A parameter without gradient is left alone. States are torch tensors that belong to the optimizer (codes:
/// uint8[n]; absmax: float32[ceil(n / block size)]); tensors below <see cref="TorchOptions.MinQuantizedLength"/>
/// elements, those chosen by <c>TorchOptions.KeepFloat32</c> and the weights of a <see cref="StableEmbedding"/> keep
/// float32[n] instead, which <see cref="Report"/> and <see cref="States"/> show.</para>
/// <para>If a parameter was disposed or converted after the optimizer was made, the step throws and names it. An
/// optimizer made directly from <c>model.parameters()</c> or <c>named_parameters()</c>, not from a list of them, also
/// notices when the model has replaced a parameter.</para>
/// <para>Learning rate schedulers, closures, <c>clip_grad_norm_</c>, <c>save_state_dict</c> and
/// <c>load_state_dict</c> work as with TorchSharp's optimizers. A load checks everything before it changes anything,
/// and training resumes bit for bit. <see cref="SaveCheckpoint"/> writes a file that describes itself and replaces it
/// as a whole. Not for several threads at a time.</para>
/// </remarks>
/// <typeparam name="TRule">The record that the generator made of the rule.</typeparam>
public partial class TorchOptimizer<TRule> : OptimizerHelper, IScaledStep
    where TRule : IOptimizerRule<TRule>
{
    private readonly TRule _rule;
    private readonly TorchOptions _options;
    private readonly StateLoad _load = new();
    private readonly TorchRounding _rounding;
    private readonly DeviceParts<TRule> _parts;
    private readonly Action _announce;
    private readonly List<ParameterGroupStep<TRule>> _groups = [];
    private readonly List<TorchParameterState> _states = [];
    private readonly HashSet<Parameter> _known = new(ReferenceEqualityComparer.Instance);
    private readonly Float32Selection _float32;
    private bool _areNamed;
    private bool _disposed;

    /// <summary>An optimizer with one parameter group.</summary>
    /// <param name="parameters">As from <c>model.parameters()</c>: float32, float16 or bfloat16 on the
    /// CPU or CUDA devices, each once.</param>
    /// <param name="rule">The rule with its hyperparameters.</param>
    /// <param name="options">Defaults when null.</param>
    /// <exception cref="NotSupportedException">A parameter is of another type, on another device, or
    /// sparse.</exception>
    /// <exception cref="ArgumentException">There is no parameter; one is given twice, disposed, not a leaf, or has
    /// elements that share memory; or an option has a value it cannot have.</exception>
    public TorchOptimizer(IEnumerable<Parameter> parameters, TRule rule, TorchOptions? options = null)
        : this([new RuleParamGroup<TRule>(parameters)], rule, options)
    {
    }

    /// <summary>An optimizer with one group of named parameters; names appear in messages.</summary>
    /// <param name="parameters">As from <c>model.named_parameters()</c>: float32, float16 or bfloat16 on the
    /// CPU or CUDA devices, each once.</param>
    /// <param name="rule">The rule with its hyperparameters.</param>
    /// <param name="options">Defaults when null.</param>
    /// <exception cref="NotSupportedException">A parameter is of another type, on another device, or
    /// sparse.</exception>
    /// <exception cref="ArgumentException">There is no parameter; one is given twice, disposed, not a leaf, or has
    /// elements that share memory; or an option has a value it cannot have.</exception>
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
    /// <exception cref="ArgumentException">There is no parameter; one is given twice, disposed, not a leaf, or has
    /// elements that share memory; or an option has a value it cannot have.</exception>
    public TorchOptimizer(IEnumerable<RuleParamGroup<TRule>> groups, TRule rule, TorchOptions? options = null)
        : this(groups, rule, maximize: false, options)
    {
    }

    /// <summary>A named optimizer.</summary>
    /// <param name="groups">At least one.</param>
    /// <param name="rule">The rule's own defaults.</param>
    /// <param name="given">What the constructor was given instead.</param>
    /// <param name="options">Defaults when null.</param>
    protected TorchOptimizer(
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
        _options.RequireStatesOn();
        OptimizerOptions optimizerOptions = _options.ToOptimizerOptions();
        _parts = new DeviceParts<TRule>(rule, optimizerOptions, _options.StatesOn == DeviceType.CPU);
        _announce = () => _groups.ForEach(group => group.Announce());
        _rounding = new TorchRounding(
            _options.Rounding, optimizerOptions.RoundsStochastically(RuleInfo.Of<TRule>()), _options.RoundingSeed);
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
            _parts.Dispose();
            throw;
        }
    }

    /// <summary>What is kept for each parameter, in the order of the groups.</summary>
    public IReadOnlyList<TorchParameterState> States => _states;

    /// <summary>Memory of all states, in bytes.</summary>
    public long StateBytes => _states.Sum(state => state.State.StateBytes);

    /// <summary>Elements skipped in all steps because their gradient was NaN or infinite, or a state would
    /// have become so.</summary>
    public long SkippedElements => _parts.SkippedElements;

    /// <summary>Seed of the random bits of the next steps, where parameters or states are rounded stochastically
    /// (<see cref="TorchOptions.Rounding"/>, <see cref="TorchOptions.StateRounding"/>): that of the options, then that
    /// of the states that were loaded last.</summary>
    public ulong RoundingSeed
    {
        get => _rounding.Seed;
        set => _rounding.Seed = value;
    }

    /// <summary>Updates every parameter that has a gradient.</summary>
    /// <param name="closure">Computes the loss again, with gradients on, before the update.</param>
    /// <returns>The closure's loss, or null.</returns>
    /// <exception cref="InvalidOperationException">A parameter or gradient does not fit, or the model has other
    /// parameters than the optimizer; nothing was changed.</exception>
    /// <exception cref="NotFiniteNumberException">What the rule computes of a group's hyperparameters for every element
    /// is NaN or infinite, or a gradient is and <see cref="TorchOptions.NonFinite"/> is
    /// <see cref="NonFinitePolicy.Throw"/>; nothing was changed.</exception>
    /// <exception cref="NotSupportedException">A gradient is sparse; nothing was changed.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public override Tensor step(Func<Tensor>? closure = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Tensor? loss = StepClosure.Run(closure);
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

    /// <summary>What is kept for each parameter: codec, bits, memory and accuracy, and what float32 would take. It
    /// reads every code once; <c>Console.WriteLine(optimizer.Report())</c> prints the table.</summary>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public OptimizerReport Report()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        using ExclusiveGate.Passage passage = _load.Gate.Enter();
        return OptimizerReport.Of(_states);
    }

    /// <summary>The float32 values that training continues with, as after float32 training: those of the parameter, and
    /// of its remainders with <see cref="TorchOptions.MasterWeights"/>.</summary>
    /// <remarks>
    /// <code>
    /// var weights = model.named_parameters().ToDictionary(
    ///     one =&gt; one.name, one =&gt; optimizer.MasterWeightsOf(one.parameter));
    /// </code>
    /// </remarks>
    /// <param name="parameter">One of the optimizer's.</param>
    /// <returns>float32 on the CPU, in the parameter's shape; the caller's.</returns>
    /// <exception cref="ArgumentException">The optimizer has no such parameter.</exception>
    /// <exception cref="InvalidOperationException">The parameter is disposed or was converted, or a step is under way
    /// on another thread.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public Tensor MasterWeightsOf(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        ObjectDisposedException.ThrowIf(_disposed, this);
        using ExclusiveGate.Passage passage = _load.Gate.Enter();
        TorchParameterState state = _states.Find(one => one.Parameter.Handle == parameter.Handle)
            ?? throw new ArgumentException(
                $"The parameter, {parameter.dtype}[{string.Join(", ", parameter.shape)}], is none of this optimizer's; "
                + "pass one that it was made with.", nameof(parameter));
        TensorChecks.RequireUsable(parameter, state);
        using IDisposable noGradients = no_grad();
        return MasterWeightsReader.Read(state);
    }

    /// <summary>Rule, tensors and memory, and how many tensors keep float32 states.</summary>
    public override string ToString()
    {
        int quantized = _states.Count(state => state.State.IsQuantized);
        return $"{GetType().Name} ({RuleInfo.Of<TRule>().Name}): {quantized} tensors with quantized states, "
            + $"{_states.Count - quantized} kept in float32, "
            + $"{StateBytes} state bytes";
    }

    /// <summary>Frees the states.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            using ExclusiveGate.Passage passage = _load.Gate.Enter();
            _parts.Dispose();
            _disposed = true;
        }

        base.Dispose(disposing);
    }

    /// <summary>Options of every group and the defaults of later ones.</summary>
    private protected IEnumerable<RuleOptions<TRule>> AllOptions =>
        _groups.Select(group => group.Options).Append((RuleOptions<TRule>)_defaults);

    /// <summary>A hyperparameter of groups that do not set it.</summary>
    /// <param name="hyperparameter">Its name in the rule.</param>
    protected double GetDefault(string hyperparameter) =>
        ((RuleOptions<TRule>)_defaults)[hyperparameter]!.Value;

    /// <summary>Sets a value in every group, or throws before it is set in the first.</summary>
    /// <param name="hyperparameter">Its name in the rule.</param>
    /// <param name="value">The value.</param>
    /// <param name="name">What the caller calls it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rule cannot have it.</exception>
    protected void SetEverywhere(string hyperparameter, double value, [CallerMemberName] string name = "")
    {
        foreach (RuleOptions<TRule> options in AllOptions)
        {
            options.Set(hyperparameter, value, name);
        }
    }

    /// <summary>For tests.</summary>
    internal ExclusiveGate Gate => _load.Gate;

    private void RequireUsable()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        RequireUnchangedGroups();
        _states.ForEach(state => TensorChecks.RequireUsable(state.Parameter, state));
    }
}
