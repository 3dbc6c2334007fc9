using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Requant.Codecs.Blocks;

/// <summary>The map of <see cref="Codec.Float8E4M3"/>.</summary>
/// <remarks>
/// The bits of a float32 from 2^-6 on, cut after three bits of the mantissa, count e4m3's normal values up. Its
/// subnormal ones are as far apart as those above 2^-6, so that adding 2^-6 to the lesser numbers makes them count
/// alike. The middle between two values is the middle of the count, also where the exponent changes.
/// </remarks>
internal readonly unsafe struct Float8E4M3Map : IArithmeticMap<Float8E4M3Map>
{
    private const int ZeroCode = FormulaValues.MagnitudesE4M3 - 1;
    private const float SmallestNormal = 1f / 64;
    private const float SubnormalStep = SmallestNormal / Subnormals;
    private const int Subnormals = 8;

    // float32 has 20 bits of mantissa more.
    private const int Fraction = 20;
    private const int Window = 8;
    private const int SmallestNormalBits = 0x3c800000;
    private const int SubnormalBits = Subnormals << Fraction;
    private const int Middle = (ZeroCode << Fraction) + (1 << (Fraction - 1)) + (Window / 2);

    public static Codec Codec => Codec.Float8E4M3;

    public static int FractionBits => Fraction;

    public static int UncertainWindow => Window;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Place(Vector128<float> u)
    {
        Vector128<float> w = Vector128.Abs(u) * FormulaValues.LargestE4M3;
        Vector128<float> smallest = Vector128.Create(SmallestNormal);
        Vector128<int> count = Vector128.ConditionalSelect(
            Vector128.LessThan(w, smallest).AsInt32(),
            (w + smallest).AsInt32(),
            w.AsInt32() + Vector128.Create(SubnormalBits)) - Vector128.Create(SmallestNormalBits);
        Vector128<int> sign = u.AsInt32() >> 31;
        return Vector128.Create(Middle) + ((count ^ sign) - sign);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Place(Vector256<float> u)
    {
        Vector256<float> w = Vector256.Abs(u) * FormulaValues.LargestE4M3;
        Vector256<float> smallest = Vector256.Create(SmallestNormal);
        Vector256<int> count = Vector256.ConditionalSelect(
            Vector256.LessThan(w, smallest).AsInt32(),
            (w + smallest).AsInt32(),
            w.AsInt32() + Vector256.Create(SubnormalBits)) - Vector256.Create(SmallestNormalBits);
        Vector256<int> sign = u.AsInt32() >> 31;
        return Vector256.Create(Middle) + ((count ^ sign) - sign);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Place(Vector512<float> u)
    {
        Vector512<float> w = Vector512.Abs(u) * FormulaValues.LargestE4M3;
        Vector512<float> smallest = Vector512.Create(SmallestNormal);
        Vector512<int> count = Vector512.ConditionalSelect(
            Vector512.LessThan(w, smallest).AsInt32(),
            (w + smallest).AsInt32(),
            w.AsInt32() + Vector512.Create(SubnormalBits)) - Vector512.Create(SmallestNormalBits);
        Vector512<int> sign = u.AsInt32() >> 31;
        return Vector512.Create(Middle) + ((count ^ sign) - sign);
    }
}
