namespace Requant.Devices.Ptx;

/// <summary>Operands for which <see cref="PtxBranchlessMath"/> gives what IEEE 754 does: no intermediate result
/// overflows, is denormal or loses bits of a residual.</summary>
/// <param name="First">Bits of the least.</param>
/// <param name="Width">What their bits are above <paramref name="First"/> by is less than this, without a sign.</param>
/// <param name="IsOfMagnitudes">Whether the sign does not matter, and bits are those above it, one up; else negative
/// ones are outside.</param>
internal sealed record PtxBranchlessRange(uint First, uint Width, bool IsOfMagnitudes)
{
    /// <summary>2^-100 to all that are finite: the residual of a root has bits down to 2^-146.</summary>
    public static readonly PtxBranchlessRange Root = Of(-100, 128, false);

    /// <summary>2^-60 to 2^24.</summary>
    public static readonly PtxBranchlessRange Divisor = Of(-60, 24, false);

    /// <summary>2^-125 to 2^125.</summary>
    public static readonly PtxBranchlessRange Reciprocal = Of(-125, 125, false);

    /// <summary>2^-101 to 2^66: quotients are 2^-125 to 2^126, and a residual has bits down to 2^-148.</summary>
    public static readonly PtxBranchlessRange Dividend = Of(-101, 66, true);

    private static PtxBranchlessRange Of(int first, int end, bool isOfMagnitudes) => isOfMagnitudes
        ? new(2 * Bits(first), 2 * (Bits(end) - Bits(first)), true)
        : new(Bits(first), Bits(end) - Bits(first), false);

    private static uint Bits(int exponent) => (uint)(exponent + 127) << 23;
}
