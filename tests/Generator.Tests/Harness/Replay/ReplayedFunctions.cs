namespace Requant.Generator.Tests.Harness.Replay;

/// <summary>Stands in for <see cref="Reduce"/> where a rule is run as the method that it is: a call has two more
/// arguments, its number in the rule's text and what it is over.</summary>
public static class ReplayedReduce
{
    public static float Norm(int site, ReducedOver over, float x) => Whole(site, over, ReplayedKind.Norm, x);

    public static float Sum(int site, ReducedOver over, float x) => Whole(site, over, ReplayedKind.Sum, x);

    public static float Mean(int site, ReducedOver over, float x) => Whole(site, over, ReplayedKind.Mean, x);

    public static float Max(int site, ReducedOver over, float x) => Whole(site, over, ReplayedKind.Max, x);

    public static float RowNorm(int site, ReducedOver over, float x) => Rows(site, over, ReplayedKind.Norm, x);

    public static float RowSum(int site, ReducedOver over, float x) => Rows(site, over, ReplayedKind.Sum, x);

    public static float RowMean(int site, ReducedOver over, float x) => Rows(site, over, ReplayedKind.Mean, x);

    public static float RowMax(int site, ReducedOver over, float x) => Rows(site, over, ReplayedKind.Max, x);

    public static float ColumnNorm(int site, ReducedOver over, float x) => Columns(site, over, ReplayedKind.Norm, x);

    public static float ColumnSum(int site, ReducedOver over, float x) => Columns(site, over, ReplayedKind.Sum, x);

    public static float ColumnMean(int site, ReducedOver over, float x) => Columns(site, over, ReplayedKind.Mean, x);

    public static float ColumnMax(int site, ReducedOver over, float x) => Columns(site, over, ReplayedKind.Max, x);

    private static float Whole(int site, ReducedOver over, ReplayedKind kind, float x) =>
        ElementReplay.Current.Ask(site, new ReplayedCall(kind, ReplayedInto.One, over), x);

    private static float Rows(int site, ReducedOver over, ReplayedKind kind, float x) =>
        ElementReplay.Current.Ask(site, new ReplayedCall(kind, ReplayedInto.Rows, over), x);

    private static float Columns(int site, ReducedOver over, ReplayedKind kind, float x) =>
        ElementReplay.Current.Ask(site, new ReplayedCall(kind, ReplayedInto.Columns, over), x);
}

/// <summary>Stands in for <see cref="Matrix"/>.</summary>
public static class ReplayedMatrix
{
    public static float Orthogonalize(int site, float x, int steps = 5) => ElementReplay.Current.Ask(
        site, new ReplayedCall(ReplayedKind.Orthogonalize, ReplayedInto.Elements, ReducedOver.Elements, steps), x);
}

/// <summary>Stands in for <see cref="Shape"/>.</summary>
public static class ReplayedShape
{
    public static int Rows => ElementReplay.Current.Sides.Rows;

    public static int Columns => ElementReplay.Current.Sides.Columns;

    public static bool IsMatrix => Rows > 1 && Columns > 1;
}
