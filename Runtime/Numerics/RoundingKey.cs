using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Requant.Numerics;

/// <summary>Keys of stochastic rounding: one of 64 bits for each tensor and step, from which kernels make random bits
/// for each element.</summary>
/// <remarks>A tensor's keys are the outputs of SplitMix64 (Steele, Lea and Flood, Fast Splittable Pseudorandom Number
/// Generators, OOPSLA 2014), whose first state is a hash of its name and the seed. Checkpoints rest on every
/// number here.</remarks>
internal static class RoundingKey
{
    private const ulong Gamma = 0x9e3779b97f4a7c15;

    /// <summary>A tensor's part of its keys: XXH64 (seed 0) of the name's UTF-16 code units, little-endian. The order
    /// in which tensors are added has no part in it.</summary>
    public static ulong OfName(string name) => XxHash64.HashToUInt64(MemoryMarshal.AsBytes(name.AsSpan()));

    /// <summary>The key of one update of a tensor.</summary>
    /// <param name="seed">The optimizer's.</param>
    /// <param name="nameHash">From <see cref="OfName"/>.</param>
    /// <param name="step">Number of the update, from 1.</param>
    public static ulong Of(ulong seed, ulong nameHash, int step) =>
        Mix(Mix(Mix(seed + Gamma) ^ nameHash) + ((ulong)step * Gamma));

    /// <summary>The key of one state in an update: that of the update, so changed that no two states and no
    /// parameter share one.</summary>
    /// <param name="key">From <see cref="Of"/>.</param>
    /// <param name="state">Number of the state, from 0.</param>
    public static ulong OfState(ulong key, int state) => key ^ (((ulong)state + 1) * Gamma);

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return x ^ (x >> 31);
    }
}
