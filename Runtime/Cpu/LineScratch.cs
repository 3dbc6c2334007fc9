using Requant.CompilerServices;
using Requant.States;
using Requant.Steps;

namespace Requant.Cpu;

/// <summary>The values of rows and columns of the tensors of a step, and what computes them between passes over the
/// elements.</summary>
/// <typeparam name="TRule">The generated rule.</typeparam>
/// <param name="queue">Runs it.</param>
internal sealed unsafe class LineScratch<TRule>(BlockWorkQueue queue) : ILineWork, IDisposable
    where TRule : IOptimizerRule<TRule>
{
    private readonly RuleInfo _info = RuleInfo.Of<TRule>();
    private readonly LineKernel?[] _kernels =
        new LineKernel?[2 * RuleInfo.Of<TRule>().VariantCount * RuleInfo.Of<TRule>().PhaseCount];

    /// <summary>For each state of rows or columns whether another one takes its old value, which is copied: it may be
    /// overwritten first.</summary>
    private readonly bool[] _isHanded = RuleInfo.Of<TRule>().FindHandedStates();
    private NativeBuffer _values = new(0);
    private NativeBuffer _pointers = new(0);

    /// <summary>What <see cref="Run(long, long)"/> works on: the results of a reduction, or where there is one, a
    /// kernel.</summary>
    private KernelArguments _tensor;

    private LineKernel? _kernel;
    private int _reduction;

    private int PointerCount =>
        _info.RowValues.Count + _info.ColumnValues.Count + _info.Matrices.Count + _info.Reductions.Count;

    /// <summary>Whether a phase takes sums of columns from the elements.</summary>
    public bool IsBanded(int phase)
    {
        bool isBanded = false;
        for (int i = 0; i < _info.Reductions.Count; i++)
        {
            isBanded |= _info.Reductions[i].Phase == phase && _info.Reductions[i].Into == StateLevel.Column;
        }

        return isBanded;
    }

    /// <summary>Gives the tensors of a batch memory for their values.</summary>
    /// <param name="plan">The step.</param>
    /// <param name="batch">Numbers of its tensors.</param>
    /// <param name="tensors">What their kernels see.</param>
    public void Prepare(StepPlan<TRule> plan, ReadOnlySpan<int> batch, TensorWork[] tensors)
    {
        long floats = 0;
        foreach (int tensor in batch)
        {
            floats += _info.NeedsLines(plan[tensor].Variant) ? FloatsOf(plan[tensor].State) : 0;
        }

        NativeBuffer.Reserve(ref _values, floats * sizeof(float));
        NativeBuffer.Reserve(ref _pointers, (long)batch.Length * PointerCount * sizeof(float*));
        float* free = (float*)_values.Pointer;
        float** pointers = (float**)_pointers.Pointer;
        for (int i = 0; i < batch.Length; i++, pointers += PointerCount)
        {
            if (_info.NeedsLines(plan[batch[i]].Variant))
            {
                Place(ref tensors[i].Arguments, plan[batch[i]].State, pointers, ref free);
            }
        }
    }

    /// <summary>Finishes what a phase has reduced into or from rows and columns.</summary>
    /// <param name="tensor">What kernels of the tensor see.</param>
    /// <param name="phase">The phase that is over.</param>
    /// <param name="results">float32[reductions]: takes those of lines.</param>
    public void Finish(in KernelArguments tensor, int phase, Span<float> results)
    {
        for (int i = 0; i < _info.Reductions.Count; i++)
        {
            ReductionInfo reduction = _info.Reductions[i];
            if (reduction.Phase != phase)
            {
                continue;
            }

            if (reduction.Over != StateLevel.Element)
            {
                float* terms = Values(tensor, reduction.Over)[reduction.Slot];

                // A state has no memory where the variant does without it, and without what is reduced of it.
                results[i] =
                    terms is null ? 0f : TensorReduction.Of(reduction.Kind, terms, Count(tensor.Lines, reduction.Over));
            }
            else if (reduction.Into != StateLevel.Tensor && reduction.IsCount && !tensor.Counts)
            {
                long others = reduction.Into == StateLevel.Row ? tensor.Lines.Columns : tensor.Lines.Rows;
                for (long line = 0; line < Count(tensor.Lines, reduction.Into); line++)
                {
                    Values(tensor, reduction.Into)[reduction.Slot][line] = others;
                }
            }
            else if (reduction.Into != StateLevel.Tensor)
            {
                (_tensor, _kernel, _reduction) = (tensor, null, i);
                queue.Run(this, Count(tensor.Lines, reduction.Into));
            }
        }
    }

    /// <summary>Computes the values that become known with a phase.</summary>
    public void Compute(in KernelArguments tensor, int variant, int phase)
    {
        Run(tensor, Kernel(variant, phase, StateLevel.Row), tensor.Lines.Rows);
        Run(tensor, Kernel(variant, phase, StateLevel.Column), tensor.Lines.Columns);
    }

    public void Run(long first, long end)
    {
        if (_kernel is not null)
        {
            _kernel(_tensor, first, end);
        }
        else if (_info.Reductions[_reduction].Into == StateLevel.Row)
        {
            FinishRows(first, end);
        }
        else
        {
            FinishColumns(first, end);
        }
    }

    /// <summary>Whether all new values of row and column states are finite.</summary>
    public bool AreStatesFinite(in KernelArguments tensor, int variant)
    {
        bool areFinite = true;
        for (int state = _info.ElementStates; state < _info.States.Count; state++)
        {
            areFinite &= !IsWritten(variant, state)
                || AreFinite(NewValue(tensor, state), Count(tensor.Lines, _info.States[state].Level));
        }

        return areFinite;
    }

    /// <summary>Keeps the new values of row and column states.</summary>
    public void Commit(in KernelArguments tensor, ParameterState parameter, int variant)
    {
        for (int state = _info.ElementStates; state < _info.States.Count; state++)
        {
            if (IsWritten(variant, state))
            {
                long bytes = Count(tensor.Lines, _info.States[state].Level) * sizeof(float);
                Buffer.MemoryCopy(NewValue(tensor, state), Memory(parameter, state), bytes, bytes);
            }
        }
    }

    public void Dispose()
    {
        _values.Dispose();
        _pointers.Dispose();
    }

    private static bool AreFinite(float* values, long count)
    {
        bool areFinite = true;
        for (long first = 0; first < count; first += int.MaxValue)
        {
            areFinite &= Gradients.AllFinite(ref values[first], (int)Math.Min(int.MaxValue, count - first));
        }

        return areFinite;
    }

    private bool IsWritten(int variant, int state) =>
        (_info.LineStatesWritten[variant] & (1 << (state - _info.ElementStates))) != 0;

    private float* NewValue(in KernelArguments tensor, int state) =>
        Values(tensor, _info.States[state].Level)[_info.States[state].NewValue];

    private static float* Memory(ParameterState parameter, int state) => parameter.States[state].IsAllocated
        ? ((HostStateStorage)parameter.States[state].Storage).Pointers.Values
        : null;

    private static float** Values(in KernelArguments tensor, StateLevel level) =>
        level == StateLevel.Row ? tensor.Lines.RowValues : tensor.Lines.ColumnValues;

    private static long Count(in LineMemory lines, StateLevel level) =>
        level == StateLevel.Row ? lines.Rows : lines.Columns;

    private static LineMemory Shape(ParameterState state) => new() { Rows = state.Rows, Columns = state.Columns };

    private static long PartialsOf(ReductionInfo reduction, in LineMemory lines, long blocks) => reduction.Into switch
    {
        StateLevel.Row => blocks + lines.Rows,
        StateLevel.Column => lines.Bands * lines.Columns,
        _ => 0,
    };

    private long FloatsOf(ParameterState state)
    {
        LineMemory lines = Shape(state);
        long floats = 0;
        for (int i = 0; i < _info.RowValues.Count; i++)
        {
            floats += IsInScratch(_info.RowValues[i].State) ? lines.Rows : 0;
        }

        for (int i = 0; i < _info.ColumnValues.Count; i++)
        {
            floats += IsInScratch(_info.ColumnValues[i].State) ? lines.Columns : 0;
        }

        for (int i = 0; i < _info.Reductions.Count; i++)
        {
            floats += PartialsOf(_info.Reductions[i], lines, state.BlockCount);
        }

        return floats;
    }

    private void Place(ref KernelArguments arguments, ParameterState state, float** pointers, ref float* free)
    {
        LineMemory lines = Shape(state);
        lines.RowValues = pointers;
        lines.ColumnValues = pointers + _info.RowValues.Count;
        lines.Matrices = lines.ColumnValues + _info.ColumnValues.Count;
        lines.Partials = lines.Matrices + _info.Matrices.Count;
        PlaceValues(_info.RowValues, state, lines.Rows, lines.RowValues, ref free);
        PlaceValues(_info.ColumnValues, state, lines.Columns, lines.ColumnValues, ref free);
        for (int i = 0; i < _info.Reductions.Count; i++)
        {
            lines.Partials[i] = free;
            free += PartialsOf(_info.Reductions[i], lines, state.BlockCount);
        }

        arguments.Lines = lines;
    }

    private static IReadOnlyList<LineValueInfo> ValuesOf(RuleInfo info, StateLevel level) =>
        level == StateLevel.Row ? info.RowValues : info.ColumnValues;

    private bool IsInScratch(int state) => state < 0 || _isHanded[state];

    private void PlaceValues(
        IReadOnlyList<LineValueInfo> values, ParameterState state, long count, float** pointers, ref float* free)
    {
        for (int i = 0; i < values.Count; i++)
        {
            float* memory = values[i].State < 0 ? null : Memory(state, values[i].State);
            if (!IsInScratch(values[i].State))
            {
                pointers[i] = memory;
                continue;
            }

            pointers[i] = free;
            free += count;
            if (memory is not null)
            {
                Buffer.MemoryCopy(memory, pointers[i], count * sizeof(float), count * sizeof(float));
            }
        }
    }

    private void Run(in KernelArguments tensor, LineKernel? kernel, long count)
    {
        if (kernel is not null)
        {
            (_tensor, _kernel) = (tensor, kernel);
            queue.Run(this, count);
        }
    }

    private void FinishRows(long first, long end)
    {
        ReductionInfo reduction = _info.Reductions[_reduction];
        LineMemory lines = _tensor.Lines;
        float* results = lines.RowValues[reduction.Slot];
        for (long row = first; row < end; row++)
        {
            long firstBlock = row * lines.Columns / _tensor.BlockSize;
            long endBlock = BlockSizes.Count((row + 1) * lines.Columns, _tensor.BlockSize);
            results[row] = TensorReduction.Finish(
                reduction.Kind, lines.Partials[_reduction] + firstBlock + row, Math.Max(0, endBlock - firstBlock));
        }
    }

    private void FinishColumns(long first, long end)
    {
        ReductionInfo reduction = _info.Reductions[_reduction];
        LineMemory lines = _tensor.Lines;
        TensorReduction.Finish(
            reduction.Kind, lines.Partials[_reduction] + first, lines.Bands, lines.Columns,
            lines.ColumnValues[reduction.Slot] + first, end - first);
    }

    private LineKernel? Kernel(int variant, int phase, StateLevel level) =>
        _kernels[(((variant * _info.PhaseCount) + phase) * 2) + (level == StateLevel.Row ? 0 : 1)]
            ??= TRule.GetLineKernel(variant, phase, level);
}
