namespace Requant.Generator.Tests.Harness.Replay;

/// <summary>What a reduction to one value takes its terms from, which the level of its argument decides.</summary>
public enum ReducedOver
{
    /// <summary>Each element.</summary>
    Elements,

    /// <summary>Each row, of a value that is the same for all its elements.</summary>
    Rows,

    /// <summary>Each column.</summary>
    Columns,
}
