using Requant.Cpu;

namespace Requant.Testing;

/// <summary>Runs cases on backends, compares them with the scalar kernels, and counts.</summary>
internal sealed class ConformanceCheck<TRule>(IReadOnlyList<IConformanceBackend> backends, ConformanceOptions options)
    where TRule : IOptimizerRule<TRule>
{
    /// <summary>Longer tensors run with the rule's own block size alone: they are there for the threads.</summary>
    private const int LongLength = 16 * 1024;

    private readonly CpuBackend _definition = new(SimdWidth.Scalar, threads: 1);
    private readonly HashSet<int> _variants = [];
    private int _settings;
    private int _runs;
    private long _elements;

    /// <summary>Runs every case with one setting of the hyperparameters.</summary>
    public void Run(TRule rule)
    {
        _settings++;
        _variants.UnionWith(Enumerable.Range(1, options.Steps).Select(rule.SelectVariant));
        foreach (IGrouping<bool, IConformanceBackend> group in backends.GroupBy(backend => backend.IsSlow))
        {
            foreach (ConformanceCase data in Cases(isSlow: group.Key))
            {
                IReadOnlyList<Snapshot> expected = RunOn(_definition, rule, data, expected: null);
                foreach (IConformanceBackend backend in group)
                {
                    _ = RunOn(backend, rule, data, expected);
                    _runs++;
                }
            }
        }
    }

    public ConformanceReport Report() => new(
        TRule.Info.Name, [.. backends.Select(backend => backend.Name)], _settings, _runs, _elements, _variants.Count,
        TRule.Info.VariantCount, [.. Enum.GetValues<SimdWidth>().Except(SimdWidths.Supported)]);

    private IEnumerable<ConformanceCase> Cases(bool isSlow) =>
        from blockSize in BlockSizes(isSlow)
        from isQuantized in (bool[])[true, false]
        from gradients in Enum.GetValues<GradientKind>()
        let lengths = isSlow ? options.ShortLengths : [.. options.Lengths.Where(length => blockSize is null || length <= LongLength)]
        where lengths.Count > 0 && !(isSlow && gradients == GradientKind.Plain)
        select new ConformanceCase(lengths, blockSize, isQuantized, gradients, options.Steps, options.Seed);

    /// <summary>The rule's own, which is null, then those of the options that differ from it.</summary>
    private IEnumerable<int?> BlockSizes(bool isSlow)
    {
        int[] own = [.. TRule.Info.States.Select(state => state.BlockSize).Distinct()];
        IEnumerable<int> others = options.BlockSizes.Distinct().Where(size => own is not [var only] || size != only);
        return [null, .. (isSlow ? others.Take(1) : others).Select(size => (int?)size)];
    }

    /// <summary>Runs a backend; throws at the first step that differs from what is expected, if anything is.</summary>
    private List<Snapshot> RunOn(IConformanceBackend backend, TRule rule, ConformanceCase data, IReadOnlyList<Snapshot>? expected)
    {
        var place = new ConformancePlace(RuleSettings.Describe(rule), TRule.Info.Precision, backend.Name, data);
        var snapshots = new List<Snapshot>();
        try
        {
            foreach (Snapshot snapshot in backend.Run(rule, data))
            {
                snapshots.Add(snapshot);
                if (expected is not null && snapshots.Count <= expected.Count)
                {
                    _elements += place.Compare(snapshots.Count, expected[snapshots.Count - 1], snapshot);
                }
            }
        }
        catch (Exception exception) when (exception is not RuleConformanceException)
        {
            throw place.CannotRun(snapshots.Count + 1, exception);
        }

        return snapshots.Count == data.Steps ? snapshots : throw place.WrongStepCount(snapshots.Count);
    }
}
