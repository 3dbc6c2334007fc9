using System.Runtime.InteropServices;

namespace Requant.Codecs.Blocks;

/// <summary>Constant tables for kernels, which read them through pointers.</summary>
internal static unsafe class FixedTable
{
    private const nuint CacheLineBytes = 64;

    /// <summary>Copies <paramref name="values"/>, float32[at most 256], to memory that never moves, aligned to a cache
    /// line: float32[256], so that no code reads outside. It lives as long as the process: there is one
    /// table per codec.</summary>
    public static float* Copy(ReadOnlySpan<float> values)
    {
        var table = (float*)NativeMemory.AlignedAlloc(Codebook.MaxValues * sizeof(float), CacheLineBytes);
        var target = new Span<float>(table, Codebook.MaxValues);
        values.CopyTo(target);
        target[values.Length..].Clear();
        return table;
    }

    /// <summary>The bytes of <paramref name="values"/>, the lowest of all values first: uint8[4, 256]; memory as of
    /// <see cref="Copy"/>.</summary>
    public static byte* CopyBytePlanes(ReadOnlySpan<float> values)
    {
        var table = (byte*)NativeMemory.AlignedAlloc(sizeof(float) * Codebook.MaxValues, CacheLineBytes);
        new Span<byte>(table, sizeof(float) * Codebook.MaxValues).Clear();
        for (int code = 0; code < values.Length; code++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(values[code]);
            for (int plane = 0; plane < sizeof(float); plane++)
            {
                table[(plane * Codebook.MaxValues) + code] = (byte)(bits >> (8 * plane));
            }
        }

        return table;
    }
}
