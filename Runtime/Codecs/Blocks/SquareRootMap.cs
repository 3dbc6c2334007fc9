using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.Codecs.Blocks;

/// <summary>The map of <see cref="Codec.SquareRoot"/>.</summary>
/// <remarks>The middle between the values of k and k + 1 is ((k + 1/2)^2 + 1/4) / 255^2, so that
/// sqrt(255^2 u - 1/4) + 1/2 is k + 1 there.</remarks>
internal readonly unsafe struct SquareRootMap : IArithmeticMap<SquareRootMap>
{
    private const float Scale = FormulaValues.UnsignedSteps * FormulaValues.UnsignedSteps;
    private const float Middle = FloatPlaces.Origin + 0.5f;

    public static Codec Codec => Codec.SquareRoot;

    public static int FractionBits => FloatPlaces.FractionBits;

    public static int UncertainWindow => FloatPlaces.UncertainWindow;

    // Numbers below 0 are integers below 0, and so become 0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Place(Vector128<float> u)
    {
        Vector128<float> square = (u * Scale) - Vector128.Create(0.25f);
        Vector128<float> root = Vector128.Sqrt(Vector128.Max(square.AsInt32(), Vector128<int>.Zero).AsSingle());
        return (root + Vector128.Create(Middle)).AsInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Place(Vector256<float> u)
    {
        Vector256<float> square = (u * Scale) - Vector256.Create(0.25f);
        Vector256<float> root = Vector256.Sqrt(Vector256.Max(square.AsInt32(), Vector256<int>.Zero).AsSingle());
        return (root + Vector256.Create(Middle)).AsInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Place(Vector512<float> u)
    {
        Vector512<float> square = (u * Scale) - Vector512.Create(0.25f);
        Vector512<float> root = Vector512.Sqrt(Vector512.Max(square.AsInt32(), Vector512<int>.Zero).AsSingle());
        return (root + Vector512.Create(Middle)).AsInt32();
    }
}
