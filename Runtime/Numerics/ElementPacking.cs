using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Requant.Numerics;

/// <summary>Makes 16-bit elements of 32-bit lanes.</summary>
internal static class ElementPacking
{
    /// <summary>Lanes of two vectors one after the other, each from 0 to 65535.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ushort> Pack(Vector128<int> lower, Vector128<int> upper) =>
        Vector128.Narrow(lower.AsUInt32(), upper.AsUInt32());

    /// <inheritdoc cref="Pack(Vector128{int}, Vector128{int})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ushort> Pack(Vector256<int> lower, Vector256<int> upper) => Avx2.IsSupported

        // Packing works on halves of vectors.
        ? Avx2.Permute4x64(Avx2.PackUnsignedSaturate(lower, upper).AsUInt64(), 0b11_01_10_00).AsUInt16()
        : Vector256.Narrow(lower.AsUInt32(), upper.AsUInt32());

    /// <inheritdoc cref="Pack(Vector128{int}, Vector128{int})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ushort> Pack(Vector512<int> lower, Vector512<int> upper) => Avx512BW.IsSupported
        ? Avx512F.PermuteVar8x64(
            Avx512BW.PackUnsignedSaturate(lower, upper).AsUInt64(), Vector512.Create(0ul, 2, 4, 6, 1, 3, 5, 7))
            .AsUInt16()
        : Vector512.Narrow(lower.AsUInt32(), upper.AsUInt32());
}
