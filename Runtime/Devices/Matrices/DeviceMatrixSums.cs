using System.Runtime.CompilerServices;
using Requant.CompilerServices;

namespace Requant.Devices.Matrices;

/// <summary>Sums of a thread in four rows and in three groups of four columns, which stay in registers.</summary>
internal struct DeviceMatrixSums
{
    public DeviceRowSums Row0;
    public DeviceRowSums Row1;
    public DeviceRowSums Row2;
    public DeviceRowSums Row3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceMatrixSums Fill(float value) => new()
    {
        Row0 = DeviceRowSums.Fill(value), Row1 = DeviceRowSums.Fill(value), Row2 = DeviceRowSums.Fill(value),
        Row3 = DeviceRowSums.Fill(value),
    };

    /// <summary>Adds the products of each row's factor and each column's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly DeviceMatrixSums MultiplyAdd<TMultiplyAdd>(
        DeviceFour factors, DeviceFour first, DeviceFour second, DeviceFour third)
        where TMultiplyAdd : struct, IMultiplyAdd => new()
    {
        Row0 = Row0.MultiplyAdd<TMultiplyAdd>(factors.X, first, second, third),
        Row1 = Row1.MultiplyAdd<TMultiplyAdd>(factors.Y, first, second, third),
        Row2 = Row2.MultiplyAdd<TMultiplyAdd>(factors.Z, first, second, third),
        Row3 = Row3.MultiplyAdd<TMultiplyAdd>(factors.W, first, second, third),
    };
}

/// <summary>Those in one row.</summary>
internal struct DeviceRowSums
{
    public DeviceFour First;
    public DeviceFour Second;
    public DeviceFour Third;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceRowSums Fill(float value) => new()
    {
        First = DeviceMatrixProduct.Fill(value), Second = DeviceMatrixProduct.Fill(value),
        Third = DeviceMatrixProduct.Fill(value),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly DeviceRowSums MultiplyAdd<TMultiplyAdd>(
        float factor, DeviceFour first, DeviceFour second, DeviceFour third)
        where TMultiplyAdd : struct, IMultiplyAdd => new()
        {
            First = DeviceMatrixProduct.MultiplyAdd<TMultiplyAdd>(factor, first, First),
            Second = DeviceMatrixProduct.MultiplyAdd<TMultiplyAdd>(factor, second, Second),
            Third = DeviceMatrixProduct.MultiplyAdd<TMultiplyAdd>(factor, third, Third),
        };
}
