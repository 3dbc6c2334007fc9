using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Requant.CompilerServices;

/// <summary>The largest of a block's terms. The order has no effect: NaN wins, and +0 is above -0.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class BlockMax
{
    /// <summary>The largest of <paramref name="length"/> terms; -infinity when there are none.</summary>
    /// <param name="terms">The first term.</param>
    /// <param name="length">Terms, from 0 to <see cref="BlockSizes.Max"/>.</param>
    public static float Fold(ref float terms, int length)
    {
        float largest = float.NegativeInfinity;
        for (int i = 0; i < length; i++)
        {
            largest = MathF.Max(largest, Unsafe.Add(ref terms, i));
        }

        return largest;
    }
}
