using ILGPU;

namespace Requant.Numerics.Functions;

/// <summary>The fused multiply-add for devices whose own instruction ILGPU does not reach.</summary>
internal static class ExactMultiplyAdd
{
    /// <summary>x times y plus z, rounded once.</summary>
    /// <remarks>A product of two floats is exact as a double. The sum is rounded to odd: to the neighbour whose last
    /// bit is set unless it is exact, and so never onto or across a boundary of float32's rounding (S. Boldo and G.
    /// Melquiond, Emulation of FMA and correctly rounded sums, 2008).</remarks>
    public static float Of(float x, float y, float z)
    {
        double product = (double)x * y;
        double sum = product + z;
        double fromZ = sum - product;
        double error = (product - (sum - fromZ)) + (z - fromZ);
        ulong bits = Interop.FloatAsInt(sum);

        // NaN, the error where something is not finite, is neither above nor below zero.
        bool isInexact = error > 0d || error < 0d;
        if (isInexact && (bits & 1) == 0)
        {
            bits = (error > 0d) == (sum > 0d) ? bits + 1 : bits - 1;
        }

        return (float)Interop.IntAsFloat(bits);
    }
}
