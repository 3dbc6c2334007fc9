using Requant.Ptx;
using Requant.Testing;
using Requant.Tests;

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

    /// <summary>In the usual run one rule of so many meets ILGPU's CPU accelerator, where each lane is a thread.</summary>
    private static readonly int RulesPerThreaded = LongRun.Of(4, 1);

    public static TheoryData<string, bool> Rules =>
        [.. PublishedTable.Names.Select((name, index) => (name, index % RulesPerThreaded == 0))];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Backends_SimdPtxAndIlgpu_EqualScalar(string rule, bool withThreads) =>
        PublishedTable.Run(rule, new Conformance(withThreads));

    private sealed class Conformance(bool withThreads) : IRuleCheck
    {
        public void Run<TRule>(TRule rule, Reference reference, Tolerances allowed)
            where TRule : IOptimizerRule<TRule>
        {
            using var ilgpu = new IlgpuBackend();
            IConformanceBackend[] devices = withThreads ? [ilgpu, new PtxBackend()] : [new PtxBackend()];
            ConformanceReport report = RuleConformance.Check(rule, Small with { Backends = [.. ConformanceBackends.Cpu(), .. devices] });

            Assert.True(report.ElementCount > 0, report.ToString());
        }
    }
}
