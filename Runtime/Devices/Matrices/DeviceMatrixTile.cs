using System.Runtime.CompilerServices;

namespace Requant.Devices.Matrices;

/// <summary>A square part of a product, which a group of threads computes.</summary>
internal struct DeviceMatrixTile
{
    /// <summary>Its first row.</summary>
    public int Row;

    /// <summary>Its first column.</summary>
    public int Column;

    /// <summary>Tiles of a product; of a symmetric one those on and above the diagonal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Count(bool isSymmetric, int rows, int columns, int side)
    {
        long down = (rows + side - 1) / side;
        long across = (columns + side - 1) / side;
        return isSymmetric ? down * (down + 1) / 2 : down * across;
    }

    /// <summary>A tile by its number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceMatrixTile Of(bool isSymmetric, int columns, int side, long number)
    {
        int across = (columns + side - 1) / side;
        if (!isSymmetric)
        {
            int down = (int)(number / across);
            return new DeviceMatrixTile { Row = down * side, Column = (int)(number - ((long)down * across)) * side };
        }

        int row = 0;
        while (number >= across - row)
        {
            number -= across - row;
            row++;
        }

        return new DeviceMatrixTile { Row = row * side, Column = (row + (int)number) * side };
    }
}
