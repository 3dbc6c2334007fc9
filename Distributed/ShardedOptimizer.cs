using System.IO.Hashing;
using System.Reflection;
using System.Runtime.InteropServices;
using Requant.Cpu;
using Requant.Distributed.Sharding;
using Requant.Numerics;

namespace Requant.Distributed;

/// <summary>Runs one rule over the tensors of a model that several ranks train together, each on its own data:
/// gradients are added up, each rank keeps the states of a part of the model and updates it, and the new parameters go
/// to all (ZeRO, stage 1).</summary>
/// <remarks>
/// <code>
/// using ICommunicator ranks = Communicator.Mpi();
/// using var adam = new ShardedOptimizer&lt;Adam&gt;(ranks, new Adam(), [new("w", [768, 3072]), new("b", [768])]);
/// adam.Step(new ShardedUpdate(w, wGradient), new ShardedUpdate(b, bGradient));
/// adam.Save("adam.safetensors");                // one file, as of one process
/// </code>
/// <para>The bits are those of one process that adds the gradients of all ranks in float32, in the order of ranks, for
/// every number of ranks and every library. All ranks make the same calls in the same order; those that wait for others
/// say so. Tensors are in host memory.</para>
/// </remarks>
/// <typeparam name="TRule">The record that the generator made of the rule.</typeparam>
public sealed unsafe class ShardedOptimizer<TRule> : IDisposable
    where TRule : IOptimizerRule<TRule>
{
    private readonly Optimizer<TRule> _optimizer;
    private readonly ShardPlan _plan;
    private readonly ShardExchange _exchange;
    private readonly StepAgreement _agreement;
    private readonly ParameterState[] _states;
    private readonly TensorUpdate[] _updates;

    /// <summary>For each of this rank's pieces, its number among the updates of the step; -1 where it takes
    /// none.</summary>
    private readonly int[] _updateOf;

    private double[] _sums = [];

    /// <summary>Makes an optimizer with one group of parameters. All ranks wait for each other.</summary>
    /// <param name="ranks">The ranks; stays the caller's, who disposes of it last.</param>
    /// <param name="rule">The rule with its hyperparameters.</param>
    /// <param name="parameters">All tensors of the model, in the same order on all ranks.</param>
    /// <param name="options">As of <see cref="Optimizer{TRule}"/>; defaults when null.</param>
    /// <param name="sharding">How ranks share the work; defaults when null.</param>
    /// <exception cref="ArgumentException">Ranks have different models, rules, options or versions; the message names
    /// the first difference, on all of them. Or an option has a value that it cannot have.</exception>
    /// <exception cref="NotSupportedException">The options name a device other than the CPU.</exception>
    /// <exception cref="CommunicationException">Another rank is gone.</exception>
    public ShardedOptimizer(
        ICommunicator ranks, TRule rule, IReadOnlyList<ShardedParameter> parameters, OptimizerOptions? options = null,
        ShardingOptions? sharding = null)
        : this(ranks, [rule], parameters, options, sharding)
    {
    }

    /// <summary>Makes an optimizer with several groups of parameters. All ranks wait for each other.</summary>
    /// <param name="ranks">The ranks; stays the caller's, who disposes of it last.</param>
    /// <param name="rules">The rule with the hyperparameters of each group; at least one.</param>
    /// <param name="parameters">All tensors of the model, in the same order on all ranks.</param>
    /// <param name="options">As of <see cref="Optimizer{TRule}"/>; defaults when null.</param>
    /// <param name="sharding">How ranks share the work; defaults when null.</param>
    /// <exception cref="ArgumentException">As for the other constructor.</exception>
    /// <exception cref="NotSupportedException">The options name a device other than the CPU.</exception>
    /// <exception cref="CommunicationException">Another rank is gone.</exception>
    public ShardedOptimizer(
        ICommunicator ranks, IReadOnlyList<TRule> rules, IReadOnlyList<ShardedParameter> parameters,
        OptimizerOptions? options = null, ShardingOptions? sharding = null)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(parameters);
        options ??= new OptimizerOptions();
        sharding ??= new ShardingOptions();
        sharding.Validate();
        Require(rules, parameters, options);
        Ranks = ranks;
        Parameters = parameters;
        RuleInfo info = RuleInfo.Of<TRule>();
        _optimizer = new Optimizer<TRule>(rules[0], options);
        int blockSize = options.BlockSize ?? info.BlockSize;
        ModelHandshake.Require(ranks, Describe(rules, parameters, options, sharding, blockSize));

        bool IsFloat32(ShardedParameter one) =>
            one.KeepFloat32 || one.Length < options.MinQuantizedLength || options.KeepFloat32.Contains(one.Name);
        _plan = ShardPlan.Of(
            [.. parameters.Select(one => (one.Length, IsFloat32(one) ? sizeof(float) : 1))], ranks.Size, blockSize,
            mayCut: info.Reductions.Count == 0 && !info.ReadsShape);
        foreach (TRule rule in rules.Skip(1))
        {
            _optimizer.AddGroup(rule);
        }

        _exchange = new ShardExchange(ranks, _plan, sharding);
        _states = [.. parameters.Select((one, tensor) => Add(one, tensor))];
        _agreement = new StepAgreement(ranks, _plan, blockSize, [.. parameters.Select(one => one.Name)]);
        _updates = new TensorUpdate[_exchange.Own.Length];
        _updateOf = new int[_exchange.Own.Length];
    }

    /// <summary>The ranks that train together.</summary>
    public ICommunicator Ranks { get; }

    /// <summary>All tensors of the model.</summary>
    public IReadOnlyList<ShardedParameter> Parameters { get; }

    /// <summary>The first group's rule and hyperparameters, which all ranks set alike: <c>Rule = Rule with { Lr = 5e-4f
    /// }</c>.</summary>
    /// <exception cref="ArgumentNullException">Set to null.</exception>
    public TRule Rule
    {
        get => _optimizer.Rule;
        set => _optimizer.Rule = value;
    }

    /// <summary>The parameter groups, in the order of the rules that it was made with.</summary>
    public IReadOnlyList<ParameterGroup<TRule>> Groups => _optimizer.Groups;

    /// <summary>What a step multiplies every gradient by, after they were added up; see
    /// <see cref="Optimizer{TRule}.GradientScale"/>. All ranks set it alike.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a number that is not finite.</exception>
    public float GradientScale
    {
        get => _optimizer.GradientScale;
        set => _optimizer.GradientScale = value;
    }

    /// <summary>What happens where an element of the sum of gradients is not finite. All ranks set it alike.</summary>
    public NonFinitePolicy NonFinite
    {
        get => _optimizer.NonFinite;
        set => _optimizer.NonFinite = value;
    }

    /// <summary>The Euclidean norm of the last step's gradients, over all tensors and ranks; see
    /// <see cref="Optimizer{TRule}.GradientNorm"/>.</summary>
    public double? GradientNorm => _optimizer.GradientNorm;

    /// <summary>Steps that all ranks skipped.</summary>
    public long SkippedSteps => _optimizer.SkippedSteps;

    /// <summary>Whether all ranks skipped the last step.</summary>
    public bool LastStepSkipped => _optimizer.LastStepSkipped;

    /// <summary>Elements, of those that this rank keeps states of, that were skipped in all steps.</summary>
    public long SkippedElements => _optimizer.SkippedElements;

    /// <summary>Steps that were taken.</summary>
    public int StepCount { get; private set; }

    /// <summary>Memory of the states that this rank keeps, in bytes.</summary>
    public long StateBytes => _states.Sum(state => state.StateBytes);

    /// <summary>Memory of the buffers that gradients come into, in bytes.</summary>
    public long ScratchBytes => _exchange.ScratchBytes;

    /// <summary>Elements that this rank keeps states of, tensor by tensor.</summary>
    public IEnumerable<(string Name, long Start, long Length)> Shard => _plan.Pieces
        .Where(piece => piece.Rank == Ranks.Rank)
        .Select(piece => (Parameters[piece.Tensor].Name, piece.Start, piece.Length));

    /// <summary>Takes a step: adds up the gradients of all ranks, updates this rank's part, and takes the others' new
    /// parameters. All ranks wait for each other.</summary>
    /// <param name="updates">One for each of <see cref="Parameters"/>, in their order; on all ranks of the same types.
    /// A tensor that no rank has a gradient of takes no step.</param>
    /// <exception cref="NotFiniteNumberException">As of
    /// <see cref="Optimizer{TRule}.Step(ReadOnlySpan{TensorUpdate})"/>, on all ranks.</exception>
    /// <exception cref="ArgumentException">There is not one update for each parameter, or an address of a parameter is
    /// 0. The other ranks wait until this one ends.</exception>
    /// <exception cref="InvalidOperationException">Another rank cannot take the step, or would take it with other
    /// numbers; no rank has taken it.</exception>
    /// <exception cref="CommunicationException">Another rank is gone.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Step(params ReadOnlySpan<ShardedUpdate> updates)
    {
        Require(updates);
        int count = 0;
        _optimizer.Core.Enter();
        try
        {
            _exchange.ReduceGradients(updates, $"gradients of step {StepCount + 1}");
            for (int own = 0; own < _exchange.Own.Length; own++)
            {
                Piece piece = _plan.Pieces[_exchange.Own[own]];
                ShardedUpdate update = updates[piece.Tensor];
                nint gradient = _exchange.GradientOf(own, updates);
                bool isTaken = gradient != 0 || piece.Length == 0;
                _updateOf[own] = isTaken ? count : -1;
                if (isTaken)
                {
                    _updates[count++] = new TensorUpdate(
                        _states[piece.Tensor],
                        update.Parameter + (nint)(piece.Start * update.ParameterType.Size()), gradient,
                        update.ParameterType, update.GradientType);
                }
            }

            GradientMeasure? measure = Agree(updates, count);
            _optimizer.Core.Take(measure, stream: 0);
        }
        finally
        {
            _optimizer.Core.Leave();
        }

        StepCount++;
        if (!LastStepSkipped)
        {
            _exchange.ReturnParameters(updates, $"parameters of step {StepCount}");
        }
    }

    /// <summary>Saves the states of all ranks into one file, byte for byte that of one process; rank 0 writes it, the
    /// others send it their states, some at a time. See <see cref="Optimizer{TRule}.Save"/>. All ranks wait for each
    /// other.</summary>
    /// <param name="path">The file, in a folder that exists on rank 0; an old one is replaced.</param>
    /// <exception cref="IOException">The file cannot be written; the old one is unchanged. On all ranks.</exception>
    /// <exception cref="CommunicationException">Another rank is gone.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Save(path, _optimizer.CheckpointParameters(), _optimizer.CheckpointGroups());
    }

    /// <summary>The same with what a library over this one says of parameters and groups.</summary>
    internal void Save(string path, CheckpointParameter[] parameters, IReadOnlyList<CheckpointGroup> groups) =>
        _optimizer.Core.Exclusively(() =>
            new ShardedSave<TRule>(Ranks, _plan, _optimizer, parameters, groups).Write(path));

    /// <summary>Loads what <see cref="Save(string)"/> wrote, or <see cref="Optimizer{TRule}.Save"/>, with any number of
    /// ranks; see <see cref="Optimizer{TRule}.Load"/>. Each rank reads the file itself. All ranks wait for each
    /// other.</summary>
    /// <param name="path">The file, which every rank can read.</param>
    /// <param name="options">What may be converted on the way; nothing when null.</param>
    /// <exception cref="CheckpointException">The file is damaged, or does not fit, on this rank or on another one; no
    /// rank has changed anything.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="CommunicationException">Another rank is gone.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Load(string path, LoadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _optimizer.Core.Exclusively(() => _optimizer.Commit(
            ShardedLoad.Read(Ranks, _optimizer, _optimizer.CheckpointParameters(), path, options)));
        CountSteps();
    }

    /// <summary>The same with what a library over this one says of parameters, and does with groups.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parameters">All parameters.</param>
    /// <param name="options">What may be converted on the way.</param>
    /// <param name="check">Throws where the groups of the file do not fit.</param>
    /// <returns>What was read and is in place, but for groups and the seed.</returns>
    internal CheckpointLoad Load(
        string path, CheckpointParameter[] parameters, LoadOptions? options, Action<CheckpointLoad> check)
    {
        CheckpointLoad? load = null;
        _optimizer.Core.Exclusively(() =>
        {
            load = ShardedLoad.Read(Ranks, _optimizer, parameters, path, options, check);
            load.Commit();
        });
        CountSteps();
        return load!;
    }

    /// <summary>This rank's parts of all parameters; of those that it has nothing of, parts without elements.</summary>
    internal IReadOnlyList<ParameterState> States => _states;

    /// <summary>Seed of stochastic rounding; all ranks set it alike.</summary>
    internal ulong RoundingSeed
    {
        get => _optimizer.RoundingSeed;
        set => _optimizer.RoundingSeed = value;
    }

    /// <summary>Frees the states and buffers of this rank; does not wait for others.</summary>
    /// <exception cref="InvalidOperationException">Another thread's step is under way; nothing was freed.</exception>
    public void Dispose()
    {
        _optimizer.Dispose();
        _exchange.Dispose();
        _agreement.Dispose();
    }

    private static void Require(
        IReadOnlyList<TRule> rules, IReadOnlyList<ShardedParameter> parameters, OptimizerOptions options)
    {
        if (options.Device != Device.Cpu)
        {
            throw new NotSupportedException(
                "States are sharded in host memory; leave OptimizerOptions.Device at Device.Cpu.");
        }

        if (rules.Count == 0)
        {
            throw new ArgumentException("There is no group; pass the rule of at least one.", nameof(rules));
        }

        ShardedParameter? other = parameters.FirstOrDefault(one => one.Group < 0 || one.Group >= rules.Count);
        if (other is not null)
        {
            throw new ArgumentException(
                $"Parameter '{other.Name}' is in group {other.Group}, and there are {rules.Count}; count them from 0.",
                nameof(parameters));
        }
    }

    private static List<string> Describe(
        IReadOnlyList<TRule> rules, IReadOnlyList<ShardedParameter> parameters, OptimizerOptions options,
        ShardingOptions sharding, int blockSize)
    {
        RuleInfo info = RuleInfo.Of<TRule>();
        string version = typeof(ShardedParameter).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        List<string> lines =
        [
            $"version {version} of Requant.Distributed",
            $"rule {info.Name} with hash {info.Hash}",
            $"BlockSize = {blockSize}",
            $"MinQuantizedLength = {options.MinQuantizedLength}",
            $"KeepFloat32 = [{string.Join(", ", options.KeepFloat32.Order(StringComparer.Ordinal))}]",
            $"Codecs = {options.Codecs}",
            $"StateRounding = {options.StateRounding?.ToString() ?? "null"}",
            $"Rounding = {options.Rounding}",
            $"RoundingSeed = {options.RoundingSeed}",
            $"MasterWeights = {options.MasterWeights}",
            $"NonFinite = {options.NonFinite}",
            $"MaxGradientNorm = {options.MaxGradientNorm?.ToString("R", null) ?? "null"}",
            $"Reduction = {sharding.Reduction}",
            $"BucketBytes = {sharding.BucketBytes}",
            $"{rules.Count} parameter groups",
        ];
        lines.AddRange(rules.Select((rule, group) => $"group {group} with {rule}"));
        lines.Add($"{parameters.Count} parameters");
        lines.AddRange(parameters.Select((one, index) =>
            $"parameter {index} '{one.Name}' of [{string.Join(", ", one.Shape)}] in group {one.Group}"
            + (one.KeepFloat32 ? " with states in float32" : "")));
        return lines;
    }

    private ParameterState Add(ShardedParameter parameter, int tensor)
    {
        (long Start, long Length)? part = (0, 0);
        foreach (Piece piece in _plan.OfTensor(tensor))
        {
            if (piece.Rank == Ranks.Rank)
            {
                part = piece.Length == parameter.Length ? null : (piece.Start, piece.Length);
            }
        }

        foreach (long dimension in parameter.Shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dimension, $"The shape of '{parameter.Name}'");
        }

        return _optimizer.Core.Add(
            parameter.Name, parameter.Length, [.. parameter.Shape], Groups[parameter.Group], allocator: null,
            parameter.KeepFloat32, part);
    }

    private void CountSteps() => StepCount = _states.Select(state => state.Step).DefaultIfEmpty().Max();

    private void Require(ReadOnlySpan<ShardedUpdate> updates)
    {
        if (updates.Length != Parameters.Count)
        {
            throw new ArgumentException(
                $"There are {updates.Length} updates and {Parameters.Count} parameters; pass one for each, in their "
                + "order.", nameof(updates));
        }

        for (int tensor = 0; tensor < updates.Length; tensor++)
        {
            ElementTypes.Require(updates[tensor].ParameterType, Parameters[tensor].Name, nameof(updates));
            ElementTypes.Require(updates[tensor].GradientType, Parameters[tensor].Name, nameof(updates));
            if (updates[tensor].Parameter == 0 && Parameters[tensor].Length > 0)
            {
                throw new ArgumentException(
                    $"The address of parameter '{Parameters[tensor].Name}' is 0; pass its "
                    + $"{Parameters[tensor].Length} contiguous elements.", nameof(updates));
            }
        }
    }

    /// <summary>Plans the step on this rank, and has all ranks take it or none.</summary>
    private GradientMeasure? Agree(ReadOnlySpan<ShardedUpdate> updates, int count)
    {
        string activity = $"agreeing on step {StepCount + 1}";
        Exception? refusal = null;
        long others = 0;
        var executor = (CpuExecutor<TRule>)_optimizer.Executor;
        bool measures = _optimizer.Core.Measures;
        try
        {
            _optimizer.Core.Begin(_updates.AsSpan(0, count));
            if (measures)
            {
                _sums = _sums.Length < count ? new double[_updates.Length] : _sums;
                others = _optimizer.Core.Measure(_sums.AsSpan(0, count), stream: 0);
            }
        }
#pragma warning disable CA1031 // Whatever it is, the other ranks must hear of it, and this one throws it then.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            refusal = exception;
        }

        if (measures)
        {
            _agreement.SetSums(_exchange.Own, Squares, activity);
        }

        GradientMeasure measure = _agreement.Agree(refusal, Fingerprint(updates), others, activity);
        return measures ? measure : null;

        ReadOnlySpan<double> Squares(int own)
        {
            int update = refusal is null ? _updateOf[own] : -1;
            return update < 0 ? []
                : _plan.OfTensor(_plan.Pieces[_exchange.Own[own]].Tensor).Length == 1 ? _sums.AsSpan(update, 1)
                : executor.SquaresOf(_optimizer.Core.Planned, update);
        }
    }

    /// <summary>Of what the step depends on beside tensors.</summary>
    private ulong Fingerprint(ReadOnlySpan<ShardedUpdate> updates)
    {
        var hash = new XxHash3();
        void Add(double value) => hash.Append(MemoryMarshal.AsBytes(new ReadOnlySpan<double>(in value)));
        Add(StepCount);
        Add(GradientScale);
        Add((double)NonFinite);
        hash.Append(BitConverter.GetBytes(_optimizer.RoundingSeed));
        foreach (ParameterGroup<TRule> group in Groups)
        {
            Add(group.Maximize ? 1 : 0);
            for (int i = 0; i < RuleInfo.Of<TRule>().Hyperparameters.Count; i++)
            {
                Add(group.Rule.GetHyperparameter(i));
            }
        }

        foreach (ref readonly ShardedUpdate update in updates)
        {
            Add(((int)update.ParameterType * 16) + (int)update.GradientType);
        }

        return hash.GetCurrentHashAsUInt64();
    }
}
