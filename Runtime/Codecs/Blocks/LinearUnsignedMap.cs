using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.Codecs.Blocks;

/// <summary>The map of <see cref="Codec.LinearUnsigned"/>.</summary>
internal readonly unsafe struct LinearUnsignedMap : IArithmeticMap<LinearUnsignedMap>
{
    private const float Steps = FormulaValues.UnsignedSteps;
    private const float Middle = FloatPlaces.Origin + 0.5f;

    public static Codec Codec => Codec.LinearUnsigned;

    public static int FractionBits => FloatPlaces.FractionBits;

    public static int UncertainWindow => FloatPlaces.UncertainWindow;

    // Negative numbers are integers below 0, and so become 0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Place(Vector128<float> u) =>
        ((Vector128.Max(u.AsInt32(), Vector128<int>.Zero).AsSingle() * Steps) + Vector128.Create(Middle)).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Place(Vector256<float> u) =>
        ((Vector256.Max(u.AsInt32(), Vector256<int>.Zero).AsSingle() * Steps) + Vector256.Create(Middle)).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Place(Vector512<float> u) =>
        ((Vector512.Max(u.AsInt32(), Vector512<int>.Zero).AsSingle() * Steps) + Vector512.Create(Middle)).AsInt32();
}
