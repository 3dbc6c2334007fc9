namespace Requant.Ilgpu;

/// <summary>What an executor needs of a device: memory at positions, and launches, all in the order of one stream.</summary>
internal interface IKernelDevice : IDisposable
{
    /// <summary>Threads of a group.</summary>
    int GroupSize { get; }

    /// <summary>The most groups of a launch: enough to keep the device busy, few enough for a grid-stride loop to pay.</summary>
    int MaxGroups { get; }

    /// <summary>Memory with any content.</summary>
    /// <param name="bytes">0 or more.</param>
    DeviceAllocation Allocate(long bytes);

    /// <summary>Writes from the host; the source may change after the return.</summary>
    void Write(long position, ReadOnlySpan<byte> source);

    /// <summary>Writes a byte many times.</summary>
    void Fill(long position, long bytes, byte value);

    /// <summary>Copies within the device.</summary>
    void Copy(long destination, long source, long bytes);

    /// <summary>Reads to the host, after all work so far.</summary>
    void Read(Span<byte> destination, long position);

    /// <summary>A rule's kernel, ready to be launched; the same kernel is not loaded twice by the executor.</summary>
    /// <returns>Null where the variant has nothing to do in the phase.</returns>
    DeviceLauncher? Load<TRule>(int variant, int phase, bool quantized, ElementType parameterType, ElementType gradientType)
        where TRule : IOptimizerRule<TRule>;

    /// <summary>A rule's kernel for what becomes known after a phase.</summary>
    /// <returns>Null where the host computes it.</returns>
    DeviceLauncher? LoadFinish<TRule>(int phase)
        where TRule : IOptimizerRule<TRule>;
}

/// <summary>Launches one kernel; returns before it has run.</summary>
/// <param name="groups">Groups, from 1 to <see cref="IKernelDevice.MaxGroups"/>.</param>
/// <param name="model">What it works on; the device puts its memory in.</param>
internal delegate void DeviceLauncher(int groups, in DeviceModel model);

/// <summary>A piece of a device's memory.</summary>
/// <param name="position">Of its first byte, a multiple of 256 from address 0; 0 where it has none.</param>
/// <param name="bytes">Bytes.</param>
/// <param name="owner">What frees it; null where there is nothing to free.</param>
internal sealed class DeviceAllocation(long position, long bytes, IDisposable? owner) : IDisposable
{
    public static DeviceAllocation Empty { get; } = new(0, 0, null);

    public long Position { get; } = position;

    public long Bytes { get; } = bytes;

    public void Dispose() => owner?.Dispose();
}

/// <summary>Memory on a device that grows on demand and loses its contents when it does.</summary>
internal sealed class DeviceBuffer(IKernelDevice device) : IDisposable
{
    private DeviceAllocation _allocation = DeviceAllocation.Empty;

    public long Position => _allocation.Position;

    /// <summary>Whether there is room for a number of bytes.</summary>
    public bool Holds(long bytes) => bytes <= _allocation.Bytes;

    /// <summary>Makes room for a number of bytes.</summary>
    /// <returns>Whether the memory is new.</returns>
    public bool Reserve(long bytes)
    {
        if (bytes <= _allocation.Bytes)
        {
            return false;
        }

        // The old memory stays if there is none for the new.
        DeviceAllocation larger = device.Allocate(bytes);
        _allocation.Dispose();
        _allocation = larger;
        return true;
    }

    public void Dispose()
    {
        _allocation.Dispose();
        _allocation = DeviceAllocation.Empty;
    }
}
