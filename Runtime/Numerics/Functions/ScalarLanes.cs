using System.Runtime.CompilerServices;

namespace Requant.Numerics.Functions;

/// <summary>One lane, in C# that ILGPU can compile too.</summary>
internal readonly struct ScalarLanes(float value) : IFloatLanes<ScalarLanes>
{
    /// <summary>Leaves the upper 12 bits of a significand, so that a product of two such halves is exact.</summary>
    private const int UpperHalf = unchecked((int)0xfffff000);

    private const int InfinityBits = 0x7f800000;

    public readonly float Value = value;

    private int Bits => BitConverter.SingleToInt32Bits(Value);

    /// <summary>Whether it is not NaN, by its bits.</summary>
    private bool IsNumber => (Bits & int.MaxValue) <= InfinityBits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLanes Of(float value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLanes OfBits(uint bits) => FromBits((int)bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLanes operator +(ScalarLanes x, ScalarLanes y) => new(x.Value + y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLanes operator -(ScalarLanes x, ScalarLanes y) => new(x.Value - y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLanes operator *(ScalarLanes x, ScalarLanes y) => new(x.Value * y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLanes operator /(ScalarLanes x, ScalarLanes y) => new(x.Value / y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLanes Sqrt(ScalarLanes x) => new(MathF.Sqrt(x.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLanes operator &(ScalarLanes x, ScalarLanes y) => FromBits(x.Bits & y.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLanes operator |(ScalarLanes x, ScalarLanes y) => FromBits(x.Bits | y.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLanes operator ^(ScalarLanes x, ScalarLanes y) => FromBits(x.Bits ^ y.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLanes operator <<(ScalarLanes x, int count) => FromBits(x.Bits << count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLanes operator >>(ScalarLanes x, int count) => FromBits(x.Bits >> count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLanes AddBits(ScalarLanes x, ScalarLanes y) => FromBits(unchecked(x.Bits + y.Bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLanes SubtractBits(ScalarLanes x, ScalarLanes y) => FromBits(unchecked(x.Bits - y.Bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLanes FromInteger(ScalarLanes bits) => new(bits.Bits);

    // Choices are between bits: ILGPU makes a minimum of a choice between the floats that were compared, which takes
    // NaN for a missing value. NaN is looked for apart, since a comparison with a constant on the left holds
    // for it there.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLanes IfLess(ScalarLanes x, ScalarLanes y, ScalarLanes then, ScalarLanes otherwise) =>
        FromBits(x.Value < y.Value && x.IsNumber && y.IsNumber ? then.Bits : otherwise.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLanes IfEqual(ScalarLanes x, ScalarLanes y, ScalarLanes then, ScalarLanes otherwise) =>
        FromBits(x.Value == y.Value ? then.Bits : otherwise.Bits);

    /// <inheritdoc/>
    /// <remarks>T. J. Dekker, A floating-point technique for extending the available precision, 1971.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLanes ProductError(ScalarLanes x, ScalarLanes y, ScalarLanes product)
    {
        float xUpper = BitConverter.Int32BitsToSingle(x.Bits & UpperHalf);
        float yUpper = BitConverter.Int32BitsToSingle(y.Bits & UpperHalf);
        float xLower = x.Value - xUpper;
        float yLower = y.Value - yUpper;
        float rest = (xUpper * yUpper) - product.Value;
        rest += xUpper * yLower;
        rest += xLower * yUpper;
        return new(rest + (xLower * yLower));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLanes ReplaceFrom<TFunction>(ScalarLanes limit, ScalarLanes x, ScalarLanes result)
        where TFunction : struct, IScalarFunction =>
        new(x.Value >= limit.Value ? TFunction.Of(x.Value) : result.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ScalarLanes FromBits(int bits) => new(BitConverter.Int32BitsToSingle(bits));
}
