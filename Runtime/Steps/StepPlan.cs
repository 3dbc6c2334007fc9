using Requant.CompilerServices;
using Requant.Numerics;
using Requant.States;

namespace Requant.Steps;

/// <summary>One step: its tensors, what the host computes for each, and what every backend does alike. Executors run
/// kernels over it.</summary>
/// <typeparam name="TRule">The generated rule.</typeparam>
internal sealed unsafe class StepPlan<TRule>(StepSettings settings) : IDisposable
    where TRule : IOptimizerRule<TRule>
{
    private readonly RuleInfo _info = RuleInfo.Of<TRule>();
    private readonly int _uniformCount = RuleInfo.Of<TRule>().UniformCount;
    private readonly int _reductionCount = RuleInfo.Of<TRule>().Reductions.Count;
    private readonly bool _hasTensorStates = RuleInfo.Of<TRule>().TensorStates.Count > 0;
    private readonly bool _usesKeys = settings.RoundsStochastically(RuleInfo.Of<TRule>().States);
    private PlannedTensor<TRule>[] _tensors = [];
    private NativeBuffer _rows = new(0);

    /// <summary>Tensors of the step.</summary>
    public int Count { get; private set; }

    /// <summary>Whether elements that are not finite are updated like others.</summary>
    public bool PropagatesNonFinite { get; private set; }

    /// <summary>Whether the step is of the same tensors as the one that was planned before it, with the same kernels
    /// for each: only values differ.</summary>
    public bool IsRepetition { get; private set; }

    /// <summary>A tensor of the step, in the order in which they were added.</summary>
    public ref readonly PlannedTensor<TRule> this[int tensor] => ref _tensors[tensor];

    /// <summary>Begins another step.</summary>
    /// <param name="count">Its tensors.</param>
    /// <param name="policy">What happens to elements that are not finite.</param>
    public void Begin(int count, NonFinitePolicy policy)
    {
        Count = 0;
        IsRepetition = false;
        PropagatesNonFinite = policy == NonFinitePolicy.Propagate;
        if (_tensors.Length < count)
        {
            _tensors = new PlannedTensor<TRule>[Math.Max(count, 2 * _tensors.Length)];
        }

        NativeBuffer.Reserve(ref _rows, (long)count * RowLength * sizeof(float));
    }

    /// <summary>Adds a tensor and computes its values.</summary>
    /// <param name="update">Checked by the caller.</param>
    /// <param name="group">The tensor's.</param>
    /// <param name="gradientScale">What gradients are multiplied by.</param>
    /// <param name="roundingSeed">Of stochastic rounding.</param>
    /// <exception cref="InvalidOperationException">There is no further number for its step.</exception>
    /// <exception cref="NotFiniteNumberException">A value is not finite.</exception>
    public void Add(in TensorUpdate update, ParameterGroup<TRule> group, float gradientScale, ulong roundingSeed)
    {
        _tensors[Count] = new PlannedTensor<TRule>
        {
            State = update.State,
            Group = group,
            Rule = group.Rule,
            Parameter = update.Parameter,
            Gradient = update.Gradient,
            ParameterType = update.ParameterType,
            GradientType = update.GradientType,
            Format = update.State.IsQuantized
                ? new StateFormat(settings.Codecs, settings.StateRounding)
                : StateFormat.Float32,
            Storage = update.ParameterType == ElementType.BFloat16 ? settings.Storage : ParameterStorage.Nearest,
        };
        Count++;
        Plan(Count - 1, gradientScale, roundingSeed);
    }

    /// <summary>Says that a tensor's elements, and its gradient's, are elsewhere now.</summary>
    public void Move(int tensor, nint parameter, nint gradient) =>
        (_tensors[tensor].Parameter, _tensors[tensor].Gradient) = (parameter, gradient);

    /// <summary>Says that nothing of a tensor is updated.</summary>
    public void Skip(int tensor) => _tensors[tensor].IsSkipped = true;

    /// <summary>Plans the next step of the same tensors.</summary>
    /// <param name="gradientScale">What gradients are multiplied by.</param>
    /// <param name="roundingSeed">Of stochastic rounding.</param>
    public void Again(float gradientScale, ulong roundingSeed)
    {
        bool isRepetition = true;
        IsRepetition = false;
        for (int tensor = 0; tensor < Count; tensor++)
        {
            int variant = _tensors[tensor].Variant;
            bool isScaled = _tensors[tensor].GradientScale != 1f;
            Plan(tensor, gradientScale, roundingSeed);
            isRepetition &=
                variant == _tensors[tensor].Variant && isScaled == (_tensors[tensor].GradientScale != 1f);
        }

        IsRepetition = isRepetition;
    }

    /// <summary>Multiplies gradients by something else than planned.</summary>
    public void Scale(float gradientScale)
    {
        for (int tensor = 0; tensor < Count; tensor++)
        {
            ref float scale = ref _tensors[tensor].GradientScale;
            bool isScaled = scale != 1f;
            scale = Signed(gradientScale, _tensors[tensor].Group);
            IsRepetition &= isScaled == (scale != 1f);
        }
    }

    /// <summary>What a tensor's values and results are: <see cref="Uniforms"/>, then
    /// <see cref="Reductions"/>.</summary>
    public Span<float> Row(int tensor) => new(RowOf(tensor), RowLength);

    /// <summary>A tensor's values that are computed once: float32[<see cref="RuleInfo.UniformCount"/>].</summary>
    public Span<float> Uniforms(int tensor) => new(RowOf(tensor), _uniformCount);

    /// <summary>The address of <see cref="Uniforms"/>.</summary>
    public float* UniformPointer(int tensor) => RowOf(tensor);

    /// <summary>The results of a tensor's reductions: float32[<see cref="RuleInfo.Reductions"/>.Count].</summary>
    public Span<float> Reductions(int tensor) => new(RowOf(tensor) + _uniformCount, _reductionCount);

    /// <summary>Finishes the reductions of a phase of a tensor and computes what becomes known by them.</summary>
    /// <param name="tensor">Number of the tensor.</param>
    /// <param name="phase">The phase that is over.</param>
    /// <param name="partials">float32[reductions, blocks]: the results of its blocks.</param>
    /// <param name="counts">Whether elements that take part were counted; otherwise all do.</param>
    public void FinishPhase(int tensor, int phase, float* partials, bool counts = true)
    {
        ref readonly PlannedTensor<TRule> planned = ref _tensors[tensor];
        Span<float> results = Reductions(tensor);
        for (int i = 0; i < results.Length; i++)
        {
            if (_info.Reductions[i].Phase == phase && _info.Reductions[i].Slot < 0)
            {
                long blocks = planned.State.BlockCount;
                results[i] = _info.Reductions[i].IsCount && !counts
                    ? planned.State.Length
                    : TensorReduction.Finish(_info.Reductions[i].Kind, partials + (i * blocks), blocks);
            }
        }

        ComputeUniforms(tensor, phase + 1);
    }

    /// <summary>Computes what becomes known by a tensor's reductions before a phase.</summary>
    public void ComputeUniforms(int tensor, int phase)
    {
        ref readonly PlannedTensor<TRule> planned = ref _tensors[tensor];
        planned.Rule.ComputeUniforms(
            phase, planned.State.Facts(planned.Step, planned.Unused), planned.State.TensorStates.Values,
            Reductions(tensor), Uniforms(tensor));
    }

    /// <summary>Whether the step is the first to use a state of some tensor, which it is only if the tensor is
    /// updated.</summary>
    public bool IsFirstUse
    {
        get
        {
            bool isFirst = false;
            for (int tensor = 0; tensor < Count; tensor++)
            {
                isFirst |= FirstUsed(_tensors[tensor]) != 0;
            }

            return isFirst;
        }
    }

    /// <summary>Counts the step, which is done.</summary>
    public void Commit()
    {
        for (int tensor = 0; tensor < Count; tensor++)
        {
            ref readonly PlannedTensor<TRule> planned = ref _tensors[tensor];
            planned.State.Commit(
                planned.Step, planned.IsSkipped ? 0 : FirstUsed(planned),
                _hasTensorStates && !planned.IsSkipped ? Uniforms(tensor) : default);
        }
    }

    public void Dispose() => _rows.Dispose();

    /// <summary>The states that a tensor's step is the first to use: bit i for state i.</summary>
    private static int FirstUsed(in PlannedTensor<TRule> planned) => planned.Unused == 0 ? 0
        : planned.Rule.StatesInUse(planned.State.Facts(planned.Step, planned.Unused)) & planned.Unused;

    private static float Signed(float scale, ParameterGroup<TRule> group) => group.Maximize ? -scale : scale;

    private void Plan(int tensor, float gradientScale, ulong roundingSeed)
    {
        ref PlannedTensor<TRule> planned = ref _tensors[tensor];
        planned.Rule = planned.Group.Rule;
        planned.Step = planned.State.NextStep();
        planned.Unused = planned.State.UnusedStates;
        planned.IsSkipped = false;
        planned.GradientScale = Signed(gradientScale, planned.Group);
        if (_usesKeys)
        {
            planned.RoundingKey = RoundingKey.Of(roundingSeed, planned.State.NameHash, planned.Step);
        }

        if (_reductionCount > 0)
        {
            Reductions(tensor).Clear();
        }

        if (tensor > 0 && HasSameValues(planned, _tensors[tensor - 1]))
        {
            planned.Variant = _tensors[tensor - 1].Variant;
            Uniforms(tensor - 1).CopyTo(Uniforms(tensor));
            return;
        }

        planned.Variant = planned.Rule.SelectVariant(planned.State.Facts(planned.Step, planned.Unused));
        HostValues.Compute(
            planned.Rule, planned.State, planned.Step, planned.Variant, Reductions(tensor), Uniforms(tensor));
    }

    /// <summary>Whether two tensors have the same values before the first phase, as most have, being at
    /// the same step.</summary>
    private bool HasSameValues(in PlannedTensor<TRule> one, in PlannedTensor<TRule> other) =>
        !_hasTensorStates
        && (!_info.ReadsShape || one.State.HasShapeOf(other.State))
        && ReferenceEquals(one.Group, other.Group) && one.Step == other.Step && one.Unused == other.Unused;

    private int RowLength => _uniformCount + _reductionCount;

    private float* RowOf(int tensor) => (float*)_rows.Pointer + ((long)tensor * RowLength);
}
