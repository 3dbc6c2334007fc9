using System.Runtime.InteropServices;

namespace Requant.Quantization;

/// <summary>Constant tables for kernels, which read them through pointers and gathers.</summary>
internal static unsafe class FixedTable
{
    private const nuint CacheLineBytes = 64;

    /// <summary>Copies <paramref name="values"/> to memory that never moves, aligned to a cache line. It lives as long
    /// as the process: there is one table per codec.</summary>
    public static float* Copy(ReadOnlySpan<float> values)
    {
        var table = (float*)NativeMemory.AlignedAlloc((nuint)values.Length * sizeof(float), CacheLineBytes);
        values.CopyTo(new Span<float>(table, values.Length));
        return table;
    }
}
