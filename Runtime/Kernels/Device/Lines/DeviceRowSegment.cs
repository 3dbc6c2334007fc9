using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Requant.CompilerServices;

/// <summary>The elements of a block that are in one row. For use inside kernels.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct DeviceRowSegment
{
    /// <summary>The first of them, in the block.</summary>
    public int Start;

    /// <summary>How many; 0 behind the last segment of the block.</summary>
    public int Length;

    /// <summary>Their row.</summary>
    public long Row;

    private int _blockLength;
    private long _columns;

    /// <summary>The first segment of a block.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="start">The block's first element.</param>
    /// <param name="length">Its elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceRowSegment First(DeviceTensor tensor, long start, int length)
    {
        long columns = tensor.ColumnCount;
        long row = start / columns;
        return new DeviceRowSegment
        {
            Row = row, Length = Least(length, columns - (start - (row * columns))), _blockLength = length,
            _columns = columns,
        };
    }

    /// <summary>The segment behind this one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly DeviceRowSegment Next()
    {
        int start = Start + Length;
        return new DeviceRowSegment
        {
            Start = start, Row = Row + 1, Length = Least(_blockLength - start, _columns), _blockLength = _blockLength,
            _columns = _columns,
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Least(int length, long columns) => columns < length ? (int)columns : length;
}
