using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>One parameter group: its states, and its tensors as the runtime takes them.</summary>
internal sealed class ParameterGroupStep<TRule>
    where TRule : IOptimizerRule<TRule>
{
    private readonly Optimizer<TRule> _optimizer;
    private readonly ParameterGroup<TRule> _group;
    private readonly List<TorchParameterState<TRule>> _states = [];
    private readonly List<(Parameter Parameter, string Name)> _updated = [];
    private readonly List<Tensor> _copies = [];
    private readonly List<(Parameter Parameter, Tensor Copy)> _copiesBack = [];
    private readonly TRule _defaults;
    private readonly ParameterSource? _source;

    public ParameterGroupStep(
        GroupMembership<TRule> membership, TRule defaults, Optimizer<TRule> optimizer, ParameterSource? source)
    {
        Membership = membership;
        _defaults = defaults;
        _source = source;
        _optimizer = optimizer;
        _group = optimizer.AddGroup(Options.Apply(defaults));
    }

    public GroupMembership<TRule> Membership { get; }

    public RuleOptions<TRule> Options => Membership.Options;

    public IReadOnlyList<TorchParameterState<TRule>> States => _states;

    public void Add(string name, Parameter parameter, StateLoad load, bool keepFloat32)
    {
        var allocator = new TorchStateAllocator(parameter.device);
        ParameterState state = _optimizer.Add(name, parameter.NumberOfElements, _group, allocator, keepFloat32);
        _states.Add(new TorchParameterState<TRule>(parameter, state, allocator.Tensors, load));
    }

    /// <summary>Takes the parameters out of the optimizer.</summary>
    public void Remove() => _optimizer.RemoveGroup(_group);

    /// <summary>Copies all states. The copies' memory is freed when they are collected.</summary>
    public IReadOnlyList<TorchParameterState<TRule>> CopyStates()
    {
        // It never takes a step: it is there to hold states that are stored as this group's.
        var holder = new Optimizer<TRule>(_group.Rule, _optimizer.Options);
        return [.. _states.Select(state =>
        {
            var allocator = new TorchStateAllocator(state.Parameter.device);
            ParameterState copy = holder.Add(
                state.State.Name, state.State.Length, holder.Groups[0], allocator,
                keepFloat32: !state.State.IsQuantized);
            copy.CopyFrom(state.State);
            return state.Snapshot(copy, allocator.Tensors);
        })];
    }

    /// <summary>Finds what there is to update and checks it; changes nothing.</summary>
    /// <param name="known">The parameters of all groups.</param>
    /// <param name="updates">Takes what was found.</param>
    public void Collect(IReadOnlySet<Parameter> known, List<TensorUpdate> updates)
    {
        _updated.Clear();
        Membership.RequireUnchanged();
        _group.Rule = Options.Apply(_defaults);
        _group.Maximize = Options.Maximize == true;
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
                    _updated.Add((parameter, state.State.Name));
                    updates.Add(new TensorUpdate(
                        state.State,
                        ParameterAddress(parameter, state.State.Name), GradientAddress(gradient, state.State.Name),
                        TorchElementTypes.Of(parameter.dtype)!.Value, TorchElementTypes.Of(gradient.dtype)!.Value));
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

    /// <summary>Tells autograd of the update to come: a backward pass through a graph from before the step throws then,
    /// instead of mixing old and new values. What libtorch would refuse to change, it refuses here.</summary>
    public void Announce()
    {
        foreach ((Parameter parameter, string name) in _updated)
        {
            try
            {
                // A copy onto itself moves nothing, but is a change in place.
                parameter.copy_(parameter);
            }
            catch (ExternalException exception)
            {
                throw new InvalidOperationException(
                    $"Parameter '{name}' cannot be changed. Where it was made in inference_mode(), make it, or a "
                    + $"clone of it, outside. libtorch says: {exception.Message}", exception);
            }
        }
    }

    /// <summary>Copies new elements to parameters whose memory kernels cannot take as it is.</summary>
    public void CopyBack()
    {
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

    private nint GradientAddress(Tensor gradient, string name)
    {
        Tensor used = TensorPointer.IsPlain(gradient) ? gradient : PlainCopy(gradient);
        return TensorPointer.Of(used) is not 0 and nint address ? address : throw new InvalidOperationException(
            $"The gradient of '{name}' has no memory of its own; assign a copy, as parameter.grad = gradient.clone().");
    }

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
