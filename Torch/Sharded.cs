using System.Runtime.InteropServices;
using Requant.Distributed;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>Runs any rule as a TorchSharp optimizer on several ranks, each of which computes gradients of batches of
/// its own and keeps the states of a part of the model (ZeRO, stage 1).</summary>
/// <remarks>
/// <code>
/// using ICommunicator ranks = Communicator.Mpi();          // mpirun -n 4 dotnet YOURS.dll
/// using var optimizer = new Sharded&lt;Adam&gt;(ranks, model.named_parameters(), new Adam { Lr = 1e-3f });
/// loss.backward();
/// optimizer.step();
/// </code>
/// <para>All ranks make the same calls in the same order. The constructor gives every rank the parameters of rank 0. A
/// step averages the gradients of all ranks, or adds them up (<see cref="ShardingOptions.Reduction"/>), and has the
/// bits of one process that does so in the order of ranks; of the rank's own part, the result overwrites
/// <c>parameter.grad</c>. Schedulers, groups, <see cref="GradScaler"/> and <see cref="TorchOptions"/> work as with
/// <see cref="TorchOptimizer{TRule}"/>. Parameters are on the CPU. docs/ranks.md has the details.</para>
/// </remarks>
/// <typeparam name="TRule">The record that the generator made of the rule.</typeparam>
public sealed class Sharded<TRule> : OptimizerHelper, IScaledStep
    where TRule : IOptimizerRule<TRule>
{
    private readonly TRule _rule;
    private readonly TorchOptions _options;
    private readonly ShardedOptimizer<TRule> _optimizer;
    private readonly TorchRounding _rounding;
    private readonly StateLoad _load = new();
    private readonly List<GroupMembership<TRule>> _groups = [];
    private readonly (string Name, Parameter Parameter)[] _parameters;
    private readonly int[] _groupOf;
    private readonly ScalarType[] _types;
    private readonly List<Tensor> _copies = [];
    private readonly List<(Parameter Parameter, Tensor Copy)> _copiesBack = [];
    private bool _disposed;

    /// <summary>An optimizer with one group of parameters. All ranks wait for each other.</summary>
    /// <param name="ranks">The ranks; stays the caller's, who disposes of it last.</param>
    /// <param name="parameters">As from <c>model.named_parameters()</c>: float32, float16 or bfloat16 on the CPU, each
    /// once, in the same order on all ranks.</param>
    /// <param name="rule">The rule with its hyperparameters.</param>
    /// <param name="options">Defaults when null.</param>
    /// <param name="sharding">How ranks share the work; defaults when null.</param>
    /// <exception cref="NotSupportedException">A parameter is of another type, on another device, or
    /// sparse.</exception>
    /// <exception cref="ArgumentException">There is no parameter; one is given twice, disposed, not a leaf, or has
    /// elements that share memory; an option has a value that it cannot have; or ranks have different models, rules or
    /// options.</exception>
    /// <exception cref="CommunicationException">Another rank is gone.</exception>
    public Sharded(
        ICommunicator ranks, IEnumerable<(string name, Parameter parameter)> parameters, TRule rule,
        TorchOptions? options = null, ShardingOptions? sharding = null)
        : this(ranks, [new RuleParamGroup<TRule>(parameters)], rule, options, sharding)
    {
    }

    /// <summary>An optimizer with several groups of named parameters, each with hyperparameters of its own. All ranks
    /// wait for each other.</summary>
    /// <param name="ranks">The ranks; stays the caller's, who disposes of it last.</param>
    /// <param name="groups">At least one, made of named parameters.</param>
    /// <param name="rule">The rule with the hyperparameters of groups that do not set them.</param>
    /// <param name="options">Defaults when null.</param>
    /// <param name="sharding">How ranks share the work; defaults when null.</param>
    /// <exception cref="NotSupportedException">A parameter is of another type, on another device, or
    /// sparse.</exception>
    /// <exception cref="ArgumentException">As for the other constructor, or a group has no names.</exception>
    /// <exception cref="CommunicationException">Another rank is gone.</exception>
    public Sharded(
        ICommunicator ranks, IEnumerable<RuleParamGroup<TRule>> groups, TRule rule, TorchOptions? options = null,
        ShardingOptions? sharding = null)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(rule);
        _rule = rule;
        _options = options ?? new TorchOptions();
        OptimizerOptions optimizerOptions = _options.ToOptimizerOptions();
        _rounding = new TorchRounding(
            _options.Rounding, optimizerOptions.RoundsStochastically(RuleInfo.Of<TRule>()), _options.RoundingSeed);
        RuleParamGroup<TRule>[] all = [.. groups];
        _parameters = [.. all.SelectMany(Named)];
        _groupOf = [.. all.SelectMany((group, index) => Enumerable.Repeat(index, group.Parameters.Count()))];
        _types = [.. _parameters.Select(one => one.Parameter.dtype)];
        RequireParameters();
        var defaults = new RuleOptions<TRule>();
        defaults.Complete(rule);
        _defaults = defaults;
        _parameter_groups = [];
        try
        {
            foreach (RuleParamGroup<TRule> group in all)
            {
                Join(group);
            }

            _optimizer = new ShardedOptimizer<TRule>(
                ranks, [.. _groups.Select(group => group.Options.Apply(rule))], Describe(), optimizerOptions, sharding);
        }
        catch
        {
            _groups.ForEach(group => group.Undo());
            throw;
        }

        TakeParametersOfFirst();
    }

    /// <summary>The ranks that train together.</summary>
    public ICommunicator Ranks => _optimizer.Ranks;

    /// <summary>Memory of the states that this rank keeps, in bytes.</summary>
    public long StateBytes => _optimizer.StateBytes;

    /// <summary>Elements that this rank keeps states of, tensor by tensor.</summary>
    public IEnumerable<(string Name, long Start, long Length)> Shard => _optimizer.Shard;

    /// <summary>The Euclidean norm of the last step's gradients, over all groups and ranks, without a loss scale and
    /// before clipping; null where no step measured it.</summary>
    public double? GradientNorm => _optimizer.GradientNorm;

    /// <summary>Steps that all ranks skipped because a gradient was NaN or infinite.</summary>
    public long SkippedSteps => _optimizer.SkippedSteps;

    /// <summary>Whether the last step was skipped because a gradient was NaN or infinite.</summary>
    public bool LastStepSkipped => _optimizer.LastStepSkipped;

    NonFinitePolicy IScaledStep.NonFinite => _options.NonFinite;

    bool IScaledStep.StepScaled(float inverseScale) => Step(inverseScale, NonFinitePolicy.SkipStep);

    /// <summary>Updates every parameter that a rank has a gradient of. All ranks wait for each other.</summary>
    /// <param name="closure">Computes the loss again, with gradients on, before the update.</param>
    /// <returns>The closure's loss, of this rank's batch, or null.</returns>
    /// <exception cref="InvalidOperationException">A parameter or gradient does not fit; or another rank cannot take
    /// the step, or would take it with other numbers, and no rank has taken it.</exception>
    /// <exception cref="NotFiniteNumberException">As of <see cref="TorchOptimizer{TRule}.step"/>.</exception>
    /// <exception cref="NotSupportedException">A gradient is sparse.</exception>
    /// <exception cref="CommunicationException">Another rank is gone.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public override Tensor step(Func<Tensor>? closure = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Tensor? loss = StepClosure.Run(closure);
        Step(scale: 1f, _options.NonFinite);
        return loss!;
    }

    /// <summary>Saves what <see cref="TorchOptimizer{TRule}.SaveCheckpoint"/> of one process would, byte for byte; rank
    /// 0 writes the file. All ranks wait for each other.</summary>
    /// <param name="path">The file, in a folder that exists on rank 0; an old one is replaced.</param>
    /// <exception cref="IOException">The file cannot be written; the old one is unchanged. On all ranks.</exception>
    /// <exception cref="CommunicationException">Another rank is gone.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void SaveCheckpoint(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ObjectDisposedException.ThrowIf(_disposed, this);
        using ExclusiveGate.Passage passage = _load.Gate.Enter();
        _optimizer.Save(path, CheckpointParameters(), [.. _groups.Select(group => group.Options.ToCheckpoint())]);
    }

    /// <summary>Loads what <see cref="SaveCheckpoint"/> wrote, or that of one process, with any number of ranks. Each
    /// rank reads the file itself. All ranks wait for each other.</summary>
    /// <param name="path">The file, which every rank can read.</param>
    /// <param name="options">What may be converted on the way; nothing when null.</param>
    /// <exception cref="CheckpointException">The file is damaged, or does not fit, here or on another rank; no rank has
    /// changed anything.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="CommunicationException">Another rank is gone.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void LoadCheckpoint(string path, LoadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ObjectDisposedException.ThrowIf(_disposed, this);
        using ExclusiveGate.Passage passage = _load.Gate.Enter();
        CheckpointLoad load = _optimizer.Load(path, CheckpointParameters(), options, static load =>
        {
            foreach (CheckpointGroup group in load.Groups)
            {
                RuleOptions<TRule>.RequireSettings(group);
            }
        });
        foreach ((GroupMembership<TRule> mine, CheckpointGroup saved) in _groups.Zip(load.Groups))
        {
            mine.Options.Take(saved);
        }

        _rounding.Seed = load.RoundingSeed ?? _rounding.Seed;
    }

    /// <summary>Not supported: a dictionary would have all states in one rank; see
    /// <see cref="SaveCheckpoint"/>.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override StateDictionary state_dict() => throw new NotSupportedException(
        "A state dictionary has all states, and each rank has a part of them; use SaveCheckpoint and LoadCheckpoint.");

    /// <summary>Not supported; see <see cref="LoadCheckpoint"/>.</summary>
    /// <param name="state_dict">A state dictionary.</param>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override void load_state_dict(StateDictionary state_dict) => throw new NotSupportedException(
        "A state dictionary has all states, and each rank has a part of them; use SaveCheckpoint and LoadCheckpoint.");

    /// <summary>Not supported: which rank keeps what is decided when the optimizer is made.</summary>
    /// <param name="param_group">A group.</param>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override void add_param_group(ParamGroup param_group) => throw new NotSupportedException(
        "Which rank keeps which states is decided when the optimizer is made; pass all groups to its constructor.");

    /// <summary>Frees the states of this rank; does not wait for others.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            using ExclusiveGate.Passage passage = _load.Gate.Enter();
            _optimizer.Dispose();
            _disposed = true;
        }

        base.Dispose(disposing);
    }

    private static IEnumerable<(string Name, Parameter Parameter)> Named(RuleParamGroup<TRule> group)
    {
        ArgumentNullException.ThrowIfNull(group);
        IReadOnlyList<string> names = group is { Names: not null, HasMadeParameters: true } ? group.Names
            : throw new ArgumentException(
                "A group has no names, by which ranks and checkpoints find parameters; make it of named_parameters().",
                nameof(group));
        return names.Zip(group.Parameters);
    }

    private void RequireParameters()
    {
        if (_parameters.Length == 0)
        {
            throw new ArgumentException(
                "There are no parameters: the model is disposed, or has none. Make the optimizer from a live model "
                + "with something to train.", "parameters");
        }

        foreach ((string name, Parameter parameter) in _parameters)
        {
            TensorChecks.RequireSupported(parameter, name);
            TensorChecks.RequireRounding(parameter, name, _options);
            if (parameter.device_type != DeviceType.CPU)
            {
                throw new NotSupportedException(
                    $"Parameter '{name}' is on {parameter.device}, and states are spread over ranks in host memory; "
                    + "move the model with to(torch.CPU) before making the optimizer.");
            }
        }

        string? twice = _parameters.GroupBy(one => one.Name).FirstOrDefault(group => group.Count() > 1)?.Key;
        if (twice is not null)
        {
            throw new ArgumentException(
                $"Two parameters are named '{twice}', and ranks and checkpoints find parameters by their names; give "
                + "those of one model a prefix.", "parameters");
        }

        int distinct = _parameters.Where(one => one.Parameter.NumberOfElements > 0)
            .Select(one => TensorPointer.Of(one.Parameter)).Distinct().Count();
        if (distinct < _parameters.Count(one => one.Parameter.NumberOfElements > 0))
        {
            throw new ArgumentException(
                "Two parameters are the same tensor, which would be updated twice a step; pass each once.",
                "parameters");
        }
    }

    private void Join(RuleParamGroup<TRule> group)
    {
        var membership = GroupMembership<TRule>.Prepare(group);
        _groups.Add(membership);
        membership.Complete(_rule, maximize: false);
        membership.Begin([.. group.Parameters], _load, _rounding);
        _parameter_groups.Add(group);
    }

    private ShardedParameter[] Describe()
    {
        var float32 = new Float32Selection(_options.Float32Choices);
        ShardedParameter[] described =
        [
            .. _parameters.Select((one, index) => new ShardedParameter(one.Name, one.Parameter.shape, _groupOf[index])
            {
                KeepFloat32 = float32.Selects(one.Name, one.Parameter),
            }),
        ];
        return float32.Complaint(areNamed: true) is string complaint
            ? throw new ArgumentException(complaint, "options")
            : described;
    }

    private CheckpointParameter[] CheckpointParameters() =>
    [
        .. _optimizer.States.Select((state, index) => new CheckpointParameter(
            state, _optimizer.Parameters[index].Shape, _groupOf[index])),
    ];

    /// <summary>Gives every rank the parameters of rank 0.</summary>
    private unsafe void TakeParametersOfFirst()
    {
        using IDisposable noGradients = no_grad();
        foreach ((string name, Parameter parameter) in _parameters)
        {
            using Tensor values = parameter.detach().contiguous().resolve_neg().clone();
            long bytes = values.NumberOfElements * values.ElementSize;
            byte* first = (byte*)TensorPointer.Of(values);
            for (long start = 0; start < bytes; start += int.MaxValue)
            {
                Ranks.Broadcast(
                    new Span<byte>(first + start, (int)Math.Min(int.MaxValue, bytes - start)), root: 0,
                    $"taking '{name}' of rank 0");
            }

            if (Ranks.Rank != 0)
            {
                parameter.copy_(values);
            }
        }
    }

    private bool Step(float scale, NonFinitePolicy policy)
    {
        using ExclusiveGate.Passage passage = _load.Gate.Enter();
        using IDisposable noGradients = no_grad();
        try
        {
            ShardedUpdate[] updates = [.. _parameters.Select((_, index) => UpdateOf(index))];
            for (int i = 0; i < _groups.Count; i++)
            {
                _groups[i].RequireUnchanged();
                _optimizer.Groups[i].Rule = _groups[i].Options.Apply(_rule);
                _optimizer.Groups[i].Maximize = _groups[i].Options.Maximize == true;
            }

            _optimizer.GradientScale = scale;
            _optimizer.NonFinite = policy;
            _optimizer.RoundingSeed = _rounding.Seed;
            Announce();
            _optimizer.Step(updates);
            if (LastStepSkipped)
            {
                return false;
            }

            _copiesBack.ForEach(one => one.Parameter.copy_(one.Copy));
            return true;
        }
        finally
        {
            _copies.ForEach(copy => copy.Dispose());
            _copies.Clear();
            _copiesBack.Clear();
        }
    }

    private ShardedUpdate UpdateOf(int index)
    {
        (string name, Parameter parameter) = _parameters[index];
        if (parameter.IsInvalid || parameter.NumberOfElements != _optimizer.Parameters[index].Length
            || parameter.dtype != _types[index])
        {
            throw new InvalidOperationException(
                $"Parameter '{name}' is disposed, or not as it was when the optimizer was made. Make a new optimizer "
                + "after changing a model.");
        }

        nint address = TensorPointer.Of(parameter);
        if (!TensorPointer.IsPlain(parameter))
        {
            TensorChecks.RequireNoOverlap(parameter, name);
            Tensor copy = PlainCopy(parameter);
            _copiesBack.Add((parameter, copy));
            address = TensorPointer.Of(copy);
        }

        ElementType type = TorchElementTypes.Of(parameter.dtype)!.Value;
        using Tensor? gradient = parameter.grad;
        if (gradient is null)
        {
            return new ShardedUpdate(address, 0, type, type);
        }

        if (gradient.is_sparse || gradient.device_type != DeviceType.CPU || gradient.dtype != parameter.dtype
            || !gradient.shape.AsSpan().SequenceEqual(parameter.shape))
        {
            throw new InvalidOperationException(
                $"The gradient of '{name}' is {gradient.dtype}[{string.Join(", ", gradient.shape)}] on "
                + $"{gradient.device}{(gradient.is_sparse ? ", sparse" : "")}; it has to be as the parameter, "
                + $"{parameter.dtype}[{string.Join(", ", parameter.shape)}] on cpu. Leave it to backward().");
        }

        Tensor plain = TensorPointer.IsPlain(gradient) ? gradient : PlainCopy(gradient);
        return new ShardedUpdate(address, TensorPointer.Of(plain), type, type);
    }

    /// <summary>Tells autograd of the update to come, as <see cref="TorchOptimizer{TRule}"/> does.</summary>
    private void Announce()
    {
        foreach ((string name, Parameter parameter) in _parameters)
        {
            try
            {
                // A copy onto itself moves nothing, but is a change in place.
                parameter.copy_(parameter);
            }
            catch (ExternalException exception)
            {
                throw new InvalidOperationException(
                    $"Parameter '{name}' cannot be changed. libtorch says: {exception.Message}", exception);
            }
        }
    }

    private Tensor PlainCopy(Tensor tensor)
    {
        using Tensor contiguous = tensor.contiguous();
        Tensor copy = contiguous.resolve_neg().DetachFromDisposeScope();
        _copies.Add(copy);
        return copy;
    }
}
