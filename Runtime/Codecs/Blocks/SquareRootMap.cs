using System.Runtime.CompilerServices;
using Requant.Numerics.Functions;

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
    public static TLanes Place<TLanes>(TLanes u)
        where TLanes : struct, IVectorLanes<TLanes>
    {
        TLanes square = (u * TLanes.Of(Scale)) - TLanes.Of(0.25f);
        return TLanes.Sqrt(TLanes.ClearNegative(square)) + TLanes.Of(Middle);
    }
}
