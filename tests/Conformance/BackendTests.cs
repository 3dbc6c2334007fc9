using Requant.Cpu;
using Requant.Testing;

namespace Requant.Conformance;

/// <summary>Scalar is what a rule means; every other backend leaves the same bits.</summary>
public class BackendTests
{
    public static TheoryData<string> Rules => [.. CaseTable.Rules];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Simd_EveryWidthAndThreadCount_EqualsScalar(string rule) =>
        CaseTable.With(rule, new Check { Backends = ConformanceBackends.Cpu() });

    [Theory]
    [MemberData(nameof(Rules))]
    public void Ilgpu_CpuAccelerator_EqualsScalar(string rule)
    {
        using var ilgpu = new IlgpuBackend();
        CaseTable.With(rule, new Check { Backends = [ilgpu] });
    }

    [Theory]
    [InlineData("Adam")]
    [InlineData("OddTiles")]
    public void Simd_EveryCombination_EqualsScalar(string rule) => CaseTable.With(rule, new Check
    {
        Backends = ConformanceBackends.Cpu(),
        Options = new ConformanceOptions { Lengths = [0, 1, 1003], EveryCombination = true },
    });

    [Fact]
    public void Table_OfRules_HasEveryCodecAndReduction()
    {
        var census = new Census();
        foreach (string rule in CaseTable.Rules)
        {
            CaseTable.With(rule, census);
        }

        Assert.Equal(Enum.GetValues<Codec>(), census.Codecs.Order());
        Assert.Equal(Enum.GetValues<ReductionKind>(), census.Reductions.Order());
        Assert.Empty(typeof(Optimizers.Adam).Assembly.GetExportedTypes()
            .Where(type => type.GetInterfaces().Any(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IOptimizerRule<>)))
            .Select(type => type.Name).Except(census.Rules));
    }

    [Fact]
    public void Widths_OnThisMachine_IncludeVectors() => Assert.Contains(SimdWidths.Supported, width => width != SimdWidth.Scalar);

    private sealed class Check : ICheck
    {
        public required IReadOnlyList<IConformanceBackend> Backends { get; init; }

        public ConformanceOptions Options { get; init; } = new();

        public void Run<TRule>(TRule rule)
            where TRule : IOptimizerRule<TRule>
        {
            ConformanceReport report = RuleConformance.Check(rule, Options with { Backends = Backends });

            Assert.True(report.ElementCount > 0, report.ToString());
        }
    }

    private sealed class Census : ICheck
    {
        public HashSet<string> Rules { get; } = [];

        public HashSet<Codec> Codecs { get; } = [];

        public HashSet<ReductionKind> Reductions { get; } = [];

        public void Run<TRule>(TRule rule)
            where TRule : IOptimizerRule<TRule>
        {
            Rules.Add(TRule.Info.Name);
            Codecs.UnionWith(TRule.Info.States.Select(state => state.Codec));
            Reductions.UnionWith(TRule.Info.Reductions.Select(reduction => reduction.Kind));
        }
    }
}
