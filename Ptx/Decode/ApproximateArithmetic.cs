using Requant.Ptx.Execution;
using Requant.Ptx.Syntax;

namespace Requant.Ptx.Decode;

/// <summary>Functions of float32 whose error PTX bounds and whose bits it leaves open: <c>.approx</c> and
/// <c>div.full</c>.</summary>
/// <remarks>The result here is the correctly rounded one, which is within every bound; a device may return another. So
/// results of a kernel that has such an instruction are compared within a tolerance, and
/// <see cref="PtxKernel.Approximate"/> tells which kernels have one. What PTX does define, such as special values and
/// <c>.ftz</c>, is as defined.</remarks>
internal static class ApproximateArithmetic
{
    private const uint Sign = 0x80000000;

    /// <summary>2^126: <c>div.approx</c> multiplies by a reciprocal, and that of a larger number is 0 to it.</summary>
    private const float LargestDivisor = 8.507059e37f;

    /// <summary>The function of an opcode such as <c>rcp.approx</c>, or null.</summary>
    public static LaneFunction? Find(string opcode, PtxType type) => type != PtxType.F32 ? null : opcode switch
    {
        "div.approx" => Divide,
        "div.full" => FloatArithmetic.Find("div", type),
        "rcp.approx" => FloatArithmetic.Find("rcp", type),
        "sqrt.approx" => FloatArithmetic.Find("sqrt", type),
        "rsqrt.approx" => ReciprocalRoot,
        _ => null,
    };

    private static ulong Divide(ulong a, ulong b, ulong c)
    {
        float dividend = Value(a);
        float divisor = MathF.Abs(Value(b));
        return divisor <= LargestDivisor || !float.IsFinite(divisor) || float.IsNaN(dividend)
            ? Bits(dividend / Value(b))
            : float.IsInfinity(dividend) ? FloatArithmetic.NaN32
            : (a ^ b) & Sign;
    }

    // In double and then in float this is rounded as if once, which was checked for every significand and both parities
    // of the exponent.
    private static ulong ReciprocalRoot(ulong a, ulong b, ulong c) => Bits((float)(1 / Math.Sqrt(Value(a))));

    private static float Value(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);

    private static ulong Bits(float value) =>
        float.IsNaN(value) ? FloatArithmetic.NaN32 : BitConverter.SingleToUInt32Bits(value);
}
