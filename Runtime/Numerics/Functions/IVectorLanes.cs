namespace Requant.Numerics.Functions;

/// <summary>Lanes of a vector, with what codecs need beside functions: memory, and bytes of lanes.</summary>
/// <typeparam name="TSelf">The implementation.</typeparam>
internal unsafe interface IVectorLanes<TSelf> : IFloatLanes<TSelf>
    where TSelf : struct, IVectorLanes<TSelf>
{
    /// <summary>How many there are.</summary>
    static abstract int Count { get; }

    static abstract TSelf Load(float* source);

    /// <summary>On bits: 0 where the sign bit is set.</summary>
    static abstract TSelf ClearNegative(TSelf x);

    /// <summary>Whether the bits of a lane are 0; sign bits are not set.</summary>
    static abstract bool AnyZero(TSelf a, TSelf b, TSelf c, TSelf d);

    /// <summary>Stores the low byte of each lane.</summary>
    static abstract void StoreBytes(byte* destination, TSelf a, TSelf b, TSelf c, TSelf d);

    /// <summary>The same, but at least 1 where a number is above 0.</summary>
    /// <param name="destination">uint8[4 * <see cref="Count"/>].</param>
    /// <param name="a">Bytes, as <paramref name="b"/>, <paramref name="c"/> and <paramref name="d"/>.</param>
    /// <param name="b">Bytes.</param>
    /// <param name="c">Bytes.</param>
    /// <param name="d">Bytes.</param>
    /// <param name="ofA">The numbers that the bytes are for.</param>
    /// <param name="ofB">The same.</param>
    /// <param name="ofC">The same.</param>
    /// <param name="ofD">The same.</param>
    static abstract void StorePositiveBytes(
        byte* destination, TSelf a, TSelf b, TSelf c, TSelf d, TSelf ofA, TSelf ofB, TSelf ofC, TSelf ofD);
}
