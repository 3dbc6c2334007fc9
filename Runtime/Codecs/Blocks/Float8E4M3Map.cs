using System.Runtime.CompilerServices;
using Requant.Numerics.Functions;

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
    public static TLanes Place<TLanes>(TLanes u)
        where TLanes : struct, IVectorLanes<TLanes>
    {
        TLanes w = (u & TLanes.OfBits(int.MaxValue)) * TLanes.Of(FormulaValues.LargestE4M3);
        TLanes smallest = TLanes.Of(SmallestNormal);
        TLanes count = TLanes.SubtractBits(
            TLanes.IfLess(w, smallest, w + smallest, TLanes.AddBits(w, TLanes.OfBits(SubnormalBits))),
            TLanes.OfBits(SmallestNormalBits));
        TLanes sign = u >> 31;
        return TLanes.AddBits(TLanes.OfBits(Middle), TLanes.SubtractBits(count ^ sign, sign));
    }
}
