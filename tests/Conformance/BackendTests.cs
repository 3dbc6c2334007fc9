using System.Runtime.InteropServices;
using Requant.CompilerServices;
using Requant.Ptx;
using Requant.Testing;
using Requant.Tests;

namespace Requant.Conformance;

/// <summary>Scalar is what a rule means; every other backend leaves the same bits.</summary>
public class BackendTests
{
    public static TheoryData<string> Rules => [.. CaseTable.Rules];

    public static TheoryData<string> RulesForVectors => [.. CaseOptions.RulesForVectors];

    public static TheoryData<string> RulesForCompiled => [.. CaseOptions.RulesForCompiled];

    public static TheoryData<string> RulesForThreads => [.. CaseOptions.RulesForThreads];

    [Theory]
    [MemberData(nameof(RulesForVectors))]
    public void Simd_EveryWidthAndThreadCount_EqualsScalar(string rule) =>
        CaseTable.With(
            rule, new Check { Backends = ConformanceBackends.Cpu(), Options = CaseOptions.ForVectors(rule) });

    [Theory]
    [MemberData(nameof(RulesForThreads))]
    [Trait(Traits.Backend, Traits.Device)]
    [Trait(Traits.Lanes, Traits.Threads)]
    public void Ilgpu_CpuAccelerator_EqualsScalar(string rule)
    {
        using var ilgpu = new IlgpuBackend();
        CaseTable.With(rule, new Check { Backends = [ilgpu], Options = CaseOptions.ForThreads(rule) });
    }

    [Theory]
    [MemberData(nameof(RulesForCompiled))]
    [Trait(Traits.Backend, Traits.Device)]
    public void Ptx_Interpreted_EqualsScalar(string rule) => CaseTable.With(
        rule, new Check { Backends = [new PtxBackend()], Options = CaseOptions.ForCompiled(rule) });

    [Theory]
    [InlineData("Adam")]
    [InlineData("FourStates")]
    public void Simd_EveryCombination_EqualsScalar(string rule) => CaseTable.With(rule, new Check
    {
        Backends = ConformanceBackends.Cpu(),
        Options = new ConformanceOptions
        {
            Lengths = [0, 1, 1003], BlockSizes = [16, 256], EveryCombination = true, StateFormats = Formats[^2..],
        },
    });

    /// <summary>NaN agrees with NaN everywhere, and shows nothing.</summary>
    [Theory]
    [MemberData(nameof(Rules))]
    public void Scalar_HardGradients_LeaveMostParametersFinite(string rule)
    {
        var recorder = new FiniteCount();
        CaseTable.With(rule, recorder);

        Assert.True(
            recorder.Finite > 0.9 * recorder.Total, $"{recorder.Finite} of {recorder.Total} parameters are finite.");
    }

    [Fact]
    public void Table_OfRules_HasEveryCodecAndReduction()
    {
        Census census = CensusOf([.. CaseTable.Rules, .. RuleTable.MatrixNames]);
        Assert.Equal(Enum.GetValues<Codec>(), census.Codecs.Order());
        Assert.Equal(Enum.GetValues<ReductionKind>(), census.Reductions.Order());

        Assert.Empty(typeof(Optimizers.Adam).Assembly.GetExportedTypes()
            .Where(type => type.GetInterfaces()
                .Any(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IOptimizerRule<>)))
            .Select(type => type.Name).Except(census.Rules));
    }

    private static Census CensusOf(string[] rules)
    {
        var census = new Census();
        foreach (string rule in rules)
        {
            CaseTable.With(rule, census);
        }

        return census;
    }

    [Fact]
    public void Widths_OnThisMachine_IncludeVectors() =>
        Assert.Contains(SimdWidths.Supported, width => width != SimdWidth.Scalar);

    private static readonly StateFormat[] Formats = [.. new ConformanceOptions().StateFormats];

    private sealed class Check : IRuleCheck
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

    private sealed class Census : IRuleCheck
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

    private sealed class FiniteCount : IRuleCheck
    {
        private static readonly ConformanceCase Data = new(
            [257, 10_007], 64, IsQuantized: true, GradientKind.Mixed, Steps: 3, Seed: 20241);

        public int Finite { get; private set; }

        public int Total { get; private set; }

        public void Run<TRule>(TRule rule)
            where TRule : IOptimizerRule<TRule>
        {
            Snapshot last = new CpuBackend(SimdWidth.Scalar, threads: 1).Run(rule, Data).Last();
            foreach (SnapshotField field in last.Fields.Where(field => field.Name == "parameter"))
            {
                foreach (float value in MemoryMarshal.Cast<byte, float>(field.Bytes.Span))
                {
                    Finite += float.IsFinite(value) ? 1 : 0;
                    Total++;
                }
            }
        }
    }
}

/// <summary>Names by which runs choose tests.</summary>
internal static class Traits
{
    public const string Backend = "backend";

    /// <summary>Not the processor's vectors: the tests are the same whatever its instructions.</summary>
    public const string Device = "device";

    public const string Lanes = "lanes";

    /// <summary>Each lane is a thread: a run of many such tests goes faster with nothing beside it.</summary>
    public const string Threads = "threads";
}
