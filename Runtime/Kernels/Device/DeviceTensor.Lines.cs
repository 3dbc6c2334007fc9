using System.Runtime.CompilerServices;

namespace Requant.CompilerServices;

/// <content>Values of rows, columns and matrices.</content>
public partial struct DeviceTensor
{
    /// <summary>Rows of the tensor as a matrix.</summary>
    public readonly long RowCount
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Field(Memory, Lines, DeviceLineField.Rows);
    }

    /// <summary>Columns of the tensor as a matrix.</summary>
    public readonly long ColumnCount
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Field(Memory, Lines, DeviceLineField.Columns);
    }

    /// <summary>Whether nothing of the tensor is updated: a value that is computed of many elements is not
    /// finite.</summary>
    public readonly bool IsSkipped
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => DeviceMemory.Load<int>(Memory, Field(Memory, Lines, DeviceLineField.Skipped)) != 0;
    }

    /// <summary>Position of values of rows or columns, of a matrix, or of what a reduction leaves behind.</summary>
    /// <param name="number">From 0 on, in the order of <see cref="DeviceLineField"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly long Values(int number) => Field(Memory, Lines, DeviceLineField.Count + number);

    /// <summary>One of such values.</summary>
    /// <param name="values">From <see cref="Values"/>.</param>
    /// <param name="index">The row, column or element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float Load(long values, long index) =>
        DeviceMemory.Load<float>(Memory, values + (index * sizeof(float)));

    /// <summary>Writes one of such values.</summary>
    /// <param name="values">From <see cref="Values"/>.</param>
    /// <param name="index">The row, column or element.</param>
    /// <param name="value">What is written.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(long values, long index, float value) =>
        DeviceMemory.Store(Memory, values + (index * sizeof(float)), value);

    /// <summary>Says that nothing of the tensor is updated.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly void Skip() => DeviceMemory.Store(Memory, Field(Memory, Lines, DeviceLineField.Skipped), 1);
}
