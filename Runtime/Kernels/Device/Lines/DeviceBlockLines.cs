using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Requant.CompilerServices;

/// <summary>The rows and columns of a block's elements. For use inside kernels.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct DeviceBlockLines
{
    private long _row;
    private long _column;
    private uint _left;
    private uint _columns;

    /// <summary>Those of a block.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="start">The block's first element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceBlockLines Of(DeviceTensor tensor, long start)
    {
        long columns = tensor.ColumnCount;
        long row = start / columns;
        long column = start - (row * columns);

        // Rows and columns are numbers of 32 bits.
        return new DeviceBlockLines
        {
            _row = row, _column = column, _left = (uint)(columns - column), _columns = (uint)columns,
        };
    }

    /// <summary>The row of an element.</summary>
    /// <param name="index">The element, in the block.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly long RowOf(int index) =>
        (uint)index < _left ? _row : _row + 1 + (((uint)index - _left) / _columns);

    /// <summary>The column of an element.</summary>
    /// <param name="index">The element, in the block.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly long ColumnOf(int index) =>
        (uint)index < _left ? _column + index : ((uint)index - _left) % _columns;
}
