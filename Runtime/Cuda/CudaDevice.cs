using System.Globalization;
using Requant.Ilgpu;

namespace Requant.Cuda;

/// <summary>A device as the driver describes it.</summary>
/// <param name="Ordinal">Its number, from 0, among those that the process sees.</param>
/// <param name="Handle">What the driver's calls take for it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Capability">Compute capability.</param>
/// <param name="MultiprocessorCount">Multiprocessors.</param>
/// <param name="ThreadsPerMultiprocessor">Threads that a multiprocessor can hold.</param>
/// <param name="MemoryBytes">All of its memory.</param>
internal sealed record CudaDevice(
    int Ordinal, int Handle, string Name, Version Capability, int MultiprocessorCount,
    int ThreadsPerMultiprocessor, long MemoryBytes)
{
    /// <summary>Whether there are kernels for it.</summary>
    public bool IsSupported => Capability >= CudaRemedy.OldestCapability;

    /// <summary>The newest of <see cref="PtxCompiler.Architectures"/> that it runs; the driver compiles their PTX for newer
    /// devices too.</summary>
    /// <exception cref="InvalidOperationException">It is not supported.</exception>
    public string Architecture => PtxCompiler.Architectures.Last(name => CapabilityOf(name) <= Capability);

    /// <summary>The compute capability of an architecture, as in <c>sm_90</c>.</summary>
    public static Version CapabilityOf(string architecture)
    {
        int number = int.Parse(architecture.AsSpan("sm_".Length), CultureInfo.InvariantCulture);
        return new Version(number / 10, number % 10);
    }
}
