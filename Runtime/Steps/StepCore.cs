using Requant.Codecs;
using Requant.Numerics;
using Requant.States;

namespace Requant.Steps;

/// <summary>The steps of an optimizer, whatever runs its kernels: parameters and their groups, what is decided from all
/// gradients, and the lock.</summary>
/// <typeparam name="TRule">The generated rule.</typeparam>
internal sealed partial class StepCore<TRule>(
    StepSettings settings, IStepExecutor<TRule> executor, IReadOnlySet<string> keepFloat32) : IDisposable
    where TRule : IOptimizerRule<TRule>
{
    private readonly Dictionary<string, ParameterState> _byName = new(StringComparer.Ordinal);
    private readonly List<ParameterState> _parameters = [];
    private readonly List<ParameterGroup<TRule>> _groups = [];
    private readonly StateInfo[] _states = StateStorageChoice.Resolve(
        RuleInfo.Of<TRule>().States, settings.Codecs, settings.StateRounding);
    private StepPlan<TRule> _plan = new(settings);
    private TensorUpdate[] _planned = [];
    private int _plannedCount = -1;
    private double[] _sums = [];
    private NonFinitePolicy _plannedPolicy;
    private long _batch;
    private int _isBusy;

    public IReadOnlyList<ParameterState> Parameters => _parameters;

    public IReadOnlyList<ParameterGroup<TRule>> Groups => _groups;

    /// <summary>What gradients are multiplied by.</summary>
    public float GradientScale { get; set; } = 1f;

    /// <summary>What happens to elements that are not finite.</summary>
    public NonFinitePolicy NonFinite { get; set; }

    public ulong RoundingSeed { get; set; }

    /// <summary>Called before a step writes anything.</summary>
    public Action? Updating { get; set; }

    public double? GradientNorm { get; private set; }

    public long SkippedSteps { get; private set; }

    public bool LastStepSkipped { get; private set; }

    /// <summary>Elements skipped in all steps, and in the last one.</summary>
    public (long All, long Last) Skipped
    {
        get
        {
            (long all, long last) = executor.Skipped;
            return (all, LastStepSkipped ? 0 : last);
        }
    }

    public bool IsDisposed { get; private set; }

    public ParameterGroup<TRule> AddGroup(TRule rule)
    {
        var group = new ParameterGroup<TRule>(this, rule);
        _groups.Add(group);
        return group;
    }

    public int IndexOf(ParameterGroup<TRule> group) => _groups.IndexOf(group);

    public void RemoveGroup(ParameterGroup<TRule> group)
    {
        if (_groups.IndexOf(group) < 1)
        {
            throw new ArgumentException(
                "Only a group that AddGroup of this optimizer returned can be removed.", nameof(group));
        }

        _groups.Remove(group);
        _plannedCount = -1;
        foreach (ParameterState state in group.Parameters)
        {
            _byName.Remove(state.Name);
            _parameters.Remove(state);
            state.Dispose();
        }
    }

    /// <summary>Adds a tensor, or a part of it.</summary>
    /// <param name="name">The tensor's name, which rounding goes by.</param>
    /// <param name="length">Its elements.</param>
    /// <param name="shape">Its dimensions; null where only its length is known.</param>
    /// <param name="group">Its group.</param>
    /// <param name="allocator">Supplies memory; the backend's own when null.</param>
    /// <param name="isFloat32">Whether its states stay in float32.</param>
    /// <param name="part">Elements that there are states of, all of them when null: some blocks of a tensor whose rule
    /// goes element by element, or none of any tensor.</param>
    public ParameterState Add(
        string name, long length, long[]? shape, ParameterGroup<TRule> group, IStateAllocator? allocator,
        bool isFloat32, (long Start, long Length)? part = null)
    {
        RequireAlive();
        if (!_groups.Contains(group))
        {
            throw new ArgumentException(
                $"The group of '{name}' is not one of this optimizer's; pass what its AddGroup returned.",
                nameof(group));
        }

        if (_byName.TryGetValue(name, out ParameterState? present))
        {
            throw new ArgumentException(
                $"There is a parameter '{name}' already, with {present.Length} elements; "
                + "give each parameter a name of its own.", nameof(name));
        }

        RequireSides(name, shape);
        bool byCodec = length >= settings.MinQuantizedLength && !isFloat32 && !keepFloat32.Contains(name);
        (long start, long count) = part ?? (0, length);
        QuantizedState[] states = [.. _states.Select((info, index) =>
            CreateState(info, index, count == length ? LengthOf(info, length, shape) : count, byCodec, allocator))];
        var state = new ParameterState(
            group, name, count, settings.BlockSize, Array.Exists(states, one => one.IsQuantized), states,
            RuleInfo.Of<TRule>().TensorStates, shape, start, length)
        {
            Remainder = settings.Storage == ParameterStorage.Remainder
                ? new Remainder(() => executor.CreateRemainder(count, allocator), count)
                : null,
        };
        try
        {
            group.Add(state);
        }
        catch
        {
            // The next Add must find the memory that this one had taken.
            state.Dispose();
            throw;
        }

        _byName.Add(name, state);
        _parameters.Add(state);
        return state;
    }

    /// <summary>Takes a step.</summary>
    /// <param name="updates">Each state at most once; all are checked before anything is written.</param>
    /// <param name="stream">The stream, where there are some.</param>
    public void Step(ReadOnlySpan<TensorUpdate> updates, nint stream)
    {
        Plan(updates);
        if (executor is IDeviceExecutor<TRule> recorder && recorder.IsCapturing(stream))
        {
            RequireCapturable();
            recorder.Capture(_plan, stream);
            _plan = new StepPlan<TRule>(settings);
            _plannedCount = -1;
            return;
        }

        Take(Measures ? Measured(stream) : null, stream);
    }

    /// <summary>The step that was planned last.</summary>
    public StepPlan<TRule> Planned => _plan;

    /// <summary>Checks and plans a step of which others take parts, on other ranks, and which <see cref="Take"/>
    /// takes.</summary>
    /// <param name="updates">As for <see cref="Step"/>.</param>
    public void Begin(ReadOnlySpan<TensorUpdate> updates) => Plan(updates);

    /// <summary>Takes the step that is planned, or skips it.</summary>
    /// <param name="measure">What all gradients are; null where steps do not depend on it.</param>
    /// <param name="stream">The stream, where there are some.</param>
    public void Take(GradientMeasure? measure, nint stream)
    {
        if (measure is GradientMeasure all && !IsTaken(all))
        {
            return;
        }

        Updating?.Invoke();
        executor.Run(_plan, stream);
        Commit();
    }

    /// <summary>Reads the gradients of the step that is planned.</summary>
    /// <param name="sums">float64[tensors]: as of <see cref="IStepExecutor{TRule}.Measure"/>.</param>
    /// <param name="stream">The stream, where there are some.</param>
    /// <returns>Elements that are not finite.</returns>
    public long Measure(Span<double> sums, nint stream) => executor.Measure(_plan, sums, stream);

    /// <summary>Takes one step of several optimizers: all are checked, and their gradients measured, before the first
    /// one writes anything, and the step is one for all.</summary>
    /// <param name="parts">Optimizers, their streams, and what they update.</param>
    public static void StepTogether(
        IReadOnlyList<(StepCore<TRule> Core, nint Stream, ReadOnlyMemory<TensorUpdate> Updates)> parts)
    {
        StepCore<TRule> first = parts[0].Core;
        foreach ((StepCore<TRule> core, nint stream, ReadOnlyMemory<TensorUpdate> updates) in parts)
        {
            if (core.Decision != first.Decision)
            {
                throw new ArgumentException(
                    "One step is decided in one way, and the optimizers differ in GradientScale, NonFinite or "
                    + "MaxGradientNorm; give all the same.", nameof(parts));
            }

            core.Plan(updates.Span);
            if (core.Executor is IDeviceExecutor<TRule> recorder && recorder.IsCapturing(stream))
            {
                throw new InvalidOperationException(
                    "A stream is being captured, and a graph holds the work of one device: capture a step of each "
                    + "optimizer alone.");
            }
        }

        if (first.Measures && !IsTaken(parts))
        {
            return;
        }

        foreach ((StepCore<TRule> core, _, _) in parts)
        {
            core.Updating?.Invoke();
        }

        foreach ((StepCore<TRule> core, nint stream, _) in parts)
        {
            core.Executor.Run(core._plan, stream);
            core.Commit();
        }
    }

    /// <summary>Reads every gradient once and changes nothing.</summary>
    public GradientMeasure Measure(ReadOnlySpan<TensorUpdate> updates, nint stream)
    {
        if (executor is IDeviceExecutor<TRule> recorder && recorder.IsCapturing(stream))
        {
            throw new InvalidOperationException(
                "The stream is being captured, and a measure is read back to the host, which no graph does: measure "
                + "gradients before the capture or after it.");
        }

        Plan(updates);
        return Measured(stream);
    }

    /// <summary>Prepares one launch of a graph into which a step was recorded, and counts the step.</summary>
    public void PrepareReplay(nint stream)
    {
        if (executor is not IDeviceExecutor<TRule> recorder)
        {
            throw NoCapture();
        }

        StepPlan<TRule> plan = recorder.Captured;
        for (int tensor = 0; tensor < plan.Count; tensor++)
        {
            if (!_groups.Contains(plan[tensor].Group))
            {
                throw new InvalidOperationException(
                    $"The graph was recorded with '{plan[tensor].State.Name}', whose group was removed and its memory "
                    + "freed; capture a step of the parameters that are left, and launch that graph.");
            }
        }

        plan.Again(GradientScale, RoundingSeed);
        recorder.PrepareReplay(stream);
        plan.Commit();
    }

    /// <summary>Runs what must not run during a step, nor a step during it.</summary>
    /// <exception cref="InvalidOperationException">A step is under way.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Exclusively(Action action)
    {
        Enter();
        try
        {
            action();
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Begins what must not run during a step.</summary>
    public void Enter()
    {
        if (Interlocked.Exchange(ref _isBusy, 1) != 0)
        {
            throw new InvalidOperationException(
                "A step of this optimizer is under way; take steps one after another, or in a batch, and dispose "
                + "it afterwards.");
        }

        if (IsDisposed)
        {
            Leave();
            RequireAlive();
        }
    }

    public void RequireAlive()
    {
        if (IsDisposed)
        {
            throw Disposed();
        }
    }

    public void Leave() => Volatile.Write(ref _isBusy, 0);

    public void Dispose()
    {
        if (!IsDisposed)
        {
            Exclusively(() =>
            {
                IsDisposed = true;
                _parameters.ForEach(state => state.Dispose());
                executor.Dispose();
                _plan.Dispose();
            });
        }
    }

    internal static InvalidOperationException NoCapture() => new(
        $"No step of this optimizer of {RuleInfo.Of<TRule>().Name} was captured; take one while the stream is "
        + "being captured.");

    private IStepExecutor<TRule> Executor => executor;

    /// <summary>What decides, from gradients, whether and how a step is taken.</summary>
    private (float GradientScale, NonFinitePolicy NonFinite, float? MaxGradientNorm) Decision =>
        (GradientScale, NonFinite, settings.MaxGradientNorm);

    public bool Measures =>
        settings.MaxGradientNorm is not null || NonFinite is NonFinitePolicy.SkipStep or NonFinitePolicy.Throw;

    private static long LengthOf(StateInfo info, long elements, long[]? shape) => info.Level switch
    {
        StateLevel.Row => shape is { Length: > 1 } ? shape[0] : 1,
        StateLevel.Column => shape is { Length: > 1 } ? ParameterState.Product(shape.AsSpan(1)) : elements,
        _ => elements,
    };

    private QuantizedState CreateState(
        StateInfo info, int index, long length, bool byCodec, IStateAllocator? allocator)
    {
        bool quantized = byCodec && info.Codec != Codec.Float32;
        return new QuantizedState(
            info, settings.BlockSize, length, quantized,
            () => executor.CreateStorage(info, settings.BlockSize, quantized, length, allocator),
            RuleInfo.Of<TRule>().States[index].Codec.IsUnsigned());
    }

    private void Plan(ReadOnlySpan<TensorUpdate> updates)
    {
        bool isAgain = IsPlanned(updates);

        // A step that fails is not one to go on from.
        _plannedCount = -1;
        if (isAgain)
        {
            _plan.Again(GradientScale, RoundingSeed);
        }
        else
        {
            PlanAnew(updates);
        }
    }

    /// <summary>Counts the step, which is done.</summary>
    private void Commit()
    {
        _plan.Commit();
        LastStepSkipped = false;
        _plannedCount = _plan.Count;
    }

    /// <summary>Whether the step is of the tensors of the last one, at the same places: then all that is to be checked
    /// was.</summary>
    private bool IsPlanned(ReadOnlySpan<TensorUpdate> updates)
    {
        if (updates.Length != _plannedCount || NonFinite != _plannedPolicy)
        {
            return false;
        }

        for (int i = 0; i < updates.Length; i++)
        {
            ref readonly TensorUpdate one = ref updates[i];
            ref readonly TensorUpdate other = ref _planned[i];
            if (!ReferenceEquals(one.State, other.State) || one.Parameter != other.Parameter
                || one.Gradient != other.Gradient || one.ParameterType != other.ParameterType
                || one.GradientType != other.GradientType)
            {
                return false;
            }
        }

        return true;
    }

    private void PlanAnew(ReadOnlySpan<TensorUpdate> updates)
    {
        _batch++;
        foreach (ref readonly TensorUpdate update in updates)
        {
            Require(update);
        }

        _plan.Begin(updates.Length, NonFinite);
        foreach (ref readonly TensorUpdate update in updates)
        {
            if (update.ParameterType == ElementType.BFloat16)
            {
                update.State.Remainder?.Allocate();
            }

            _plan.Add(update, (ParameterGroup<TRule>)update.State.Owner, GradientScale, RoundingSeed);
        }

        if (_planned.Length < updates.Length)
        {
            _planned = new TensorUpdate[updates.Length];
        }

        updates.CopyTo(_planned);
        _plannedPolicy = NonFinite;
    }

    private static ObjectDisposedException Disposed() => new($"Optimizer<{RuleInfo.Of<TRule>().Name}>");

    private static bool IsTaken(
        IReadOnlyList<(StepCore<TRule> Core, nint Stream, ReadOnlyMemory<TensorUpdate> Updates)> parts)
    {
        GradientMeasure measure = default;
        foreach ((StepCore<TRule> core, nint stream, _) in parts)
        {
            measure += core.Measured(stream);
        }

        bool isTaken = true;
        foreach ((StepCore<TRule> core, _, _) in parts)
        {
            isTaken &= core.IsTaken(measure);
        }

        return isTaken;
    }

    /// <summary>Reads the gradients of the step that is planned.</summary>
    private GradientMeasure Measured(nint stream)
    {
        if (_sums.Length < _plan.Count)
        {
            _sums = new double[Math.Max(_plan.Count, 2 * _sums.Length)];
        }

        Span<double> sums = _sums.AsSpan(0, _plan.Count);
        long others = executor.Measure(_plan, sums, stream);
        GradientMeasure measure = new(0, others, null);
        for (int tensor = 0; tensor < sums.Length; tensor++)
        {
            measure = measure.With(sums[tensor], _plan[tensor].State.Name);
        }

        return measure;
    }

    /// <summary>Keeps what was measured and decides on the step.</summary>
    /// <exception cref="NotFiniteNumberException">The policy is to throw, and elements are not finite.</exception>
    private bool IsTaken(in GradientMeasure measure)
    {
        // A step that is refused was measured as others are.
        GradientNorm = measure.Norm;
        LastStepSkipped = !measure.Allows(NonFinite);
        SkippedSteps += LastStepSkipped ? 1 : 0;
        _plan.Scale(measure.ClippingScale(GradientScale, settings.MaxGradientNorm));
        return !LastStepSkipped;
    }
}
