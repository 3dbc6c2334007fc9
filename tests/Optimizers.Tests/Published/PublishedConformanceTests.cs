using Requant.Numerics;
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

    /// <summary>On ILGPU's CPU accelerator, where each lane is a thread, the usual run has one
    /// rule of so many.</summary>
    private static readonly int RulesPerThreaded = LongRun.Of(40, 20);

    /// <summary>The usual run compiles one rule of so many; what rules compute is compared with references
    /// in any case.</summary>
    private static readonly int RulesPerCompiled = LongRun.Of(20, 5);

    public static TheoryData<string> Rules =>
        [.. PublishedTable.Names.Where((_, index) => index % RulesPerCompiled == 0)];

    public static TheoryData<string> RulesForThreads =>
        [.. PublishedTable.Names.Where((_, index) => index % RulesPerThreaded == 0)];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Backends_SimdAndPtx_EqualScalar(string rule) =>
        PublishedTable.Run(rule, new Conformance([.. ConformanceBackends.Cpu(), new PtxBackend()]));

    [Theory]
    [MemberData(nameof(RulesForThreads))]
    [Trait("lanes", "threads")]
    public void Ilgpu_CpuAccelerator_EqualsScalar(string rule)
    {
        using var ilgpu = new IlgpuBackend();
        PublishedTable.Run(rule, new Conformance([ilgpu]));
    }

    private sealed class Conformance(IReadOnlyList<IConformanceBackend> backends) : IReferenceCheck
    {
        public void Run<TRule>(TRule rule, Reference reference, Tolerances allowed)
            where TRule : IOptimizerRule<TRule>
        {
            ConformanceReport report = RuleConformance.Check(rule, Small with { Backends = backends });

            Assert.True(report.ElementCount > 0, report.ToString());
        }
    }
}
