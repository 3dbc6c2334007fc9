using Requant.Optimizers.Tests.Matrices;
using Requant.Testing;

namespace Requant.Optimizers.Tests.Published;

/// <summary>As <see cref="PublishedTests"/>, with shapes.</summary>
public class PublishedLineTests
{
    /// <summary>Matrices of a few ragged blocks.</summary>
    private static readonly ConformanceOptions Small = new()
    {
        Backends = ConformanceBackends.Cpu(),
        Lengths = [1, 600],
        LengthsAroundBlock = [],
        BlockSizes = [],
        ElementTypes = [(ElementType.Float32, ElementType.Float32)],
        Steps = 4,
    };

    public static TheoryData<string, long[]> Cases => MatrixTable.CasesOf(PublishedLineTable.Names);

    public static TheoryData<string> Rules => [.. PublishedLineTable.Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Steps_Float32States_FollowReference(string rule, long[] shape) =>
        PublishedLineTable.Run(rule, shape, new FreeRun(shape));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_QuantizedStates_MatchesReferenceFromSameStates(string rule, long[] shape) =>
        PublishedLineTable.Run(rule, shape, new SyncedRun(shape));

    /// <summary>On the processor, with every vector width and with threads.</summary>
    [Theory]
    [MemberData(nameof(Rules))]
    public void Backends_Simd_EqualScalar(string rule) => PublishedLineTable.Run(rule, [1], new Conformance());

    private sealed class Conformance : IReferenceCheck
    {
        public void Run<TRule>(TRule rule, Reference reference, Tolerances allowed)
            where TRule : IOptimizerRule<TRule> =>
            Assert.True(RuleConformance.Check(rule, Small).ElementCount > 0);
    }
}
