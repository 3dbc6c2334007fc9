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
        ["TwoMatrices"] = RuleTable.Case(new TwoMatrices()),
        ["RowsAlone"] = RuleTable.Case(new RowsAlone()),
    };

    public static TheoryData<string> Rules => [.. RuleTable.MatrixNames, .. Own.Keys];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Simd_EveryWidthAndThreadCount_EqualsScalar(string rule) =>
        With(rule, new Check { Backends = ConformanceBackends.Cpu() });

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
        public required IReadOnlyList<IConformanceBackend> Backends { get; init; }

        public void Run<TRule>(TRule rule)
            where TRule : IOptimizerRule<TRule>
        {
            ConformanceReport report = RuleConformance.Check(rule, new ConformanceOptions { Backends = Backends });

            Assert.True(report.ElementCount > 0, report.ToString());
        }
    }
}
