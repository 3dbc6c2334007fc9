using System.Runtime.CompilerServices;

namespace Requant.Ilgpu;

/// <summary>The table of <see cref="Codec.Dynamic"/>.</summary>
public readonly struct DynamicTable : IDeviceTable
{
    /// <inheritdoc/>
    public static int Shift
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 17;
    }

    /// <inheritdoc/>
    public static int FirstCell
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 6729;
    }

    /// <inheritdoc/>
    public static int Cells
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 1400;
    }

    /// <inheritdoc/>
    public static bool IsSigned
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    /// <inheritdoc/>
    public static int ZeroCode
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 127;
    }
}

/// <summary>The table of <see cref="Codec.DynamicUnsigned"/>.</summary>
public readonly struct DynamicUnsignedTable : IDeviceTable
{
    /// <inheritdoc/>
    public static int Shift
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 16;
    }

    /// <inheritdoc/>
    public static int FirstCell
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 13358;
    }

    /// <inheritdoc/>
    public static int Cells
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2899;
    }

    /// <inheritdoc/>
    public static bool IsSigned
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    /// <inheritdoc/>
    public static int ZeroCode
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 0;
    }
}

/// <summary>The table of <see cref="Codec.Linear"/>.</summary>
public readonly struct LinearTable : IDeviceTable
{
    /// <inheritdoc/>
    public static int Shift
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 17;
    }

    /// <inheritdoc/>
    public static int FirstCell
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 7616;
    }

    /// <inheritdoc/>
    public static int Cells
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 513;
    }

    /// <inheritdoc/>
    public static bool IsSigned
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    /// <inheritdoc/>
    public static int ZeroCode
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 127;
    }
}

/// <summary>The table of <see cref="Codec.LinearUnsigned"/>.</summary>
public readonly struct LinearUnsignedTable : IDeviceTable
{
    /// <inheritdoc/>
    public static int Shift
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 16;
    }

    /// <inheritdoc/>
    public static int FirstCell
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 15104;
    }

    /// <inheritdoc/>
    public static int Cells
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 1153;
    }

    /// <inheritdoc/>
    public static bool IsSigned
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    /// <inheritdoc/>
    public static int ZeroCode
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 0;
    }
}

/// <summary>The table of <see cref="Codec.SoftSign"/>.</summary>
public readonly struct SoftSignTable : IDeviceTable
{
    /// <inheritdoc/>
    public static int Shift
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 17;
    }

    /// <inheritdoc/>
    public static int FirstCell
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 7552;
    }

    /// <inheritdoc/>
    public static int Cells
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 577;
    }

    /// <inheritdoc/>
    public static bool IsSigned
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    /// <inheritdoc/>
    public static int ZeroCode
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 127;
    }
}

/// <summary>The table of <see cref="Codec.SquareRoot"/>.</summary>
public readonly struct SquareRootTable : IDeviceTable
{
    /// <inheritdoc/>
    public static int Shift
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 16;
    }

    /// <inheritdoc/>
    public static int FirstCell
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 14081;
    }

    /// <inheritdoc/>
    public static int Cells
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2176;
    }

    /// <inheritdoc/>
    public static bool IsSigned
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    /// <inheritdoc/>
    public static int ZeroCode
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 0;
    }
}

/// <summary>The table of <see cref="Codec.Float8E4M3"/>.</summary>
public readonly struct Float8E4M3Table : IDeviceTable
{
    /// <inheritdoc/>
    public static int Shift
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 19;
    }

    /// <inheritdoc/>
    public static int FirstCell
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 1730;
    }

    /// <inheritdoc/>
    public static int Cells
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 303;
    }

    /// <inheritdoc/>
    public static bool IsSigned
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    /// <inheritdoc/>
    public static int ZeroCode
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 126;
    }
}
