using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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
    public static Vector128<int> Place(Vector128<float> u)
    {
        Vector128<float> sum = Vector128<float>.One + Vector128.Abs(u);
        Vector128<float> correction = (sum * Correction) | (u & Vector128.Create(-0f));
        return ((u * (2 * Steps) / sum) - correction + Vector128.Create(Middle)).AsInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Place(Vector256<float> u)
    {
        Vector256<float> sum = Vector256<float>.One + Vector256.Abs(u);
        Vector256<float> correction = (sum * Correction) | (u & Vector256.Create(-0f));
        return ((u * (2 * Steps) / sum) - correction + Vector256.Create(Middle)).AsInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Place(Vector512<float> u)
    {
        Vector512<float> sum = Vector512<float>.One + Vector512.Abs(u);
        Vector512<float> correction = (sum * Correction) | (u & Vector512.Create(-0f));
        return ((u * (2 * Steps) / sum) - correction + Vector512.Create(Middle)).AsInt32();
    }
}
