using Requant.CompilerServices;

namespace Requant.Testing;

/// <summary>Runs cases on backends, compares them with the scalar kernels, and counts.</summary>
internal sealed class ConformanceCheck<TRule>(IReadOnlyList<IConformanceBackend> backends, ConformanceOptions options)
    where TRule : IOptimizerRule<TRule>
{
    // No step has used any state before the first, and the first uses them.
    private const int AllStates = -1;
    private const int NoState = 0;

    private readonly CpuBackend _definition = new(SimdWidth.Scalar, threads: 1);
    private readonly HashSet<int> _variants = [];
    private int _settings;
    private int _runs;
    private long _elements;

    /// <summary>Runs every case with one setting of the hyperparameters.</summary>
    public void Run(TRule rule)
    {
        _variants.UnionWith(Enumerable.Range(1, options.Steps)
            .Select(step => rule.SelectVariant(
                new TensorStep { Step = step, UnusedStates = step == 1 ? AllStates : NoState })));
        var selection = new CaseSelection(options, OwnBlockSize(rule), RuleInfo.Of<TRule>());
        foreach (IGrouping<bool, IConformanceBackend> group in backends.GroupBy(backend => backend.IsSlow))
        {
            foreach (ConformanceCase data in selection.For(isSlow: group.Key, _settings))
            {
                IReadOnlyList<Snapshot> expected = RunOn(_definition, rule, data, expected: null);
                foreach (IConformanceBackend backend in group)
                {
                    _ = RunOn(backend, rule, data, expected);
                    _runs++;
                }
            }
        }

        _settings++;
    }

    public ConformanceReport Report() => new(
        RuleInfo.Of<TRule>().Name, [.. backends.Select(backend => backend.Name)], _settings, _runs, _elements,
        _variants.Count,
        RuleInfo.Of<TRule>().VariantCount, [.. Enum.GetValues<SimdWidth>().Except(SimdWidths.Supported)]);

    private static int OwnBlockSize(TRule rule)
    {
        using var optimizer = new Optimizer<TRule>(rule);
        return optimizer.Add("empty", 0).BlockSize;
    }

    /// <summary>Runs a backend; throws at the first step that differs from what is expected, if anything is, or that
    /// changes a parameter whose gradient is not finite.</summary>
    private List<Snapshot> RunOn(
        IConformanceBackend backend, TRule rule, ConformanceCase data, IReadOnlyList<Snapshot>? expected)
    {
        var place = new ConformancePlace(RuleSettings.Describe(rule), backend.Name, data);
        var snapshots = new List<Snapshot>();
        try
        {
            foreach (Snapshot snapshot in backend.Run(rule, data))
            {
                if (snapshots.Count < data.Steps)
                {
                    if (expected is not null)
                    {
                        _elements += place.Compare(snapshots.Count + 1, expected[snapshots.Count], snapshot);
                    }

                    place.RequireKept(snapshots.Count + 1, snapshots.LastOrDefault(), snapshot);
                }

                snapshots.Add(snapshot);
            }
        }
        catch (Exception exception) when (exception is not RuleConformanceException)
        {
            throw place.CannotRun(snapshots.Count + 1, exception);
        }

        return snapshots.Count == data.Steps ? snapshots : throw place.WrongStepCount(snapshots.Count);
    }
}
