using System.ComponentModel;

namespace Requant.CompilerServices;

/// <summary>The table of <see cref="Codec.Dynamic"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct DynamicTable : IDeviceTable
{
    /// <inheritdoc/>
    public static int Shift => 16;

    /// <inheritdoc/>
    public static int FirstCell => 13458;

    /// <inheritdoc/>
    public static int Cells => 2799;

    /// <inheritdoc/>
    public static bool IsSigned => true;

    /// <inheritdoc/>
    public static int LastCode => 255;

    /// <inheritdoc/>
    public static int ZeroCode => 127;
}

/// <summary>The table of <see cref="Codec.DynamicUnsigned"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct DynamicUnsignedTable : IDeviceTable
{
    /// <inheritdoc/>
    public static int Shift => 16;

    /// <inheritdoc/>
    public static int FirstCell => 13358;

    /// <inheritdoc/>
    public static int Cells => 2899;

    /// <inheritdoc/>
    public static bool IsSigned => false;

    /// <inheritdoc/>
    public static int LastCode => 255;

    /// <inheritdoc/>
    public static int ZeroCode => 0;
}

/// <summary>The table of <see cref="Codec.Linear"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct LinearTable : IDeviceTable
{
    /// <inheritdoc/>
    public static int Shift => 17;

    /// <inheritdoc/>
    public static int FirstCell => 7616;

    /// <inheritdoc/>
    public static int Cells => 513;

    /// <inheritdoc/>
    public static bool IsSigned => true;

    /// <inheritdoc/>
    public static int LastCode => 254;

    /// <inheritdoc/>
    public static int ZeroCode => 127;
}

/// <summary>The table of <see cref="Codec.LinearUnsigned"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct LinearUnsignedTable : IDeviceTable
{
    /// <inheritdoc/>
    public static int Shift => 16;

    /// <inheritdoc/>
    public static int FirstCell => 15104;

    /// <inheritdoc/>
    public static int Cells => 1153;

    /// <inheritdoc/>
    public static bool IsSigned => false;

    /// <inheritdoc/>
    public static int LastCode => 255;

    /// <inheritdoc/>
    public static int ZeroCode => 0;
}

/// <summary>The table of <see cref="Codec.SoftSign"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct SoftSignTable : IDeviceTable
{
    /// <inheritdoc/>
    public static int Shift => 17;

    /// <inheritdoc/>
    public static int FirstCell => 7552;

    /// <inheritdoc/>
    public static int Cells => 577;

    /// <inheritdoc/>
    public static bool IsSigned => true;

    /// <inheritdoc/>
    public static int LastCode => 254;

    /// <inheritdoc/>
    public static int ZeroCode => 127;
}

/// <summary>The table of <see cref="Codec.SquareRoot"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct SquareRootTable : IDeviceTable
{
    /// <inheritdoc/>
    public static int Shift => 16;

    /// <inheritdoc/>
    public static int FirstCell => 14081;

    /// <inheritdoc/>
    public static int Cells => 2176;

    /// <inheritdoc/>
    public static bool IsSigned => false;

    /// <inheritdoc/>
    public static int LastCode => 255;

    /// <inheritdoc/>
    public static int ZeroCode => 0;
}

/// <summary>The table of <see cref="Codec.Float8E4M3"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Float8E4M3Table : IDeviceTable
{
    /// <inheritdoc/>
    public static int Shift => 19;

    /// <inheritdoc/>
    public static int FirstCell => 1730;

    /// <inheritdoc/>
    public static int Cells => 303;

    /// <inheritdoc/>
    public static bool IsSigned => true;

    /// <inheritdoc/>
    public static int LastCode => 252;

    /// <inheritdoc/>
    public static int ZeroCode => 126;
}
