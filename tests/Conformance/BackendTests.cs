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
    [MemberData(nameof(Rules))]
    public void Ptx_Interpreted_EqualsScalar(string rule) => CaseTable.With(rule, new Check { Backends = [new PtxBackend()] });

    [Fact]
    public void Widths_OnThisMachine_IncludeVectors() => Assert.Contains(SimdWidths.Supported, width => width != SimdWidth.Scalar);

    private sealed class Check : ICheck
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
