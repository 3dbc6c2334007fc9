using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Requant.CompilerServices;

/// <summary>One column of a band of rows, which a lane goes down: a warp takes 32 neighbours. For use inside
/// kernels.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct DeviceStrip
{
    /// <summary>The row.</summary>
    public long Row;

    /// <summary>One past the last row; the first one where the lane has no column.</summary>
    public long EndRow;

    /// <summary>The column.</summary>
    public long Column;

    /// <summary>The element in row and column.</summary>
    public long Element;

    /// <summary>Its block.</summary>
    public long Block;

    /// <summary>Number of the column's partial result.</summary>
    public long Partial;

    private long _columns;
    private long _blocks;
    private int _index;
    private int _rest;
    private int _blockSize;

    /// <summary>Whether the lane has a column.</summary>
    public readonly bool IsColumn
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Column < _columns;
    }

    /// <summary>This lane's column of a strip.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="strip">Number of the strip in the tensor.</param>
    /// <param name="blockSize">Elements of a block.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceStrip Of(DeviceTensor tensor, long strip, int blockSize)
    {
        long rows = tensor.RowCount;
        long columns = tensor.ColumnCount;
        long stripsOfBand = (columns + DeviceGrid.WarpSize - 1) / DeviceGrid.WarpSize;
        long band = strip / stripsOfBand;
        long column = ((strip - (band * stripsOfBand)) * DeviceGrid.WarpSize) + DeviceGrid.Lane;
        long row = band * LineMemory.BandRows;
        long end = row + LineMemory.BandRows < rows ? row + LineMemory.BandRows : rows;
        long element = (row * columns) + column;
        long blocks = columns / blockSize;
        return new DeviceStrip
        {
            Row = row,
            EndRow = column < columns ? end : row,
            Column = column,
            Element = element,
            Block = element / blockSize,
            Partial = (band * columns) + column,
            _columns = columns,
            _blocks = blocks,
            _index = (int)(element % blockSize),
            _rest = (int)(columns - (blocks * blockSize)),
            _blockSize = blockSize,
        };
    }

    /// <summary>Goes to the next row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MoveDown()
    {
        int index = _index + _rest;
        bool isPast = index >= _blockSize;
        Row++;
        Element += _columns;
        Block += isPast ? _blocks + 1 : _blocks;
        _index = isPast ? index - _blockSize : index;
    }
}
