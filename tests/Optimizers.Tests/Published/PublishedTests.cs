using Requant.Tests;

namespace Requant.Optimizers.Tests.Published;

/// <summary>Optimizers that nobody planned for, written as their papers print them, against their formulas in float64,
/// as <see cref="ReferenceTests"/> does it for the shipped ones.</summary>
public class PublishedTests
{
    public static MatrixTheoryData<string, int> Cases =>
        new(PublishedTable.Names, LongRun.Of<int[]>([1, 257], [1, 257, 4096]));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Steps_Float32States_FollowReference(string rule, int length) =>
        PublishedTable.Run(rule, new FreeRun(length));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_QuantizedStates_MatchesReferenceFromSameStates(string rule, int length) =>
        PublishedTable.Run(rule, new SyncedRun(length));
}
