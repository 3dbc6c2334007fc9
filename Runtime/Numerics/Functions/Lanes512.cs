using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Requant.Numerics.Functions;

/// <summary>16 lanes.</summary>
internal readonly unsafe struct Lanes512(Vector512<float> value) : IVectorLanes<Lanes512>
{
    private const uint UpperHalf = 0xfffff000;

    public readonly Vector512<float> Value = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Of(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 OfBits(uint bits) => new(Vector512.Create(bits).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator +(Lanes512 x, Lanes512 y) => new(x.Value + y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator -(Lanes512 x, Lanes512 y) => new(x.Value - y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator *(Lanes512 x, Lanes512 y) => new(x.Value * y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator /(Lanes512 x, Lanes512 y) => new(x.Value / y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Sqrt(Lanes512 x) => new(Vector512.Sqrt(x.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator &(Lanes512 x, Lanes512 y) => new(x.Value & y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator |(Lanes512 x, Lanes512 y) => new(x.Value | y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator ^(Lanes512 x, Lanes512 y) => new(x.Value ^ y.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator <<(Lanes512 x, int count) => new((x.Value.AsInt32() << count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator >>(Lanes512 x, int count) => new((x.Value.AsInt32() >> count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 AddBits(Lanes512 x, Lanes512 y) => new((x.Value.AsInt32() + y.Value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 SubtractBits(Lanes512 x, Lanes512 y) =>
        new((x.Value.AsInt32() - y.Value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 FromInteger(Lanes512 bits) => new(Vector512.ConvertToSingle(bits.Value.AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 IfLess(Lanes512 x, Lanes512 y, Lanes512 then, Lanes512 otherwise) =>
        new(Vector512.ConditionalSelect(Vector512.LessThan(x.Value, y.Value), then.Value, otherwise.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 IfEqual(Lanes512 x, Lanes512 y, Lanes512 then, Lanes512 otherwise) =>
        new(Vector512.ConditionalSelect(Vector512.Equals(x.Value, y.Value), then.Value, otherwise.Value));

    /// <inheritdoc/>
    /// <remarks>The exact error has one value only: by a fused multiply-add, or else as
    /// <see cref="ScalarLanes"/> has it.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 ProductError(Lanes512 x, Lanes512 y, Lanes512 product)
    {
        if (Fma.IsSupported || AdvSimd.IsSupported)
        {
            return new(Vector512.FusedMultiplyAdd(x.Value, y.Value, -product.Value));
        }

        Vector512<float> mask = Vector512.Create(UpperHalf).AsSingle();
        Vector512<float> xUpper = x.Value & mask;
        Vector512<float> yUpper = y.Value & mask;
        Vector512<float> xLower = x.Value - xUpper;
        Vector512<float> yLower = y.Value - yUpper;
        Vector512<float> rest = (xUpper * yUpper) - product.Value;
        rest += xUpper * yLower;
        rest += xLower * yUpper;
        return new(rest + (xLower * yLower));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 ReplaceFrom<TFunction>(Lanes512 limit, Lanes512 x, Lanes512 result)
        where TFunction : struct, IScalarFunction =>
        Vector512.GreaterThanOrEqualAny(x.Value, limit.Value) ? OneByOne<TFunction>(limit, x, result) : result;

    private static Lanes512 OneByOne<TFunction>(Lanes512 limit, Lanes512 x, Lanes512 result)
        where TFunction : struct, IScalarFunction
    {
        Vector512<float> replaced = result.Value;
        for (int i = 0; i < Vector512<float>.Count; i++)
        {
            float lane = x.Value.GetElement(i);
            replaced = lane >= limit.Value.GetElement(i) ? replaced.WithElement(i, TFunction.Of(lane)) : replaced;
        }

        return new(replaced);
    }

    public static int Count => Vector512<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 ClearNegative(Lanes512 x) =>
        new(Vector512.Max(x.Value.AsInt32(), Vector512<int>.Zero).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyZero(Lanes512 a, Lanes512 b, Lanes512 c, Lanes512 d) => Vector512.EqualsAny(
        Vector512.Min(
            Vector512.Min(a.Value.AsInt32(), b.Value.AsInt32()), Vector512.Min(c.Value.AsInt32(), d.Value.AsInt32())),
        Vector512<int>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(byte* destination, Lanes512 a, Lanes512 b, Lanes512 c, Lanes512 d) =>
        LowBytes(a, b, c, d).Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePositiveBytes(
        byte* destination, Lanes512 a, Lanes512 b, Lanes512 c, Lanes512 d, Lanes512 ofA, Lanes512 ofB, Lanes512 ofC,
        Lanes512 ofD)
    {
        Vector512<sbyte> numbers = Vector512.NarrowWithSaturation(
            Vector512.NarrowWithSaturation(ofA.Value.AsInt32(), ofB.Value.AsInt32()),
            Vector512.NarrowWithSaturation(ofC.Value.AsInt32(), ofD.Value.AsInt32()));
        Vector512<byte> least = Vector512.Min(Vector512.Max(numbers, Vector512<sbyte>.Zero), Vector512<sbyte>.One)
            .AsByte();
        Vector512.Max(LowBytes(a, b, c, d), least).Store(destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> LowBytes(Lanes512 a, Lanes512 b, Lanes512 c, Lanes512 d) => Vector512.Narrow(
        Vector512.Narrow(a.Value.AsUInt32(), b.Value.AsUInt32()),
        Vector512.Narrow(c.Value.AsUInt32(), d.Value.AsUInt32()));
}
