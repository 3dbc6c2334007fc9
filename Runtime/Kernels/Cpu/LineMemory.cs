namespace Requant.CompilerServices;

/// <summary>Where a tensor's values of rows, columns and matrices lie during a step.</summary>
internal unsafe struct LineMemory
{
    /// <summary>Rows that a partial sum of columns is over.</summary>
    public const int BandRows = 64;

    public long Rows;

    public long Columns;

    /// <summary>For each value of rows float32[<see cref="Rows"/>].</summary>
    public float** RowValues;

    /// <summary>For each value of columns float32[<see cref="Columns"/>].</summary>
    public float** ColumnValues;

    /// <summary>For each matrix float32[n].</summary>
    public float** Matrices;

    /// <summary>For each reduction: of rows float32[blocks + rows], the partial result of block b of row r being number
    /// b + r; of columns float32[bands, columns].</summary>
    public float** Partials;

    public readonly long Bands => (Rows + BandRows - 1) / BandRows;

    /// <summary>Elements of a band.</summary>
    public readonly long BandElements => BandRows * Columns;
}
