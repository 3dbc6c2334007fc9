using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.Codecs.Blocks;

/// <summary>The map of <see cref="Codec.Linear"/>.</summary>
internal readonly unsafe struct LinearMap : IArithmeticMap<LinearMap>
{
    private const float Steps = FormulaValues.SignedSteps;
    private const float Middle = FloatPlaces.Origin + Steps + 0.5f;

    public static Codec Codec => Codec.Linear;

    public static int FractionBits => FloatPlaces.FractionBits;

    public static int UncertainWindow => FloatPlaces.UncertainWindow;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Place(Vector128<float> u) => ((u * Steps) + Vector128.Create(Middle)).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Place(Vector256<float> u) => ((u * Steps) + Vector256.Create(Middle)).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Place(Vector512<float> u) => ((u * Steps) + Vector512.Create(Middle)).AsInt32();
}
