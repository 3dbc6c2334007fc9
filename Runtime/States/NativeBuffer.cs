using System.Runtime.InteropServices;

namespace Requant.States;

/// <summary>A piece of native memory, which is freed when it is disposed, or else when the collector finds that nothing
/// refers to it. The collector counts its bytes, so that it runs in time.</summary>
/// <remarks>Spans and kernels hold its bare address: code that uses one keeps the owner alive
/// until it is done.</remarks>
internal sealed unsafe class NativeBuffer : IStateMemory
{
    /// <summary>A cache line, and the widest vector.</summary>
    private const nuint AlignmentBytes = 64;

    private const long ReportedUnit = 4 << 20;

    private static long s_liveBytes;

    private nint _pointer;

    public NativeBuffer(long bytes, byte fill = 0)
    {
        Bytes = bytes;
        if (bytes == 0)
        {
            GC.SuppressFinalize(this);
            return;
        }

        _pointer = (nint)NativeMemory.AlignedAlloc((nuint)bytes, AlignmentBytes);
        Count(bytes);
        NativeMemory.Fill((void*)_pointer, (nuint)bytes, fill);
    }

    ~NativeBuffer() => Free();

    /// <summary>Bytes of all pieces that are not freed, in this process.</summary>
    public static long LiveBytes => Volatile.Read(ref s_liveBytes);

    public long Bytes { get; }

    public nint Pointer => _pointer;

    /// <summary>Grows a buffer whose contents are not needed any more.</summary>
    public static void Reserve(ref NativeBuffer buffer, long bytes)
    {
        if (buffer.Bytes < bytes)
        {
            long reserved = Math.Max(bytes, 2 * buffer.Bytes);
            buffer.Dispose();
            buffer = new NativeBuffer(0);
            buffer = new NativeBuffer(reserved);
        }
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        nint pointer = Interlocked.Exchange(ref _pointer, 0);
        if (pointer != 0)
        {
            NativeMemory.AlignedFree((void*)pointer);
            Count(-Bytes);
        }
    }

    /// <summary>Counts bytes, and tells the collector of whole units: it would run for every handful of small
    /// pieces otherwise.</summary>
    private static void Count(long bytes)
    {
        long live = Interlocked.Add(ref s_liveBytes, bytes);
        long reported = (live / ReportedUnit) - ((live - bytes) / ReportedUnit);
        if (reported > 0)
        {
            GC.AddMemoryPressure(reported * ReportedUnit);
        }
        else if (reported < 0)
        {
            GC.RemoveMemoryPressure(-reported * ReportedUnit);
        }
    }
}
