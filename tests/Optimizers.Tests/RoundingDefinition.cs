using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Requant.Optimizers.Tests;

/// <summary>The random numbers of stochastic rounding as docs/adr/0013 defines them, with nothing of
/// the runtime's.</summary>
internal static class RoundingDefinition
{
    public static ulong Key(ulong seed, string name, int step)
    {
        ulong nameHash = XxHash64.HashToUInt64(MemoryMarshal.AsBytes(name.AsSpan()));
        return SplitMix(SplitMix(seed + Gamma) ^ nameHash, step);
    }

    public static uint Number(long index, ulong key)
    {
        ulong pair = (ulong)index / 2;
        uint upper = (uint)(pair >> 32) * 0x9e3779b1;
        uint x = (uint)pair ^ (uint)key ^ upper;
        x ^= x >> 16;
        x *= 0x21f0aaad;
        x ^= x >> 15;
        x ^= (uint)(key >> 32) ^ upper;
        x *= 0xd35a2d97;
        x ^= x >> 15;
        return index % 2 == 0 ? x % 65536 : x / 65536;
    }

    private const ulong Gamma = 0x9e3779b97f4a7c15;

    private static ulong SplitMix(ulong x, int step) => SplitMix(SplitMix(x) + ((ulong)step * Gamma));

    private static ulong SplitMix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return x ^ (x >> 31);
    }
}
