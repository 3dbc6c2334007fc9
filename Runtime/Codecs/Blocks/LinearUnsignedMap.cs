using System.Runtime.CompilerServices;
using Requant.Numerics.Functions;

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
    public static TLanes Place<TLanes>(TLanes u)
        where TLanes : struct, IVectorLanes<TLanes> => (TLanes.ClearNegative(u) * TLanes.Of(Steps)) + TLanes.Of(Middle);
}
