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
        ["HandedOn"] = RuleTable.Case(new HandedOn()),
        ["RowsAlone"] = RuleTable.Case(new RowsAlone()),
        ["TwoMatrices"] = RuleTable.Case(new TwoMatrices()),
        ["AdaptsOrNot, not"] = RuleTable.Case(new AdaptsOrNot { Adapts = false }),
    };

    private static IEnumerable<string> Names => RuleTable.MatrixNames.Concat(Own.Keys);

    public static TheoryData<string> Rules => [.. Names];

    /// <summary>Every lane is a thread there: the rule that has every kind of kernel of lines.</summary>
    public static TheoryData<string> RulesForThreads => ["EveryLine"];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Simd_EveryWidthAndThreadCount_EqualsScalar(string rule) =>
        With(rule, new Check { Options = new() { Backends = ConformanceBackends.Cpu() } });

    /// <summary>In the usual run every other one.</summary>
    public static TheoryData<string> OnPtx => [.. Names.Where((_, index) => LongRun.IsAskedFor || index % 2 == 1)];

    [Theory]
    [MemberData(nameof(RulesForThreads))]
    [Trait(Traits.Backend, Traits.Device)]
    [Trait(Traits.Lanes, Traits.Threads)]
    public void Ilgpu_EqualsScalar(string rule)
    {
        using var backend = new IlgpuBackend();
        With(rule, new Check { Options = Devices(backend) });
    }

    [Theory]
    [MemberData(nameof(OnPtx))]
    [Trait(Traits.Backend, Traits.Device)]
    public void Ptx_EqualsScalar(string rule) => With(rule, new Check { Options = Devices(new PtxBackend()) });

    [Theory]
    [InlineData("Sm3")]
    [Trait(Traits.Backend, Traits.Device)]
    public void Ptx_OfPropagatedGradients_EqualsScalar(string rule) => With(rule, new Check
    {
        Options = Devices(new PtxBackend()) with { NonFinite = NonFinitePolicy.Propagate },
    });

    private static ConformanceOptions Devices(IConformanceBackend backend) => new()
    {
        Backends = [backend],
        Lengths = LongRun.Of<int[]>([0, 303], [0, 703]),
        LengthsAroundBlock = [1],
        BlockSizes = [16],
        ElementTypes = [(ElementType.BFloat16, ElementType.Float32)],
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
