using System.Runtime.CompilerServices;
using ILGPU;
using Requant.Devices.Ptx;

namespace Requant.CompilerServices;

/// <summary>Four bytes in a word, the first lowest. For use inside kernels.</summary>
/// <remarks>Written with shifts and masks of whole bytes, which <see cref="PtxBytes"/> makes byte
/// permutations of.</remarks>
internal static class DeviceBytes
{
    private const uint Lowest = 0x000000ff;
    private const uint Second = 0x0000ff00;
    private const uint Third = 0x00ff0000;
    private const uint Highest = 0xff000000;

    /// <summary>1 in each byte.</summary>
    private const uint Ones = 0x01010101;

    /// <summary>All but the top bit of each byte.</summary>
    private const uint BelowTop = 0x7f7f7f7f;

    /// <summary>The lowest byte of each of four words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint OfLowest(uint x, uint y, uint z, uint w) =>
        (x & Lowest) | ((y & Lowest) << 8) | ((z & Lowest) << 16) | (w << 24);

    /// <summary>The third byte of each of four words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint OfThird(uint x, uint y, uint z, uint w) =>
        ((x >> 16) & Lowest) | ((y >> 8) & Second) | (z & Third) | ((w << 8) & Highest);

    /// <summary>255 for each negative word, 0 for the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint OfSigns(uint x, uint y, uint z, uint w) =>
        (Sign(x) & Lowest) | (Sign(y) & Second) | (Sign(z) & Third) | (Sign(w) & Highest);

    /// <summary>Mirrors codes of magnitudes at the code of 0: the larger of <c>2 zeroCode - code</c> and 0.</summary>
    /// <param name="codes">Four codes from <paramref name="zeroCode"/> to 255.</param>
    /// <param name="signs">255 for each code to mirror, 0 for the others.</param>
    /// <param name="zeroCode">From 64 to 127.</param>
    /// <remarks>The complement of a code is <c>255 - code</c>, of which <c>255 - 2 zeroCode</c> must go, and never more
    /// than there is. With 128 added in the same step, a byte's top bit tells whether there was enough: no byte passes
    /// 255 or lends to another.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Mirror(uint codes, uint signs, int zeroCode)
    {
        uint either = codes | signs;
        uint complements = either ^ codes;
        uint rest = complements + (Ones * (uint)(128 - (255 - (2 * zeroCode))));
        return (rest & BelowTop & OfTopBits(rest)) | (either ^ signs);
    }

    /// <summary>255 for each byte whose top bit is set, 0 for the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint OfTopBits(uint bytes) => ((bytes >> 7) & Ones) * byte.MaxValue;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Sign(uint word) => (uint)((int)word >> 31);
}
