using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Requant.Numerics.Functions;

/// <summary>8 lanes.</summary>
internal readonly struct Lanes256(Vector256<float> value) : IFloatLanes<Lanes256>
{
    private const uint UpperHalf = 0xfffff000;

    public readonly Vector256<float> Value = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Of(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 OfBits(uint bits) => new(Vector256.Create(bits).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator +(Lanes256 x, Lanes256 y) => new(x.Value + y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator -(Lanes256 x, Lanes256 y) => new(x.Value - y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator *(Lanes256 x, Lanes256 y) => new(x.Value * y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator /(Lanes256 x, Lanes256 y) => new(x.Value / y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Sqrt(Lanes256 x) => new(Vector256.Sqrt(x.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator &(Lanes256 x, Lanes256 y) => new(x.Value & y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator |(Lanes256 x, Lanes256 y) => new(x.Value | y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator ^(Lanes256 x, Lanes256 y) => new(x.Value ^ y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator <<(Lanes256 x, int count) => new((x.Value.AsInt32() << count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator >>(Lanes256 x, int count) => new((x.Value.AsInt32() >> count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 AddBits(Lanes256 x, Lanes256 y) => new((x.Value.AsInt32() + y.Value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 SubtractBits(Lanes256 x, Lanes256 y) => new((x.Value.AsInt32() - y.Value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 FromInteger(Lanes256 bits) => new(Vector256.ConvertToSingle(bits.Value.AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 IfLess(Lanes256 x, Lanes256 y, Lanes256 then, Lanes256 otherwise) =>
        new(Vector256.ConditionalSelect(Vector256.LessThan(x.Value, y.Value), then.Value, otherwise.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 IfEqual(Lanes256 x, Lanes256 y, Lanes256 then, Lanes256 otherwise) =>
        new(Vector256.ConditionalSelect(Vector256.Equals(x.Value, y.Value), then.Value, otherwise.Value));

    /// <inheritdoc/>
    /// <remarks>The exact error has one value only: by a fused multiply-add, or else as <see cref="ScalarLanes"/> has it.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 ProductError(Lanes256 x, Lanes256 y, Lanes256 product)
    {
        if (Fma.IsSupported || AdvSimd.IsSupported)
        {
            return new(Vector256.FusedMultiplyAdd(x.Value, y.Value, -product.Value));
        }

        Vector256<float> mask = Vector256.Create(UpperHalf).AsSingle();
        Vector256<float> xUpper = x.Value & mask;
        Vector256<float> yUpper = y.Value & mask;
        Vector256<float> xLower = x.Value - xUpper;
        Vector256<float> yLower = y.Value - yUpper;
        Vector256<float> rest = (xUpper * yUpper) - product.Value;
        rest += xUpper * yLower;
        rest += xLower * yUpper;
        return new(rest + (xLower * yLower));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 ReplaceFrom<TFunction>(Lanes256 limit, Lanes256 x, Lanes256 result)
        where TFunction : struct, IScalarFunction =>
        Vector256.GreaterThanOrEqualAny(x.Value, limit.Value) ? OneByOne<TFunction>(limit, x, result) : result;

    private static Lanes256 OneByOne<TFunction>(Lanes256 limit, Lanes256 x, Lanes256 result) where TFunction : struct, IScalarFunction
    {
        Vector256<float> replaced = result.Value;
        for (int i = 0; i < Vector256<float>.Count; i++)
        {
            float lane = x.Value.GetElement(i);
            replaced = lane >= limit.Value.GetElement(i) ? replaced.WithElement(i, TFunction.Of(lane)) : replaced;
        }

        return new(replaced);
    }
}
