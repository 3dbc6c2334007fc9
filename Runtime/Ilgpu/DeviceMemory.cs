using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;

namespace Requant.Ilgpu;

/// <summary>Loads and stores at positions of a view of memory. For use inside kernels.</summary>
internal static class DeviceMemory
{
    private const int FourBytes = 4 * sizeof(float);
    private const int PairBytes = 2 * sizeof(uint);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LoadFloat(ArrayView<byte> memory, long position) => Floats(memory, position)[0];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFloat(ArrayView<byte> memory, long position, float value) => Floats(memory, position)[0] = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long LoadLong(ArrayView<byte> memory, long position) => Longs(memory, position)[0];

    /// <summary>The number at a position, to be changed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref long LongAt(ArrayView<byte> memory, long position) => ref Longs(memory, position)[0];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort LoadUShort(ArrayView<byte> memory, long position) => UShorts(memory, position)[0];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreUShort(ArrayView<byte> memory, long position, ushort value) => UShorts(memory, position)[0] = value;

    /// <summary>Four floats at a multiple of 16 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceFour LoadFour(ArrayView<byte> memory, long position) => Fours(memory, position)[0];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFour(ArrayView<byte> memory, long position, DeviceFour value) => Fours(memory, position)[0] = value;

    /// <summary>Two numbers at a multiple of 8 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DevicePair LoadPair(ArrayView<byte> memory, long position) => Pairs(memory, position)[0];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePair(ArrayView<byte> memory, long position, DevicePair value) => Pairs(memory, position)[0] = value;

    /// <summary>A number at a multiple of 4 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint LoadUInt(ArrayView<byte> memory, long position) => UInts(memory, position)[0];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreUInt(ArrayView<byte> memory, long position, uint value) => UInts(memory, position)[0] = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ArrayView<float> Floats(ArrayView<byte> memory, long position) =>
        memory.SubView(position, sizeof(float)).Cast<float>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ArrayView<long> Longs(ArrayView<byte> memory, long position) =>
        memory.SubView(position, sizeof(long)).Cast<long>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ArrayView<uint> UInts(ArrayView<byte> memory, long position) =>
        memory.SubView(position, sizeof(uint)).Cast<uint>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ArrayView<ushort> UShorts(ArrayView<byte> memory, long position) =>
        memory.SubView(position, sizeof(ushort)).Cast<ushort>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ArrayView<DeviceFour> Fours(ArrayView<byte> memory, long position) =>
        memory.SubView(position, FourBytes).AsAligned(FourBytes).Cast<DeviceFour>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ArrayView<DevicePair> Pairs(ArrayView<byte> memory, long position) =>
        memory.SubView(position, PairBytes).AsAligned(PairBytes).Cast<DevicePair>();
}

/// <summary>Four floats that are loaded and stored together.</summary>
internal struct DeviceFour
{
    public float X;
    public float Y;
    public float Z;
    public float W;
}

/// <summary>Two numbers that are loaded and stored together.</summary>
internal struct DevicePair
{
    public uint X;
    public uint Y;
}
