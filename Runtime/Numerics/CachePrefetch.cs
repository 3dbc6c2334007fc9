using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Requant.CompilerServices;

/// <summary>Asks for memory that kernels come to two blocks later, so that it arrives while they compute. Past the end
/// of a tensor nothing happens: a processor drops a request that it cannot serve.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static unsafe class CachePrefetch
{
    /// <summary>Elements between what is computed and what is asked for. Less does not hide the memory's latency, and
    /// far more leaves the cache before it is needed.</summary>
    internal const int ElementsAhead = 512;

    private const int LineBytes = 64;

    /// <summary>Asks for the elements that follow <paramref name="index"/> further on.</summary>
    /// <param name="first">First element of a block.</param>
    /// <param name="index">Of one of its elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Ahead(ref float first, nuint index)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0((float*)Unsafe.AsPointer(ref first) + index + ElementsAhead);
        }
    }

    /// <summary>Asks for what follows <paramref name="address"/> further on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Ahead(ushort* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address + ElementsAhead);
        }
    }

    /// <summary>Asks for as many codes as a block has, further on.</summary>
    /// <param name="codes">The block's first code.</param>
    /// <param name="length">Codes of the block.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Ahead(byte* codes, int length)
    {
        if (Sse.IsSupported)
        {
            for (int i = 0; i < length; i += LineBytes)
            {
                Sse.Prefetch0(codes + i + ElementsAhead);
            }
        }
    }
}
