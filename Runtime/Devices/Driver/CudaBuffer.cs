namespace Requant.Devices.Driver;

/// <summary>Memory of the device.</summary>
internal sealed class CudaBuffer(CudaContext context, ulong address, long bytes) : CudaResource(context)
{
    /// <summary>Of the first byte, a multiple of 256; 0 where there are none.</summary>
    public ulong Address { get; } = address;

    /// <summary>Bytes.</summary>
    public long Bytes { get; } = bytes;

    /// <inheritdoc/>
    protected override (CudaResult Result, string Call) Release(ICudaDriver driver) =>
        (Address == 0 ? CudaResult.Success : driver.Free(Address), "cuMemFree");
}

/// <summary>Memory of the host that the device copies from and to without the host.</summary>
internal sealed unsafe class CudaPinnedBuffer(CudaContext context, void* pointer, long bytes) : CudaResource(context)
{
    /// <summary>The first byte; null where there are none.</summary>
    public void* Pointer { get; } = pointer;

    /// <summary>Bytes.</summary>
    public long Bytes { get; } = bytes;

    /// <summary>The memory as elements of a type; valid until it is disposed.</summary>
    public Span<T> AsSpan<T>()
        where T : unmanaged => new(Pointer, checked((int)(Bytes / sizeof(T))));

    /// <inheritdoc/>
    protected override (CudaResult Result, string Call) Release(ICudaDriver driver) =>
        (Pointer is null ? CudaResult.Success : driver.FreePinned(Pointer), "cuMemFreeHost");
}
