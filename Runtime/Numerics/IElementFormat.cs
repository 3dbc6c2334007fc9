using System.Runtime.Intrinsics;

namespace Requant.Numerics;

/// <summary>A 16-bit format, between its bits and those of float32. Every width gives the same bits.</summary>
/// <remarks>
/// Integer operations, so that a NaN comes back from <c>Narrow(Widen(bits))</c> with the bits it had: elements that a
/// kernel leaves alone are converted with their block. The CPU's own conversions would make
/// signalling NaNs quiet.
/// </remarks>
internal interface IElementFormat
{
    /// <summary>The float32 of the same value; exact.</summary>
    /// <param name="bits">From 0 to 65535.</param>
    static abstract int Widen(int bits);

    /// <inheritdoc cref="Widen(int)"/>
    static abstract Vector128<int> Widen(Vector128<int> bits);

    /// <inheritdoc cref="Widen(int)"/>
    static abstract Vector256<int> Widen(Vector256<int> bits);

    /// <inheritdoc cref="Widen(int)"/>
    static abstract Vector512<int> Widen(Vector512<int> bits);

    /// <summary>The nearest value of the format, ties to even; what rounds beyond the largest is infinite. A NaN keeps
    /// the part of its payload that fits, and stays a NaN where none is left.</summary>
    /// <param name="single">Bits of a float32.</param>
    /// <returns>From 0 to 65535.</returns>
    static abstract int Narrow(int single);

    /// <inheritdoc cref="Narrow(int)"/>
    static abstract Vector128<int> Narrow(Vector128<int> single);

    /// <inheritdoc cref="Narrow(int)"/>
    static abstract Vector256<int> Narrow(Vector256<int> single);

    /// <inheritdoc cref="Narrow(int)"/>
    static abstract Vector512<int> Narrow(Vector512<int> single);

    /// <summary>Elements of two vectors one after the other. None of them is NaN.</summary>
    /// <param name="lower">Bits of the first.</param>
    /// <param name="upper">Bits of those that follow.</param>
    static abstract Vector128<ushort> NarrowNumbers(Vector128<int> lower, Vector128<int> upper);

    /// <inheritdoc cref="NarrowNumbers(Vector128{int}, Vector128{int})"/>
    static abstract Vector256<ushort> NarrowNumbers(Vector256<int> lower, Vector256<int> upper);

    /// <inheritdoc cref="NarrowNumbers(Vector128{int}, Vector128{int})"/>
    static abstract Vector512<ushort> NarrowNumbers(Vector512<int> lower, Vector512<int> upper);
}
