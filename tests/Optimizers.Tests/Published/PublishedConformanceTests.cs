using Requant.Ptx;
using Requant.Testing;

namespace Requant.Optimizers.Tests.Published;

/// <summary>The same bits on every backend, for rules that the backends were not written for.</summary>
public class PublishedConformanceTests
{
    /// <summary>A few ragged blocks and enough steps for RAdam to rectify.</summary>
    private static readonly ConformanceOptions Small = new()
    {
        Lengths = [1, 600],
        LengthsAroundBlock = [],
        BlockSizes = [],
        ElementTypes = [(ElementType.Float32, ElementType.Float32)],
        Steps = 6,
    };

    public static TheoryData<string> Rules => [.. PublishedTable.Names];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Backends_SimdIlgpuAndPtx_EqualScalar(string rule) => PublishedTable.Run(rule, new Conformance());

    private sealed class Conformance : IRuleCheck
    {
        public void Run<TRule>(TRule rule, Reference reference, Tolerances allowed)
            where TRule : IOptimizerRule<TRule>
        {
            using var ilgpu = new IlgpuBackend();
            ConformanceReport report = RuleConformance.Check(
                rule, Small with { Backends = [.. ConformanceBackends.Cpu(), ilgpu, new PtxBackend()] });

            Assert.True(report.ElementCount > 0, report.ToString());
        }
    }
}
