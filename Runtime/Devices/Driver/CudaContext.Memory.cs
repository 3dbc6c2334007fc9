using System.Collections.Concurrent;

namespace Requant.Devices.Driver;

/// <content>Memory and copies.</content>
internal sealed unsafe partial class CudaContext
{
    private readonly ConcurrentQueue<CudaResource> _abandoned = [];

    /// <summary>Takes what nothing refers to any more, to give it back later.</summary>
    public void Abandon(CudaResource resource) => _abandoned.Enqueue(resource);

    /// <summary>Memory of the device with any content.</summary>
    /// <param name="bytes">0 or more; none is allocated for 0.</param>
    /// <exception cref="CudaException">There is not as much left; the message says how much there is.</exception>
    public CudaBuffer Allocate(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (bytes == 0)
        {
            return new CudaBuffer(this, 0, 0);
        }

        using Scope scope = Enter();
        ReleaseAbandoned();
        CudaResult result = Driver.Allocate(bytes, out ulong address);
        if (result == CudaResult.OutOfMemory && Collect())
        {
            result = Driver.Allocate(bytes, out address);
        }

        Require(result, "cuMemAlloc", result == CudaResult.OutOfMemory ? DescribeMemory(bytes) : OnDevice);
        return new CudaBuffer(this, address, bytes);
    }

    /// <summary>Memory of the host, with any content, from and to which copies go without waiting.</summary>
    /// <param name="bytes">0 or more; none is allocated for 0.</param>
    /// <exception cref="CudaException">The host has not as much left that can be pinned.</exception>
    public CudaPinnedBuffer AllocatePinned(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (bytes == 0)
        {
            return new CudaPinnedBuffer(this, null, 0);
        }

        using Scope scope = Enter();
        ReleaseAbandoned();
        Require(
            Driver.AllocatePinned(bytes, out void* pointer), "cuMemAllocHost",
            $"{bytes} bytes of the host's memory were to be pinned.");
        return new CudaPinnedBuffer(this, pointer, bytes);
    }

    /// <summary>Copies to the device; done on return, in the order of the legacy default stream.</summary>
    public void CopyToDevice<T>(ulong destination, ReadOnlySpan<T> source)
        where T : unmanaged
    {
        if (source.IsEmpty)
        {
            return;
        }

        using Scope scope = Enter();
        fixed (T* pointer = source)
        {
            Require(Driver.CopyToDevice(destination, pointer, (long)source.Length * sizeof(T)), "cuMemcpyHtoD");
        }
    }

    /// <summary>Copies to the host; done on return, in the order of the legacy default stream.</summary>
    public void CopyToHost<T>(Span<T> destination, ulong source)
        where T : unmanaged
    {
        if (destination.IsEmpty)
        {
            return;
        }

        using Scope scope = Enter();
        fixed (T* pointer = destination)
        {
            Require(Driver.CopyToHost(pointer, source, (long)destination.Length * sizeof(T)), "cuMemcpyDtoH");
        }
    }

    /// <summary>Copies to the device in the order of a stream. The source must stay as it is until the
    /// stream is past it.</summary>
    public void CopyToDeviceAsync(ulong destination, void* pinnedSource, long bytes, nint stream)
    {
        if (bytes > 0)
        {
            using Scope scope = Enter();
            Require(Driver.CopyToDeviceAsync(destination, pinnedSource, bytes, stream), "cuMemcpyHtoDAsync");
        }
    }

    /// <summary>Copies to the host in the order of a stream. The destination has the bytes once the
    /// stream is past it.</summary>
    public void CopyToHostAsync(void* pinnedDestination, ulong source, long bytes, nint stream)
    {
        if (bytes > 0)
        {
            using Scope scope = Enter();
            Require(Driver.CopyToHostAsync(pinnedDestination, source, bytes, stream), "cuMemcpyDtoHAsync");
        }
    }

    /// <summary>Copies within the device in the order of a stream.</summary>
    public void CopyOnDeviceAsync(ulong destination, ulong source, long bytes, nint stream)
    {
        if (bytes > 0)
        {
            using Scope scope = Enter();
            Require(Driver.CopyOnDeviceAsync(destination, source, bytes, stream), "cuMemcpyDtoDAsync");
        }
    }

    /// <summary>Sets bytes of the device in the order of a stream.</summary>
    public void FillAsync(ulong destination, byte value, long bytes, nint stream)
    {
        if (bytes > 0)
        {
            using Scope scope = Enter();
            Require(Driver.FillAsync(destination, value, bytes, stream), "cuMemsetD8Async");
        }
    }

    /// <summary>Has the collector, which knows nothing of the device's memory, find what is abandoned.</summary>
    /// <returns>Whether anything was given back.</returns>
    private bool Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return ReleaseAbandoned();
    }

    private bool ReleaseAbandoned()
    {
        bool isAnyReleased = false;
        while (_abandoned.TryDequeue(out CudaResource? resource))
        {
            try
            {
                resource.Dispose();
                isAnyReleased = true;
            }
            catch (CudaException)
            {
                // The stream is being captured; the next allocation tries again.
                _abandoned.Enqueue(resource);
                break;
            }
        }

        return isAnyReleased;
    }

    private string DescribeMemory(long bytes) =>
        Driver.GetFreeMemory(out long free, out long total) == CudaResult.Success
            ? $"{bytes} bytes were asked for, and {free} of the {total} of device {Device.Ordinal} "
                + $"({Device.Name}) are free."
            : $"{bytes} bytes were asked for. {OnDevice}";
}
