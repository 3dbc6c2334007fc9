using Requant.CompilerServices;
using Requant.Ptx;
using Requant.Testing;
using Requant.Tests;

namespace Requant.Conformance;

/// <summary>Rules that see rows, columns or matrices have the same bits with every vector width and
/// thread count.</summary>
public class MatrixRuleTests
{
    private static readonly Dictionary<string, Action<IRuleCheck>> Own = new()
    {
        ["EveryLine"] = RuleTable.Case(new EveryLine()),
        ["EveryLine, shallow"] = RuleTable.Case(new EveryLine { Deep = false }),
        ["RowsAlone"] = RuleTable.Case(new RowsAlone()),
        ["TwoMatrices"] = RuleTable.Case(new TwoMatrices()),
    };

    private static IEnumerable<string> Names => RuleTable.MatrixNames.Concat(Own.Keys);

    public static TheoryData<string> Rules => [.. Names];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Simd_EveryWidthAndThreadCount_EqualsScalar(string rule) =>
        With(rule, new Check { Options = new() { Backends = ConformanceBackends.Cpu() } });

    /// <summary>In the usual run every other one on either device.</summary>
    public static TheoryData<string> OnIlgpu => [.. Names.Where((_, index) => LongRun.IsAskedFor || index % 2 == 0)];

    public static TheoryData<string> OnPtx => [.. Names.Where((_, index) => LongRun.IsAskedFor || index % 2 == 1)];

    [Theory]
    [MemberData(nameof(OnIlgpu))]
    public void Ilgpu_EqualsScalar(string rule)
    {
        using var backend = new IlgpuBackend();
        With(rule, new Check { Options = Devices(backend) });
    }

    [Theory]
    [MemberData(nameof(OnPtx))]
    public void Ptx_EqualsScalar(string rule) => With(rule, new Check { Options = Devices(new PtxBackend()) });

    [Theory]
    [InlineData("Muon")]
    [InlineData("EveryLine")]
    public void Ptx_OfPropagatedGradients_EqualsScalar(string rule) => With(rule, new Check
    {
        Options = Devices(new PtxBackend()) with { NonFinite = NonFinitePolicy.Propagate },
    });

    private static ConformanceOptions Devices(IConformanceBackend backend) => new()
    {
        Backends = [backend],
        Lengths = LongRun.Of<int[]>([0, 303], [0, 1, 703]),
        LengthsAroundBlock = LongRun.Of<int[]>([1], [-1, 0, 1]),
        BlockSizes = LongRun.Of<int[]>([16], [16, 64, 256]),
        ElementTypes = LongRun.Of<IReadOnlyList<(ElementType, ElementType)>>(
            [(ElementType.BFloat16, ElementType.Float32)], new ConformanceOptions().ElementTypes),
        StateFormats = [StateFormat.Declared],
        Steps = 2,
    };

    private static void With(string rule, IRuleCheck check)
    {
        if (Own.TryGetValue(rule, out Action<IRuleCheck>? run))
        {
            run(check);
        }
        else
        {
            RuleTable.With(rule, check);
        }
    }

    private sealed class Check : IRuleCheck
    {
        public required ConformanceOptions Options { get; init; }

        public void Run<TRule>(TRule rule)
            where TRule : IOptimizerRule<TRule>
        {
            ConformanceReport report = RuleConformance.Check(rule, Options);

            Assert.True(report.ElementCount > 0, report.ToString());
        }
    }
}
