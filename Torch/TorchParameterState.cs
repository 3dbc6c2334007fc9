using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>What a <see cref="TorchOptimizer{TRule}"/> keeps for one parameter, as TorchSharp saves and loads
/// it.</summary>
public abstract class TorchParameterState : OptimizerState
{
    private protected TorchParameterState(
        Parameter parameter, ParameterState state, IReadOnlyList<StateTensor> tensors, long[] shape, ScalarType type)
        : base(parameter)
    {
        State = state;
        Tensors = tensors;
        Shape = shape;
        Type = type;
    }

    /// <summary>The parameter that the states are for.</summary>
    public Parameter Parameter => _parameter;

    /// <summary>Step, length, codes and absmax.</summary>
    public ParameterState State { get; }

    /// <summary>The torch tensors that hold the states.</summary>
    public IReadOnlyList<StateTensor> Tensors { get; }

    internal long[] Shape { get; }

    /// <summary>What the parameter's elements were when the states were made.</summary>
    internal ScalarType Type { get; }

    /// <summary>Name, length, step, memory, and whether the states are kept in float32.</summary>
    public override string ToString() => State.ToString();
}

/// <summary>The state of one parameter under one rule.</summary>
internal sealed class TorchParameterState<TRule> : TorchParameterState
    where TRule : IOptimizerRule<TRule>
{
    private readonly StateLoad _load;
    private readonly TorchParameterState<TRule>? _live;
    private readonly NativeMemoryPressure? _pressure;

    public TorchParameterState(
        Parameter parameter, ParameterState state, IReadOnlyList<StateTensor> tensors, StateLoad load,
        DevicePart<TRule> part)
        : base(parameter, state, tensors, parameter.shape, parameter.dtype) => (_load, Part) = (load, part);

    /// <summary>A copy of the states of an optimizer's parameter.</summary>
    private TorchParameterState(
        TorchParameterState<TRule> live, ParameterState copy, IReadOnlyList<StateTensor> tensors)
        : base(live.Parameter, copy, tensors, live.Shape, live.Type)
    {
        (_load, _live) = (live._load, live);
        _pressure = new NativeMemoryPressure(copy.StateBytes);
    }

    /// <summary>The device that the states are on; null for a copy.</summary>
    public DevicePart<TRule>? Part { get; }

    /// <summary>A copy for a state dictionary: what is loaded through it goes to this.</summary>
    public TorchParameterState<TRule> Snapshot(ParameterState copy, IReadOnlyList<StateTensor> tensors) =>
        new(this, copy, tensors);

    /// <summary>Writes the name: the values are in the checkpoint, where the options stand.</summary>
    public override void SaveStateDict(BinaryWriter writer) => writer.Write(State.Name);

    public override void LoadStateDict(BinaryReader reader)
    {
        RequireSameName(reader.ReadString(), message => new InvalidDataException(message));
        _load.Add(static () => { });
    }

    public override void LoadStateDict(OptimizerState source)
    {
        if (_live is not null)
        {
            _live.LoadStateDict(source);
            return;
        }

        ParameterState from = RequireFits(source).State;
        if (!ReferenceEquals(from, State))
        {
            State.CopyFrom(from);
        }
    }

    /// <summary>Throws unless the other state can be copied to this one.</summary>
    public TorchParameterState<TRule> RequireFits(OptimizerState source)
    {
        if (source is not TorchParameterState<TRule> other)
        {
            throw new ArgumentException(
                $"The states are {source?.GetType().FullName ?? "null"}; '{State.Name}' needs states of rule "
                    + $"{RuleInfo.Of<TRule>().Name}.", nameof(source));
        }

        if (other.Tensors.Any(tensor => tensor.Tensor.IsInvalid))
        {
            throw new ArgumentException($"The states of '{other.State.Name}' are disposed; load them before the "
                + "optimizer that they are from is disposed.", nameof(source));
        }

        Func<string, Exception> fail = message => new ArgumentException(message, nameof(source));
        RequireSameName(other.State.Name, fail);
        RequireSameLayout(other, fail);
        return other;
    }

    public override bool ApproximatelyEquals(OptimizerState other)
    {
        if (other is not TorchParameterState<TRule> { State: ParameterState theirs } || theirs.Length != State.Length
            || theirs.Step != State.Step)
        {
            return false;
        }

        return State.States.Zip(theirs.States).All(pair => AreClose(pair.First, pair.Second));
    }

    public override void Initialize(TorchSharp.Modules.OptimizerOptions options)
    {
        State.Reset();
    }

    public override void to(torch.Device device)
    {
        torch.Device here = Parameter.device;
        bool isSame = device.type == here.type
            && (device.type == DeviceType.CPU || device.index < 0 || device.index == here.index);
        if (!isSame)
        {
            throw new NotSupportedException($"The states of '{State.Name}' are on {here}, where the parameter is, and "
                + $"cannot move to {device}. Move the model, and make the optimizer after that.");
        }
    }

    private static bool AreClose(QuantizedState first, QuantizedState second)
    {
        using torch.Tensor one = Values(first);
        using torch.Tensor other = Values(second);
        return one.allclose(other);
    }

    private static torch.Tensor Values(QuantizedState state)
    {
        float[] values = new float[state.Length];
        state.Dequantize(values);
        return torch.tensor(values);
    }

    private void RequireSameName(string name, Func<string, Exception> fail)
    {
        if (name != State.Name && !GeneratedName.Is(name) && !GeneratedName.Is(State.Name))
        {
            throw fail($"The states of '{name}' stand where this optimizer has parameter '{State.Name}': its "
                + "parameters are others, or in another order. Make the optimizer with the parameters and names that "
                + $"they were saved with, in that order. {nameof(TorchOptimizer<TRule>.SaveCheckpoint)} and "
                + $"{nameof(TorchOptimizer<TRule>.LoadCheckpoint)} find parameters by their names, in any order.");
        }
    }

    private void RequireSameLayout(TorchParameterState<TRule> other, Func<string, Exception> fail)
    {
        string name = other.State.Name;
        if (!other.Shape.AsSpan().SequenceEqual(Shape))
        {
            throw fail($"The states of '{name}' are for shape [{string.Join(", ", other.Shape)}], and parameter "
                + $"'{State.Name}' has [{string.Join(", ", Shape)}]; load them into an optimizer of the same model, "
                + "its parameters in the same order.");
        }

        if (other.State.HasRemainder != State.HasRemainder)
        {
            throw fail($"The states of '{name}' are of an optimizer {(State.HasRemainder ? "without" : "with")} "
                + $"{nameof(TorchOptions.MasterWeights)} = {MasterWeights.Remainder16}, and this one is made "
                + $"{(State.HasRemainder ? "with" : "without")} it; make it with the same.");
        }

        if (other.State.Layout != State.Layout)
        {
            throw fail($"The states of '{name}' are stored as {other.State.Layout}, and those of '{State.Name}' as "
                + $"{State.Layout}; make the optimizer with the same {nameof(TorchOptions.BlockSize)}, "
                + $"{nameof(TorchOptions.MinQuantizedLength)}, {nameof(TorchOptions.KeepFloat32)}, "
                + $"{nameof(TorchOptions.Codecs)} and {nameof(TorchOptions.StateRounding)} as the one that saved them. "
                + $"{nameof(TorchOptimizer<TRule>.SaveCheckpoint)} there and "
                + $"{nameof(TorchOptimizer<TRule>.LoadCheckpoint)} with {nameof(LoadOptions)} here convert them.");
        }
    }
}
