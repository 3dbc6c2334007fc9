using System.Runtime.InteropServices;
using Requant.Devices.Driver;

namespace Requant.Ptx.Cuda;

/// <content>Memory of the device and pinned memory of the host.</content>
internal sealed unsafe partial class InterpretedDriver
{
    /// <summary>Fills memory that nothing has written yet, so that whoever relies on it is found.</summary>
    private const byte Garbage = 0xCD;

    private const nuint PinnedAlignment = 4096;

    private readonly SortedList<nuint, nuint> _pinned = [];
    private readonly Dictionary<ulong, (nint Context, GlobalBuffer Buffer)> _allocations = [];

    private int _allocationCount;

    /// <summary>The memory of all devices.</summary>
    public GlobalMemory Memory { get; init; } = new();

    /// <summary>Bytes allocated and not freed.</summary>
    public long AllocatedBytes => _allocations.Values.Sum(one => (long)one.Buffer.Bytes.Length);

    /// <summary>Blocks of pinned memory allocated and not freed.</summary>
    public int PinnedCount => _pinned.Count;

    public CudaResult GetFreeMemory(out long freeBytes, out long totalBytes)
    {
        lock (_gate)
        {
            freeBytes = totalBytes = 0;
            if (Refuse("cuMemGetInfo", Needs.Context) is CudaResult refused)
            {
                return refused;
            }

            totalBytes = CurrentDevice.MemoryBytes;
            freeBytes = FreeBytes;
            return CudaResult.Success;
        }
    }

    public CudaResult Allocate(long bytes, out ulong address)
    {
        lock (_gate)
        {
            address = 0;
            if (Refuse("cuMemAlloc", Needs.Context | Needs.NoCapture) is CudaResult refused)
            {
                return refused;
            }

            if (bytes < 1)
            {
                return CudaResult.InvalidValue;
            }

            if (bytes > FreeBytes || bytes > Array.MaxLength)
            {
                return CudaResult.OutOfMemory;
            }

            // Apart from the objects that what is measured works with.
            byte[] content = GC.AllocateUninitializedArray<byte>((int)bytes, pinned: true);
            Array.Fill(content, Garbage);
            GlobalBuffer buffer = Memory.Add($"allocation {_allocationCount++}", content, isWritable: true);
            address = buffer.Address;
            _allocations.Add(address, (Current, buffer));
            return CudaResult.Success;
        }
    }

    public CudaResult Free(ulong address)
    {
        lock (_gate)
        {
            if (Refuse("cuMemFree", Needs.Context | Needs.NoCapture) is CudaResult refused)
            {
                return refused;
            }

            if (!_allocations.Remove(address, out var allocation))
            {
                return CudaResult.InvalidValue;
            }

            CudaResult result = DrainAll();
            Memory.Remove(allocation.Buffer);
            return result;
        }
    }

    public CudaResult AllocatePinned(long bytes, out void* pointer)
    {
        lock (_gate)
        {
            pointer = null;
            if (Refuse("cuMemAllocHost", Needs.Context | Needs.NoCapture) is CudaResult refused)
            {
                return refused;
            }

            if (bytes < 1)
            {
                return CudaResult.InvalidValue;
            }

            pointer = NativeMemory.AlignedAlloc((nuint)bytes, PinnedAlignment);
            NativeMemory.Fill(pointer, (nuint)bytes, Garbage);
            _pinned.Add((nuint)pointer, (nuint)bytes);
            return CudaResult.Success;
        }
    }

    public CudaResult FreePinned(void* pointer)
    {
        lock (_gate)
        {
            if (Refuse("cuMemFreeHost", Needs.Context | Needs.NoCapture) is CudaResult refused)
            {
                return refused;
            }

            if (!_pinned.Remove((nuint)pointer))
            {
                return CudaResult.InvalidValue;
            }

            CudaResult result = DrainAll();
            NativeMemory.AlignedFree(pointer);
            return result;
        }
    }

    public CudaResult CopyToDevice(ulong destination, void* source, long bytes)
    {
        lock (_gate)
        {
            return Refuse("cuMemcpyHtoD", Needs.Context | Needs.NoCapture)
                ?? CopyNow(destination, bytes, buffer => Host(source, bytes).CopyTo(buffer.Span));
        }
    }

    public CudaResult CopyToHost(void* destination, ulong source, long bytes)
    {
        lock (_gate)
        {
            return Refuse("cuMemcpyDtoH", Needs.Context | Needs.NoCapture)
                ?? CopyNow(source, bytes, buffer => buffer.Span.CopyTo(Host(destination, bytes)));
        }
    }

    /// <summary>Pageable memory is copied before the call returns, as a driver does, and cannot be
    /// captured here.</summary>
    public CudaResult CopyToDeviceAsync(ulong destination, void* source, long bytes, nint stream)
    {
        lock (_gate)
        {
            if (Refuse("cuMemcpyHtoDAsync", Needs.Context) is CudaResult refused)
            {
                return refused;
            }

            bool isPinned = IsPinned(source, bytes);
            return Check(stream, isPinned, (destination, bytes)) is CudaResult wrong ? wrong : isPinned
                ? Enqueue(FindStream(stream)!, () => Host(source, bytes).CopyTo(Resolve(destination, bytes).Span))
                : EnqueueCopyOf(Host(source, bytes).ToArray(), destination, stream);
        }
    }

    /// <summary>Pageable memory has its bytes when the call returns, as with a driver, and cannot be
    /// captured here.</summary>
    public CudaResult CopyToHostAsync(void* destination, ulong source, long bytes, nint stream)
    {
        lock (_gate)
        {
            if (Refuse("cuMemcpyDtoHAsync", Needs.Context) is CudaResult refused)
            {
                return refused;
            }

            bool isPinned = IsPinned(destination, bytes);
            if (Check(stream, isPinned, (source, bytes)) is CudaResult wrong)
            {
                return wrong;
            }

            StreamHandle queue = FindStream(stream)!;
            CudaResult result = Enqueue(queue, () => Resolve(source, bytes).Span.CopyTo(Host(destination, bytes)));
            return result == CudaResult.Success && !isPinned ? Drain(queue) : result;
        }
    }

    public CudaResult CopyOnDeviceAsync(ulong destination, ulong source, long bytes, nint stream)
    {
        lock (_gate)
        {
            return Refuse("cuMemcpyDtoDAsync", Needs.Context)
                ?? Check(stream, isPinned: true, (destination, bytes), (source, bytes))
                ?? Enqueue(FindStream(stream)!, () => Resolve(source, bytes).CopyTo(Resolve(destination, bytes)));
        }
    }

    public CudaResult FillAsync(ulong destination, byte value, long bytes, nint stream)
    {
        lock (_gate)
        {
            return Refuse("cuMemsetD8Async", Needs.Context)
                ?? Check(stream, isPinned: true, (destination, bytes))
                ?? Enqueue(FindStream(stream)!, () => Resolve(destination, bytes).Span.Fill(value));
        }
    }

    private InterpretedDevice CurrentDevice => Devices[(int)(Current - FirstContext)];

    private long FreeBytes => CurrentDevice.MemoryBytes
        - _allocations.Values.Where(one => one.Context == Current).Sum(one => (long)one.Buffer.Bytes.Length);

    private static Span<byte> Host(void* pointer, long bytes) => new(pointer, checked((int)bytes));

    private CudaResult EnqueueCopyOf(byte[] staged, ulong destination, nint stream) =>
        Enqueue(FindStream(stream)!, () => staged.CopyTo(Resolve(destination, staged.Length)));

    /// <summary>Copies on the legacy default stream, which other streams do not wait for.</summary>
    private CudaResult CopyNow(ulong address, long bytes, Action<Memory<byte>> copy)
    {
        if (Check(stream: 0, isPinned: true, (address, bytes)) is CudaResult wrong)
        {
            return wrong;
        }

        StreamHandle queue = FindStream(0)!;
        CudaResult result = Enqueue(queue, () => copy(Resolve(address, bytes)));
        return result == CudaResult.Success ? Drain(queue) : result;
    }

    private CudaResult? Check(nint stream, bool isPinned, params ReadOnlySpan<(ulong Address, long Bytes)> ranges)
    {
        if (FindStream(stream) is not StreamHandle queue)
        {
            return CudaResult.InvalidHandle;
        }

        foreach ((ulong address, long bytes) in ranges)
        {
            if (bytes < 0 || bytes > Array.MaxLength || Memory.Find(address, (int)bytes) is null)
            {
                return CudaResult.InvalidValue;
            }
        }

        if (!isPinned && queue.Capture is Capture capture)
        {
            capture.IsSpoiled = true;
            return CudaResult.StreamCaptureUnsupported;
        }

        return null;
    }

    /// <summary>The bytes when a copy runs, which may have been freed since it was asked for.</summary>
    private Memory<byte> Resolve(ulong address, long bytes) => Memory.Find(address, (int)bytes) is GlobalBuffer buffer
        ? buffer.MemoryAt(address, (int)bytes)
        : throw new PtxException(0, "copy", Memory.Describe(address, (int)bytes));

    private bool IsPinned(void* pointer, long bytes) => _pinned.Any(
        block => (nuint)pointer >= block.Key && (nuint)pointer + (nuint)bytes <= block.Key + block.Value);
}
