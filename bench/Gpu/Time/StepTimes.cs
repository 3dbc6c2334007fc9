using Requant.Bench.Gpu.Rules;
using Requant.Testing;

namespace Requant.Bench.Gpu.Time;

/// <summary>Times steps of rules over models of one size, so that their rows can be compared.</summary>
internal sealed class StepTimes : IDisposable
{
    /// <summary>Of free memory that the largest case may take: scales, tables and fragments need some.</summary>
    private const double MostOfFree = 0.85;

    private readonly GpuSession _session;
    private readonly TimePlan _plan;
    private readonly TimeMemory _memory;
    private readonly Dictionary<(RuleCase Case, long Total), double> _oneTensor = [];
    private ElementType? _filled;

    /// <param name="session">The device.</param>
    /// <param name="plan">What is timed.</param>
    /// <param name="cases">All cases that <see cref="Run"/> is to be called with: the largest decides on the number
    /// of elements.</param>
    public StepTimes(GpuSession session, TimePlan plan, IReadOnlyList<RuleCase> cases)
    {
        _session = session;
        _plan = plan;
        session.Context.Require(CopyBandwidth.FreeMemory(session, out long free), "cuMemGetInfo");
        long bytesPerElement = cases.Max(BytesOf);
        Elements = Math.Min(plan.Elements, (long)(free * MostOfFree) / bytesPerElement);
        string reason = Elements < plan.Elements ? $"fewer than {plan.Elements} because" : "and";
        session.Say($"time   {Elements} elements, {reason} {free} bytes are free");
        _memory = new TimeMemory(session, Elements, plan.Tensors);
    }

    /// <summary>Elements of the large models.</summary>
    public long Elements { get; }

    /// <summary>Times one case on all models and reports it.</summary>
    /// <exception cref="DeviceLostException">No call of the driver will succeed any more.</exception>
    public void Run(RuleCase one)
    {
        foreach (TimeShape shape in _plan.Shapes(Elements))
        {
            _session.Do($"time {one} {shape}", () => Run(one, shape));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private void Run(RuleCase one, TimeShape shape)
    {
        TimeRow row = new(
            one.Rule.Name, $"{one.Types}", one.States, shape.Tensors, shape.Elements, 0, null, null, null, 0, null,
            null, null, null);
        CudaException? failure = null;
        try
        {
            using IRuleSteps steps = one.Rule.OnDevice(
                new OptimizerOptions
                {
                    Device = _session.Device,
                    MinQuantizedLength = one.Format.IsQuantized ? 0 : long.MaxValue,
                    Codecs = one.Format.Codecs,
                    StateRounding = one.Format.Rounding,
                },
                _session.Stream);
            try
            {
                row = Measure(one, shape, steps, row);
            }
            catch (CudaException first)
            {
                // What is given back next may fail because of it, and says less.
                failure = first;
            }
        }
        catch (CudaException first)
        {
            failure ??= first;
        }

        Report(failure is null ? row : row with { Error = failure.Message });
        if (failure is not null)
        {
            GpuSession.ThrowIfFatal(failure);
        }
    }

    private TimeRow Measure(RuleCase one, TimeShape shape, IRuleSteps steps, TimeRow row)
    {
        ElementType type = one.Types.Parameter;
        if (_filled != type)
        {
            _memory.Fill(type);
            _filled = type;
        }

        ParameterState[] states =
            [.. Enumerable.Range(0, shape.Tensors).Select(tensor => steps.Add($"{tensor}", shape.Elements))];
        TensorUpdate[] updates = _memory.Updates(states, type);
        IReadOnlyList<double> times = StreamTimer.Measure(
            _session, () => steps.Step(updates), _plan.WarmUp, _plan.Runs);
        double ms = StreamTimer.Median(times) ?? 0;
        double? hostMs = StreamTimer.Median(StreamTimer.MeasureHost(_session, () => steps.Step(updates), _plan.Runs));
        long bytes = (3 * ElementBits.SizeOf(type) * shape.Total) + (2 * states.Sum(state => state.StateBytes));
        double? rate = StreamTimer.GigabytesPerSecond(bytes, ms);
        double? manyOverOne = null;
        if (shape.Tensors == 1)
        {
            _oneTensor[(one, shape.Total)] = ms / shape.Total;
        }
        else if (Reference(one, shape.Total) is double perElement && perElement > 0)
        {
            manyOverOne = ms / shape.Total / perElement;
        }

        return row with
        {
            Runs = times.Count,
            Ms = ms,
            LeastMs = times.Min(),
            HostMs = hostMs,
            BytesPerStep = bytes,
            GigabytesPerSecond = rate,
            OfCopy = rate / _session.Report.Copy?.GigabytesPerSecond,
            ManyOverOne = manyOverOne,
        };
    }

    /// <summary>Time of an element in one tensor of about this total; what division left over does not count.</summary>
    private double? Reference(RuleCase one, long total) =>
        _oneTensor
            .Where(
                entry => entry.Key.Case == one && entry.Key.Total >= total && entry.Key.Total - total < _plan.Tensors)
            .Select(entry => (double?)entry.Value).FirstOrDefault();

    private void Report(TimeRow row)
    {
        _session.Report.Times.Add(row);
        _session.Say($"time   {GpuTables.Text(row)}");
    }

    /// <summary>Bytes of an element's parameter, gradient and states.</summary>
    private static long BytesOf(RuleCase one) =>
        (2 * sizeof(float)) + (one.Rule.StateCount * (one.Format.IsQuantized ? sizeof(ushort) : sizeof(float)));
}
