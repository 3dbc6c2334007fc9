namespace Requant.Devices;

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
