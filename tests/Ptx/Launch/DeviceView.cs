namespace Requant.Ptx.Launch;

/// <summary>What an <c>ArrayView</c> is on a device: an address and a number of elements.</summary>
/// <param name="Address">Of the first element; 0 for none.</param>
/// <param name="Length">Elements.</param>
/// <param name="ElementBytes">Bytes of an element.</param>
internal readonly record struct DeviceView(ulong Address, long Length, int ElementBytes)
{
    /// <summary>All of a buffer, or an empty view for null.</summary>
    public static DeviceView Of(GlobalBuffer? buffer, int elementBytes) => buffer is null
        ? new DeviceView(0, 0, elementBytes)
        : new DeviceView(buffer.Address, buffer.Bytes.Length / elementBytes, elementBytes);
}
