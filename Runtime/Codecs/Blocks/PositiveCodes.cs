using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.Codecs.Blocks;

/// <summary>Keeps an unsigned codec from storing what is above 0 as 0: an average of squares that is lost beside one of gradients that is
/// not leaves a division by next to nothing.</summary>
internal static class PositiveCodes
{
    /// <summary>Codes, but 1 for a code 0 of a number above 0.</summary>
    /// <param name="codes">Codes.</param>
    /// <param name="numbers">Bits of the numbers, narrowed with saturation: above 0 where they are.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AtLeastOne(Vector128<byte> codes, Vector128<sbyte> numbers) => Vector128.Max(
        codes, Vector128.Min(Vector128.Max(numbers, Vector128<sbyte>.Zero), Vector128<sbyte>.One).AsByte());

    /// <inheritdoc cref="AtLeastOne(Vector128{byte}, Vector128{sbyte})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> AtLeastOne(Vector256<byte> codes, Vector256<sbyte> numbers) => Vector256.Max(
        codes, Vector256.Min(Vector256.Max(numbers, Vector256<sbyte>.Zero), Vector256<sbyte>.One).AsByte());

    /// <inheritdoc cref="AtLeastOne(Vector128{byte}, Vector128{sbyte})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> AtLeastOne(Vector512<byte> codes, Vector512<sbyte> numbers) => Vector512.Max(
        codes, Vector512.Min(Vector512.Max(numbers, Vector512<sbyte>.Zero), Vector512<sbyte>.One).AsByte());
}
