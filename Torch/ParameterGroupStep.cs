using System.Runtime.InteropServices;
using Requant.Checkpoints.Images;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>One parameter group's states and its step: check and collect, run, copy back.</summary>
internal sealed class ParameterGroupStep<TRule> : IDisposable
    where TRule : IOptimizerRule<TRule>
{
    private readonly Optimizer<TRule> _optimizer;
    private readonly List<TorchParameterState<TRule>> _states = [];
    private readonly List<Tensor> _copies = [];
    private readonly List<(Parameter Parameter, Tensor Copy)> _copiesBack = [];
    private readonly TRule _defaults;
    private readonly ParameterSource? _source;
    private readonly TorchRounding _rounding;
    private TensorUpdate[] _updates = [];
    private Parameter[] _updated = [];
    private int _count;

    public ParameterGroupStep(
        GroupMembership<TRule> membership, TRule defaults, OptimizerOptions engineOptions, TorchRounding rounding,
        ParameterSource? source)
    {
        _rounding = rounding;
        Membership = membership;
        _defaults = defaults;
        _source = source;
        _optimizer = new Optimizer<TRule>(Options.Apply(defaults), engineOptions);
    }

    public GroupMembership<TRule> Membership { get; }

    public RuleOptions<TRule> Options => Membership.Options;

    public IReadOnlyList<TorchParameterState<TRule>> States => _states;

    public long SkippedElements => _optimizer.SkippedElements;

    public void Add(string name, Parameter parameter, StateLoad load)
    {
        var allocator = new TorchStateAllocator(parameter.device);
        ParameterState state = _optimizer.Add(name, parameter.NumberOfElements, allocator);
        _states.Add(new TorchParameterState<TRule>(parameter, state, allocator.Tensors, load));
        Array.Resize(ref _updates, _states.Count);
        Array.Resize(ref _updated, _states.Count);
    }

    /// <summary>Copies all states. The copies' memory is freed when they are collected.</summary>
    public IReadOnlyList<TorchParameterState<TRule>> CopyStates()
    {
        // It never takes a step: it is there to hold states that are stored as this group's.
        var holder = new Optimizer<TRule>(_optimizer.Rule, _optimizer.Options);
        return [.. _states.Select(state =>
        {
            var allocator = new TorchStateAllocator(state.Parameter.device);
            ParameterState copy = holder.Add(state.State.Name, state.State.Length, allocator);
            StateImage.Copy(state.State, copy);
            return state.Snapshot(copy, allocator.Tensors);
        })];
    }

    /// <summary>Finds what there is to update and checks it; changes nothing.</summary>
    /// <param name="known">The parameters of all groups.</param>
    public void Collect(IReadOnlySet<Parameter> known)
    {
        _count = 0;
        Membership.RequireUnchanged();
        _optimizer.Rule = Options.Apply(_defaults);
        _optimizer.RoundingSeed = _rounding.Seed;
        foreach (TorchParameterState<TRule> state in _states)
        {
            Parameter parameter = state.Parameter;
            TensorChecks.RequireUsable(parameter, state);
            Tensor? gradient = parameter.grad;
            if (gradient is null)
            {
                continue;
            }

            try
            {
                TensorChecks.RequireGradient(gradient, state);
                if (state.State.Length > 0)
                {
                    _updated[_count] = parameter;
                    _updates[_count++] = new TensorUpdate(
                        state.State,
                        ParameterAddress(parameter, state.State.Name), GradientAddress(gradient, state.State.Name),
                        TorchElementTypes.Of(parameter.dtype)!.Value, TorchElementTypes.Of(gradient.dtype)!.Value);
                }
            }
            finally
            {
                // The parameter keeps the gradient itself alive.
                gradient.Dispose();
            }
        }

        _source?.RequireSame(_states, known);
    }

    /// <summary>Measures the gradients that <see cref="Collect"/> found; changes nothing.</summary>
    /// <param name="scale">What every gradient is multiplied by.</param>
    public GradientMeasure Measure(float scale)
    {
        _optimizer.GradientScale = Signed(scale);
        return _optimizer.MeasureGradients(_updates.AsSpan(0, _count));
    }

    /// <summary>Throws where the update of what <see cref="Collect"/> found would; changes nothing.</summary>
    public void Check() => _optimizer.Check(_updates.AsSpan(0, _count));

    /// <summary>Tells autograd of the update to come: a backward pass through a graph from before the step throws then,
    /// instead of mixing old and new values. What libtorch would refuse to change, it refuses here.</summary>
    public void Announce()
    {
        for (int i = 0; i < _count; i++)
        {
            try
            {
                // A copy onto itself moves nothing, but is a change in place.
                _updated[i].copy_(_updated[i]);
            }
            catch (ExternalException exception)
            {
                throw new InvalidOperationException(
                    $"Parameter '{_updates[i].State.Name}' cannot be changed. Where it was made in inference_mode(), make it, or a "
                    + $"clone of it, outside. libtorch says: {exception.Message}", exception);
            }
        }
    }

    /// <summary>Updates what <see cref="Collect"/> found.</summary>
    /// <param name="scale">What every gradient is multiplied by.</param>
    public void Run(float scale)
    {
        _optimizer.GradientScale = Signed(scale);
        _optimizer.Step(_updates.AsSpan(0, _count));
        foreach ((Parameter parameter, Tensor copy) in _copiesBack)
        {
            parameter.copy_(copy);
        }

    }

    /// <summary>Frees the copies of tensors whose memory kernels cannot take as it is.</summary>
    public void Release()
    {
        _copies.ForEach(copy => copy.Dispose());
        _copies.Clear();
        _copiesBack.Clear();
    }

    public void Dispose()
    {
        // It refuses during a step, which still needs the copies.
        _optimizer.Dispose();
        Release();
    }

    private nint GradientAddress(Tensor gradient, string name)
    {
        Tensor used = TensorPointer.IsPlain(gradient) ? gradient : PlainCopy(gradient);
        return TensorPointer.Of(used) is not 0 and nint address ? address : throw new InvalidOperationException(
            $"The gradient of '{name}' has no memory of its own; assign a copy, as parameter.grad = gradient.clone().");
    }

    /// <summary>To ascend is to turn the sign of every gradient, which kernels do with their scale.</summary>
    private float Signed(float scale) => Options.Maximize == true ? -scale : scale;

    private nint ParameterAddress(Parameter parameter, string name)
    {
        if (TensorPointer.IsPlain(parameter))
        {
            return TensorPointer.Of(parameter);
        }

        TensorChecks.RequireNoOverlap(parameter, name);
        Tensor copy = PlainCopy(parameter);
        _copiesBack.Add((parameter, copy));
        return TensorPointer.Of(copy);
    }

    private Tensor PlainCopy(Tensor tensor)
    {
        using Tensor contiguous = tensor.contiguous();
        Tensor copy = contiguous.resolve_neg().DetachFromDisposeScope();
        _copies.Add(copy);
        return copy;
    }
}
