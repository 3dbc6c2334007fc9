using System.Runtime.CompilerServices;

namespace Requant.Numerics.Functions;

/// <summary>Functions that choose one of their arguments.</summary>
internal static class Selection
{
    /// <summary>As <see cref="Math.Clamp(float, float, float)"/>, but the upper limit where C# throws.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Clamp<T>(T x, T min, T max) where T : struct, IFloatLanes<T>
    {
        T clamped = T.IfLess(x, min, min, T.IfLess(max, x, max, x));
        return T.IfLess(max, min, max, clamped);
    }
}
