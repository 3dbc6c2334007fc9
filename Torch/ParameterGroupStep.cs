using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>One parameter group: its states, and its tensors as the runtime takes them.</summary>
internal sealed class ParameterGroupStep<TRule>
    where TRule : IOptimizerRule<TRule>
{
    private readonly DeviceParts<TRule> _parts;
    private readonly List<TorchParameterState<TRule>> _states = [];
    private readonly List<(Parameter Parameter, string Name)> _updated = [];
    private readonly List<Tensor> _copies = [];
    private readonly List<(Parameter Parameter, Tensor Copy)> _copiesBack = [];
    private readonly TRule _defaults;
    private readonly ParameterSource? _source;
    private TRule _rule;

    public ParameterGroupStep(
        GroupMembership<TRule> membership, TRule defaults, DeviceParts<TRule> parts, ParameterSource? source)
    {
        Membership = membership;
        _defaults = defaults;
        _source = source;
        _parts = parts;
        _rule = Options.Apply(defaults);
    }

    public GroupMembership<TRule> Membership { get; }

    public RuleOptions<TRule> Options => Membership.Options;

    public IReadOnlyList<TorchParameterState<TRule>> States => _states;

    public void Add(string name, Parameter parameter, StateLoad load, bool keepFloat32)
    {
        DevicePart<TRule> part = _parts.Of(parameter);
        TorchStateAllocator allocator = part.HasStatesOnHost
            ? new TorchStateAllocator(CPU, place: null)
            : new TorchStateAllocator(parameter.device, part.Place);
        ParameterState state = part.Optimizer.Add(
            name, parameter.shape, part.GroupOf(this, _rule), allocator, keepFloat32);
        if (parameter.dtype == ScalarType.BFloat16)
        {
            state.AllocateRemainder();
        }

        _states.Add(new TorchParameterState<TRule>(parameter, state, allocator.Tensors, load, part));
    }

    /// <summary>Takes the parameters out of the optimizer.</summary>
    public void Remove() => _parts.Remove(this);

    /// <summary>Copies all states to host memory, whatever the device: it is where there is room. The copies' memory is
    /// freed when they are collected.</summary>
    public IReadOnlyList<TorchParameterState<TRule>> CopyStates()
    {
        // It never takes a step: it is there to hold states that are stored as this group's.
        var holder = new Optimizer<TRule>(_rule, _parts.Options);
        return [.. _states.Select(state =>
        {
            var allocator = new TorchStateAllocator(CPU, place: null);
            ParameterState copy = holder.Add(
                state.State.Name, state.Parameter.shape, holder.Groups[0], allocator,
                keepFloat32: !state.State.IsQuantized);
            copy.CopyFrom(state.State);
            return state.Snapshot(copy, allocator.Tensors);
        })];
    }

    /// <summary>Finds what there is to update and checks it; changes nothing.</summary>
    /// <param name="known">The parameters of all groups.</param>
    public void Collect(IReadOnlySet<Parameter> known)
    {
        _updated.Clear();
        Membership.RequireUnchanged();
        _rule = Options.Apply(_defaults);
        foreach (DevicePart<TRule> part in _parts.All)
        {
            part.Apply(this, _rule, Options.Maximize == true);
        }

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
                    TensorPlace place = state.Part!.Place;
                    state.Part.Add(new TensorUpdate(
                        state.State,
                        ParameterAddress(parameter, state.State.Name, place),
                        GradientAddress(gradient, state.State.Name, place),
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

    private nint GradientAddress(Tensor gradient, string name, TensorPlace place)
    {
        Tensor used = TensorPointer.IsPlain(gradient) ? gradient : PlainCopy(gradient);
        return place.AddressOf(used) is not 0 and nint address ? address : throw new InvalidOperationException(
            $"The gradient of '{name}' has no memory of its own; assign a copy, as parameter.grad = gradient.clone().");
    }

    private nint ParameterAddress(Parameter parameter, string name, TensorPlace place)
    {
        if (TensorPointer.IsPlain(parameter))
        {
            return place.AddressOf(parameter);
        }

        TensorChecks.RequireNoOverlap(parameter, name);
        Tensor copy = PlainCopy(parameter);
        _copiesBack.Add((parameter, copy));
        return place.AddressOf(copy);
    }

    private Tensor PlainCopy(Tensor tensor)
    {
        using Tensor contiguous = tensor.contiguous();
        Tensor copy = contiguous.resolve_neg().DetachFromDisposeScope();
        _copies.Add(copy);
        return copy;
    }
}
