namespace Requant.Devices;

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
