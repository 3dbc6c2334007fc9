using System.Runtime.CompilerServices;
using Requant.Numerics.Functions;

namespace Requant.Codecs.Blocks;

/// <summary>The map of <see cref="Codec.SoftSign"/>.</summary>
/// <remarks>
/// The value of m is m / (254 - m), which 254 u / (1 + u) solves for m. At the middle between the values of m and m + 1
/// that gives h - sqrt(h^2 + 1/4) more than m + 1/2, h = 127 / (1 + u). This is -1 / (8 h) = -(1 + u) / 1016 but for
/// less than 2^-24; taking it off puts the middle at m + 1/2.
/// </remarks>
internal readonly unsafe struct SoftSignMap : IArithmeticMap<SoftSignMap>
{
    private const float Steps = FormulaValues.SignedSteps;
    private const float Middle = FloatPlaces.Origin + Steps + 0.5f;
    private const float Correction = 1f / (8 * Steps);

    public static Codec Codec => Codec.SoftSign;

    public static int FractionBits => FloatPlaces.FractionBits;

    public static int UncertainWindow => FloatPlaces.UncertainWindow;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Place<TLanes>(TLanes u)
        where TLanes : struct, IVectorLanes<TLanes>
    {
        TLanes sum = TLanes.Of(1f) + (u & TLanes.OfBits(int.MaxValue));
        TLanes correction = (sum * TLanes.Of(Correction)) | (u & TLanes.Of(-0f));
        return (u * TLanes.Of(2 * Steps) / sum) - correction + TLanes.Of(Middle);
    }
}
