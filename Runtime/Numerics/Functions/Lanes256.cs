using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Requant.Numerics.Functions;

/// <summary>8 lanes.</summary>
internal readonly unsafe struct Lanes256(Vector256<float> value) : IVectorLanes<Lanes256>
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
    public static Lanes256 SubtractBits(Lanes256 x, Lanes256 y) =>
        new((x.Value.AsInt32() - y.Value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 FromInteger(Lanes256 bits) => new(Vector256.ConvertToSingle(bits.Value.AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 IfLess(Lanes256 x, Lanes256 y, Lanes256 then, Lanes256 otherwise) =>
        new(Vector256.ConditionalSelect(Vector256.LessThan(x.Value, y.Value), then.Value, otherwise.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 IfEqual(Lanes256 x, Lanes256 y, Lanes256 then, Lanes256 otherwise) =>
        new(Vector256.ConditionalSelect(Vector256.Equals(x.Value, y.Value), then.Value, otherwise.Value));

    /// <inheritdoc/>
    /// <remarks>The exact error has one value only: by a fused multiply-add, or else as
    /// <see cref="ScalarLanes"/> has it.</remarks>
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

    private static Lanes256 OneByOne<TFunction>(Lanes256 limit, Lanes256 x, Lanes256 result)
        where TFunction : struct, IScalarFunction
    {
        Vector256<float> replaced = result.Value;
        for (int i = 0; i < Vector256<float>.Count; i++)
        {
            float lane = x.Value.GetElement(i);
            replaced = lane >= limit.Value.GetElement(i) ? replaced.WithElement(i, TFunction.Of(lane)) : replaced;
        }

        return new(replaced);
    }

    public static int Count => Vector256<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Load(float* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 ClearNegative(Lanes256 x) =>
        new(Vector256.Max(x.Value.AsInt32(), Vector256<int>.Zero).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyZero(Lanes256 a, Lanes256 b, Lanes256 c, Lanes256 d) => Vector256.EqualsAny(
        Vector256.Min(
            Vector256.Min(a.Value.AsInt32(), b.Value.AsInt32()), Vector256.Min(c.Value.AsInt32(), d.Value.AsInt32())),
        Vector256<int>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(byte* destination, Lanes256 a, Lanes256 b, Lanes256 c, Lanes256 d) =>
        LowBytes(a, b, c, d).Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePositiveBytes(
        byte* destination, Lanes256 a, Lanes256 b, Lanes256 c, Lanes256 d, Lanes256 ofA, Lanes256 ofB, Lanes256 ofC,
        Lanes256 ofD)
    {
        Vector256<sbyte> numbers = Vector256.NarrowWithSaturation(
            Vector256.NarrowWithSaturation(ofA.Value.AsInt32(), ofB.Value.AsInt32()),
            Vector256.NarrowWithSaturation(ofC.Value.AsInt32(), ofD.Value.AsInt32()));
        Vector256<byte> least = Vector256.Min(Vector256.Max(numbers, Vector256<sbyte>.Zero), Vector256<sbyte>.One)
            .AsByte();
        Vector256.Max(LowBytes(a, b, c, d), least).Store(destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> LowBytes(Lanes256 a, Lanes256 b, Lanes256 c, Lanes256 d) => Vector256.Narrow(
        Vector256.Narrow(a.Value.AsUInt32(), b.Value.AsUInt32()),
        Vector256.Narrow(c.Value.AsUInt32(), d.Value.AsUInt32()));
}
