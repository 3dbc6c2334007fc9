using Requant.CompilerServices;
using Requant.Steps;

namespace Requant.Devices;

/// <summary>Launches the kernels of rules that see rows, columns or matrices: in each phase those that finish the last
/// one's reductions, those over rows and columns, what is made of matrices, then those over elements.</summary>
/// <typeparam name="TRule">The generated rule.</typeparam>
internal sealed class DeviceLineLauncher<TRule> : IDisposable
    where TRule : IOptimizerRule<TRule>
{
    private static readonly StateLevel[] Levels = [StateLevel.Row, StateLevel.Column];

    private readonly RuleInfo _info = RuleInfo.Of<TRule>();
    private readonly IKernelDevice _device;
    private readonly DeviceLauncher?[] _finishes;
    private readonly Dictionary<LaunchKey, Kernels[]> _kernels = [];
    private readonly Dictionary<(int Variant, int Phase, StateLevel Level), DeviceLauncher?> _lineKernels = [];
    private readonly DeviceOrthogonalization _matrices;
    private DeviceLauncher? _finishRows;
    private DeviceLauncher? _finishColumns;
    private DeviceLauncher? _check;
    private DeviceLauncher? _commit;
    private DeviceLauncher? _fold;

    /// <param name="device">The device.</param>
    /// <param name="finishes">For each phase but the last, what computes the results that are one value; null where
    /// there are none.</param>
    public DeviceLineLauncher(IKernelDevice device, DeviceLauncher?[] finishes)
    {
        _device = device;
        _finishes = finishes;
        _matrices = new DeviceOrthogonalization(device);
    }

    /// <summary>Positions of what it keeps, and their names, for measurements.</summary>
    public IEnumerable<(string Name, long Position)> Memory => _matrices.Memory;

    /// <summary>Whether all kernels of a group are there.</summary>
    public bool Has(LaunchKey key) => _kernels.ContainsKey(key);

    /// <summary>Whether there is memory for a step's matrices.</summary>
    public bool IsCapacityFor(StepPlan<TRule> plan)
    {
        bool isCapacity = true;
        for (int tensor = 0; tensor < plan.Count; tensor++)
        {
            isCapacity &= !_info.HasMatrices(plan[tensor].Variant) || _matrices.IsCapacityFor(plan[tensor].State);
        }

        return isCapacity;
    }

    /// <summary>Loads the kernels of a step, and makes room for its matrices.</summary>
    public void Prepare(DeviceBatch<TRule> batch)
    {
        _finishRows ??= _device.LoadOwn(DeviceOwnKernel.FinishRows);
        _finishColumns ??= _device.LoadOwn(DeviceOwnKernel.FinishColumns);
        _check ??= _device.LoadOwn(DeviceOwnKernel.CheckStates);
        _commit ??= _device.LoadOwn(DeviceOwnKernel.CommitStates);
        foreach (TensorTable.Group group in batch.Groups)
        {
            if (group.Windows > 0)
            {
                _fold ??= _device.LoadFold(isOfSquares: false);
            }

            if (!_kernels.ContainsKey(group.Key))
            {
                _kernels.Add(
                    group.Key, [.. Enumerable.Range(0, _info.PhaseCount).Select(phase => Load(group.Key, phase))]);
            }

            if (group.IsAlone)
            {
                _matrices.Prepare(batch.StateOf(group.FirstRow));
            }
        }
    }

    /// <summary>Takes a step: of all tensors together, but of those with matrices one by one.</summary>
    /// <param name="batch">The step, which is on the device.</param>
    /// <param name="skipped">Position of the number of skipped elements.</param>
    public void Launch(DeviceBatch<TRule> batch, long skipped)
    {
        batch.Lines!.BeginStep();
        Launch(batch, [.. batch.Groups.Where(group => !group.IsAlone)], skipped);
        foreach (TensorTable.Group group in batch.Groups.Where(group => group.IsAlone))
        {
            Launch(batch, [group], skipped);
        }
    }

    public void Dispose() => _matrices.Dispose();

    private Kernels Load(LaunchKey key, int phase)
    {
        foreach (StateLevel level in Levels)
        {
            _lineKernels.TryAdd((key.Variant, phase, level), _device.LoadLineKernel<TRule>(key.Variant, phase, level));
        }

        return new Kernels(
            _device.Load<TRule>(key, phase), _device.Load<TRule>(key, phase, StateLevel.Row),
            _device.Load<TRule>(key, phase, StateLevel.Column));
    }

    private void Launch(DeviceBatch<TRule> batch, TensorTable.Group[] groups, long skipped)
    {
        for (int phase = 0; phase < _info.PhaseCount && groups.Length > 0; phase++)
        {
            if (phase > 0)
            {
                Finish(batch, groups, phase - 1);
            }

            foreach (TensorTable.Group group in groups)
            {
                if (_info.NeedsLines(group.Key.Variant))
                {
                    Compute(batch, group, phase);
                }

                LaunchElements(batch, group, phase, skipped);
            }
        }

        foreach (TensorTable.Group group in groups)
        {
            ForStates(batch, group, _commit!);
        }
    }

    /// <summary>What comes before the elements of a phase.</summary>
    private void Compute(DeviceBatch<TRule> batch, TensorTable.Group group, int phase)
    {
        foreach (StateLevel level in Levels)
        {
            if (_lineKernels[(group.Key.Variant, phase, level)] is DeviceLauncher compute)
            {
                LaunchLines(
                    batch, group, compute, EndOf(level), _device.GroupSize, batch.Describe(group, group.AllRows));
            }
        }

        for (int matrix = 0; group.IsAlone && matrix < _info.Matrices.Count; matrix++)
        {
            MatrixInfo info = _info.Matrices[matrix];
            if (info.Phase == phase && (info.Variants & (1 << group.Key.Variant)) != 0)
            {
                _matrices.Run(
                    batch.StateOf(group.FirstRow), batch.Lines!.Matrix(batch.StateOf(group.FirstRow), matrix),
                    (int)batch.Uniform(group.FirstRow, info.Steps),
                    batch.ResultPosition(group.FirstRow, info.Norm),
                    batch.Plan!.PropagatesNonFinite ? 0 : batch.Lines!.SkipPosition(group.FirstRow));
            }
        }

        if (phase == _info.PhaseCount - 1 && !batch.Plan!.PropagatesNonFinite)
        {
            ForStates(batch, group, _check!);
        }
    }

    private void LaunchElements(DeviceBatch<TRule> batch, TensorTable.Group group, int phase, long skipped)
    {
        if (group.BlockCount == 0)
        {
            return;
        }

        int warps = _device.GroupSize / DeviceGrid.WarpSize;
        LaunchParameters launch = batch.Describe(group, group.RowCount) with { Skipped = skipped };
        Kernels kernels = _kernels[group.Key][phase];
        long groups = (group.BlockCount + warps - 1) / warps;
        kernels.Blocks?.Invoke(groups, launch);
        kernels.Rows?.Invoke(groups, launch);
        if (kernels.Columns is DeviceLauncher columns)
        {
            LaunchLines(batch, group, columns, DeviceLineField.StripEnd, warps, launch);
        }
    }

    /// <summary>Finishes the reductions of a phase, of rows and columns first: others are of theirs.</summary>
    private void Finish(DeviceBatch<TRule> batch, TensorTable.Group[] groups, int phase)
    {
        foreach (TensorTable.Group group in groups)
        {
            if (_info.NeedsLines(group.Key.Variant))
            {
                FinishLines(batch, group, phase, StateLevel.Row, _finishRows!, _device.GroupSize / DeviceGrid.WarpSize);
                FinishLines(batch, group, phase, StateLevel.Column, _finishColumns!, _device.GroupSize);
            }

            if (_finishes[phase] is DeviceLauncher finish)
            {
                if (group.Windows > 0)
                {
                    _fold!(group.Windows, batch.Describe(group, group.RowCount) with
                    {
                        Table0 = Reductions(phase, StateLevel.Tensor, ReductionKind.Sum, ReductionKind.Norm),
                        Table1 = Reductions(phase, StateLevel.Tensor, ReductionKind.Max),
                    });
                }

                finish(group.AllRows, batch.Describe(group, group.AllRows));
            }
        }

        if ((_info.HostPhases & (1 << phase)) != 0)
        {
            batch.ComputeOnHost(groups, phase + 1);
        }
    }

    private void FinishLines(
        DeviceBatch<TRule> batch, TensorTable.Group group, int phase, StateLevel into, DeviceLauncher finish,
        int linesOfGroup)
    {
        LaunchParameters launch = batch.Describe(group, group.AllRows) with
        {
            Table0 = Reductions(phase, into, ReductionKind.Sum),
            Table1 = Reductions(phase, into, ReductionKind.Norm),
            Table2 = Reductions(phase, into, ReductionKind.Max),
            Table3 = batch.Lines!.FirstPartials,
        };
        if ((launch.Table0 | launch.Table1 | launch.Table2) != 0)
        {
            LaunchLines(batch, group, finish, EndOf(into), linesOfGroup, launch);
        }
    }

    /// <summary>Launches a kernel for the row states, and for the column states, that a variant writes.</summary>
    private void ForStates(DeviceBatch<TRule> batch, TensorTable.Group group, DeviceLauncher kernel)
    {
        foreach (StateLevel level in Levels)
        {
            LaunchParameters launch = batch.Describe(group, group.AllRows) with
            {
                Table0 = StatesWritten(group.Key.Variant, level),
                Table1 = EndOf(level),
                Table2 = batch.Lines!.FirstStates,
            };
            if (launch.Table0 != 0)
            {
                LaunchLines(batch, group, kernel, EndOf(level), _device.GroupSize, launch);
            }
        }
    }

    private static void LaunchLines(
        DeviceBatch<TRule> batch, TensorTable.Group group, DeviceLauncher kernel, int field, int linesOfGroup,
        in LaunchParameters launch)
    {
        long lines = batch.Lines!.Count(group, field);
        if (lines > 0)
        {
            kernel((lines + linesOfGroup - 1) / linesOfGroup, launch);
        }
    }

    private static int EndOf(StateLevel level) =>
        level == StateLevel.Row ? DeviceLineField.RowEnd : DeviceLineField.ColumnEnd;

    /// <summary>A bit for each reduction of elements that a phase takes.</summary>
    private long Reductions(int phase, StateLevel into, params ReadOnlySpan<ReductionKind> kinds)
    {
        long reductions = 0;
        for (int i = 0; i < _info.Reductions.Count; i++)
        {
            ReductionInfo reduction = _info.Reductions[i];
            bool isOne = reduction.Phase == phase && reduction.Over == StateLevel.Element && reduction.Into == into
                && kinds.Contains(reduction.Kind);
            reductions |= isOne ? 1L << i : 0;
        }

        return reductions;
    }

    private long StatesWritten(int variant, StateLevel level)
    {
        int written = 0;
        for (int state = _info.ElementStates; state < _info.States.Count; state++)
        {
            int bit = 1 << (state - _info.ElementStates);
            written |= _info.States[state].Level == level ? _info.LineStatesWritten[variant] & bit : 0;
        }

        return written;
    }

    /// <summary>The kernels over the elements of a phase; null where there is nothing to do.</summary>
    private sealed record Kernels(DeviceLauncher? Blocks, DeviceLauncher? Rows, DeviceLauncher? Columns);
}
