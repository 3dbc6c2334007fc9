namespace Requant.Optimizers.Tests.Matrices;

/// <summary>As <see cref="ReferenceTests"/>, for the rules that see rows, columns or matrices, with shapes.</summary>
public class MatrixReferenceTests
{
    public static TheoryData<string, long[]> Cases => MatrixTable.CasesOf(MatrixTable.Names);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Steps_Float32States_FollowReference(string rule, long[] shape) =>
        MatrixTable.Run(rule, shape, new FreeRun(shape));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_QuantizedStates_MatchesReferenceFromSameStates(string rule, long[] shape) =>
        MatrixTable.Run(rule, shape, new SyncedRun(shape));
}
