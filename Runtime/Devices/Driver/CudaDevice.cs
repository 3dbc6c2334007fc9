using System.Globalization;
using Requant.Devices.Ptx;

namespace Requant.Devices.Driver;

/// <summary>A device as the driver describes it.</summary>
/// <param name="Ordinal">Its number, from 0, among those that the process sees.</param>
/// <param name="Handle">What the driver's calls take for it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Capability">Compute capability.</param>
/// <param name="MultiprocessorCount">Multiprocessors.</param>
/// <param name="Room">What each of them has room for.</param>
/// <param name="MemoryBytes">All of its memory.</param>
internal sealed record CudaDevice(
    int Ordinal, int Handle, string Name, Version Capability, int MultiprocessorCount,
    CudaMultiprocessor Room, long MemoryBytes)
{
    /// <summary>Whether there are kernels for it.</summary>
    public bool IsSupported => Capability >= CudaRemedy.OldestCapability;

    /// <summary>The newest of <see cref="PtxCompiler.Architectures"/> that it runs; the driver compiles their PTX for
    /// newer devices too, but for one whose text relies on what was found on such devices alone.</summary>
    /// <exception cref="InvalidOperationException">It is not supported.</exception>
    public string Architecture => PtxCompiler.Architectures.Last(
        name => CapabilityOf(name) == Capability
            || (CapabilityOf(name) < Capability && !PtxBranchlessMath.IsCheckedOn(name)));

    /// <summary>The compute capability of an architecture, as in <c>sm_90</c>.</summary>
    public static Version CapabilityOf(string architecture)
    {
        int number = int.Parse(architecture.AsSpan("sm_".Length), CultureInfo.InvariantCulture);
        return new Version(number / 10, number % 10);
    }
}

/// <summary>What a multiprocessor has room for.</summary>
/// <param name="Threads">Threads.</param>
/// <param name="Registers">Registers of all threads.</param>
/// <param name="SharedBytes">Shared memory of all groups.</param>
internal sealed record CudaMultiprocessor(int Threads, int Registers, int SharedBytes)
{
    private const int WarpSize = 32;

    /// <summary>Registers are given to warps by eight for each thread.</summary>
    private const int RegisterStep = 8;

    /// <summary>Shared memory that the system takes of each group.</summary>
    private const int SystemBytes = 1024;

    /// <summary>Groups of a function that it holds at a time, at least 1: a grid-stride loop wants no more groups than
    /// that, since each fills its tables first.</summary>
    public int GroupsOf(CudaFunction function, int groupSize)
    {
        int warps = (groupSize + WarpSize - 1) / WarpSize;
        int registers = (function.Registers + RegisterStep - 1) / RegisterStep * RegisterStep * WarpSize * warps;
        int groups = Math.Min(Threads / (warps * WarpSize), SharedBytes / (function.SharedBytes + SystemBytes));
        return Math.Max(1, registers == 0 ? groups : Math.Min(groups, Registers / registers));
    }
}
