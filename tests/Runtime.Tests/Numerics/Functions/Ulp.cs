namespace Requant.Runtime.Tests.Numerics.Functions;

/// <summary>Errors in units in the last place of the exact result.</summary>
internal static class Ulp
{
    private const int SignificandBits = 23;

    private const int LeastExponent = -126;

    /// <summary>How far a result is off; infinite if it is not of the same kind: NaN, infinite, or of
    /// the other sign.</summary>
    public static double Error(float actual, double exact)
    {
        float rounded = (float)exact;
        if (float.IsNaN(rounded) || float.IsInfinity(rounded) || float.IsNaN(actual) || float.IsInfinity(actual))
        {
            return rounded.Equals(actual) ? 0 : double.PositiveInfinity;
        }

        if (float.IsNegative(rounded) != float.IsNegative(actual))
        {
            return double.PositiveInfinity;
        }

        int exponent = exact == 0 ? LeastExponent : Math.Max(LeastExponent, Math.ILogB(exact));
        return Math.Abs(actual - exact) / Math.ScaleB(1, exponent - SignificandBits);
    }
}
