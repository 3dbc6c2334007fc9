namespace Requant.Ptx.Cuda;

/// <summary>What a device of an <see cref="InterpretedDriver"/> says of itself.</summary>
internal sealed record InterpretedDevice
{
    /// <summary>Name.</summary>
    public string Name { get; init; } = "Interpreted device";

    /// <summary>Compute capability; a module for a newer one does not load.</summary>
    public Version Capability { get; init; } = new(9, 0);

    /// <summary>Multiprocessors; few, so that a grid of the usual size has few groups.</summary>
    public int MultiprocessorCount { get; init; } = 2;

    /// <summary>Threads that a multiprocessor can hold.</summary>
    public int ThreadsPerMultiprocessor { get; init; } = 1024;

    /// <summary>Registers of a multiprocessor.</summary>
    public int RegistersPerMultiprocessor { get; init; } = 65536;

    /// <summary>Bytes of shared memory of a multiprocessor.</summary>
    public int SharedBytesPerMultiprocessor { get; init; } = 228 << 10;

    /// <summary>Bytes that allocations may take together.</summary>
    public long MemoryBytes { get; init; } = 1L << 30;
}

/// <summary>A launch that has run.</summary>
/// <param name="Kernel">Name of the entry.</param>
/// <param name="Groups">Groups of its grid.</param>
/// <param name="GroupSize">Threads of a group.</param>
/// <param name="Profile">What it executed.</param>
internal sealed record InterpretedLaunch(string Kernel, int Groups, int GroupSize, PtxProfile Profile);
