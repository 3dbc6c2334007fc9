namespace Requant.Generator.Tests.Harness.Replay;

/// <summary>A tensor as a matrix, and its blocks.</summary>
/// <param name="Rows">Rows.</param>
/// <param name="Columns">Columns.</param>
/// <param name="BlockSize">Elements of a block.</param>
internal sealed record MatrixSides(int Rows, int Columns, int BlockSize)
{
    public int Length => Rows * Columns;

    public int RowOf(int element) => element / Columns;

    public int ColumnOf(int element) => element % Columns;
}
