namespace Requant.Generator.Tests.Harness.Replay;

internal enum ReplayedKind
{
    Norm,
    Sum,
    Mean,
    Max,
    Orthogonalize,
}

/// <summary>How many results a call has.</summary>
internal enum ReplayedInto
{
    One,
    Rows,
    Columns,
    Elements,
}

/// <summary>What a call of a rule asks for.</summary>
/// <param name="Kind">The function.</param>
/// <param name="Into">What it has a result for.</param>
/// <param name="Over">What it takes terms from, if there is one result.</param>
/// <param name="Steps">Of the polynomial.</param>
internal sealed record ReplayedCall(ReplayedKind Kind, ReplayedInto Into, ReducedOver Over, int Steps = 0);
