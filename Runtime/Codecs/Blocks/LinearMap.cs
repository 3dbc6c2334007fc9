using System.Runtime.CompilerServices;
using Requant.Numerics.Functions;

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
    public static TLanes Place<TLanes>(TLanes u)
        where TLanes : struct, IVectorLanes<TLanes> => (u * TLanes.Of(Steps)) + TLanes.Of(Middle);
}
