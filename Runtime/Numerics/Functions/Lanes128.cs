using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Requant.Numerics.Functions;

/// <summary>4 lanes.</summary>
internal readonly unsafe struct Lanes128(Vector128<float> value) : IVectorLanes<Lanes128>
{
    private const uint UpperHalf = 0xfffff000;

    public readonly Vector128<float> Value = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Of(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 OfBits(uint bits) => new(Vector128.Create(bits).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator +(Lanes128 x, Lanes128 y) => new(x.Value + y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator -(Lanes128 x, Lanes128 y) => new(x.Value - y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator *(Lanes128 x, Lanes128 y) => new(x.Value * y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator /(Lanes128 x, Lanes128 y) => new(x.Value / y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Sqrt(Lanes128 x) => new(Vector128.Sqrt(x.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator &(Lanes128 x, Lanes128 y) => new(x.Value & y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator |(Lanes128 x, Lanes128 y) => new(x.Value | y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator ^(Lanes128 x, Lanes128 y) => new(x.Value ^ y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator <<(Lanes128 x, int count) => new((x.Value.AsInt32() << count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator >>(Lanes128 x, int count) => new((x.Value.AsInt32() >> count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 AddBits(Lanes128 x, Lanes128 y) => new((x.Value.AsInt32() + y.Value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 SubtractBits(Lanes128 x, Lanes128 y) =>
        new((x.Value.AsInt32() - y.Value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 FromInteger(Lanes128 bits) => new(Vector128.ConvertToSingle(bits.Value.AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 IfLess(Lanes128 x, Lanes128 y, Lanes128 then, Lanes128 otherwise) =>
        new(Vector128.ConditionalSelect(Vector128.LessThan(x.Value, y.Value), then.Value, otherwise.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 IfEqual(Lanes128 x, Lanes128 y, Lanes128 then, Lanes128 otherwise) =>
        new(Vector128.ConditionalSelect(Vector128.Equals(x.Value, y.Value), then.Value, otherwise.Value));

    /// <inheritdoc/>
    /// <remarks>The exact error has one value only: by a fused multiply-add, or else as
    /// <see cref="ScalarLanes"/> has it.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 ProductError(Lanes128 x, Lanes128 y, Lanes128 product)
    {
        if (Fma.IsSupported || AdvSimd.IsSupported)
        {
            return new(Vector128.FusedMultiplyAdd(x.Value, y.Value, -product.Value));
        }

        Vector128<float> mask = Vector128.Create(UpperHalf).AsSingle();
        Vector128<float> xUpper = x.Value & mask;
        Vector128<float> yUpper = y.Value & mask;
        Vector128<float> xLower = x.Value - xUpper;
        Vector128<float> yLower = y.Value - yUpper;
        Vector128<float> rest = (xUpper * yUpper) - product.Value;
        rest += xUpper * yLower;
        rest += xLower * yUpper;
        return new(rest + (xLower * yLower));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 ReplaceFrom<TFunction>(Lanes128 limit, Lanes128 x, Lanes128 result)
        where TFunction : struct, IScalarFunction =>
        Vector128.GreaterThanOrEqualAny(x.Value, limit.Value) ? OneByOne<TFunction>(limit, x, result) : result;

    private static Lanes128 OneByOne<TFunction>(Lanes128 limit, Lanes128 x, Lanes128 result)
        where TFunction : struct, IScalarFunction
    {
        Vector128<float> replaced = result.Value;
        for (int i = 0; i < Vector128<float>.Count; i++)
        {
            float lane = x.Value.GetElement(i);
            replaced = lane >= limit.Value.GetElement(i) ? replaced.WithElement(i, TFunction.Of(lane)) : replaced;
        }

        return new(replaced);
    }

    public static int Count => Vector128<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Load(float* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 ClearNegative(Lanes128 x) =>
        new(Vector128.Max(x.Value.AsInt32(), Vector128<int>.Zero).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyZero(Lanes128 a, Lanes128 b, Lanes128 c, Lanes128 d) => Vector128.EqualsAny(
        Vector128.Min(
            Vector128.Min(a.Value.AsInt32(), b.Value.AsInt32()), Vector128.Min(c.Value.AsInt32(), d.Value.AsInt32())),
        Vector128<int>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(byte* destination, Lanes128 a, Lanes128 b, Lanes128 c, Lanes128 d) =>
        LowBytes(a, b, c, d).Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePositiveBytes(
        byte* destination, Lanes128 a, Lanes128 b, Lanes128 c, Lanes128 d, Lanes128 ofA, Lanes128 ofB, Lanes128 ofC,
        Lanes128 ofD)
    {
        Vector128<sbyte> numbers = Vector128.NarrowWithSaturation(
            Vector128.NarrowWithSaturation(ofA.Value.AsInt32(), ofB.Value.AsInt32()),
            Vector128.NarrowWithSaturation(ofC.Value.AsInt32(), ofD.Value.AsInt32()));
        Vector128<byte> least = Vector128.Min(Vector128.Max(numbers, Vector128<sbyte>.Zero), Vector128<sbyte>.One)
            .AsByte();
        Vector128.Max(LowBytes(a, b, c, d), least).Store(destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> LowBytes(Lanes128 a, Lanes128 b, Lanes128 c, Lanes128 d) => Vector128.Narrow(
        Vector128.Narrow(a.Value.AsUInt32(), b.Value.AsUInt32()),
        Vector128.Narrow(c.Value.AsUInt32(), d.Value.AsUInt32()));
}
