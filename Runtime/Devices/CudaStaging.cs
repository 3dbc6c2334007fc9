using Requant.Devices.Driver;

namespace Requant.Devices;

/// <summary>Pinned memory from which small writes go to the device without the host waiting for them.</summary>
internal sealed unsafe class CudaStaging(CudaContext context) : IDisposable
{
    private const int SlotCount = 4;
    private const int SmallestBytes = 4096;

    private readonly Slot[] _slots = new Slot[SlotCount];
    private int _next;

    /// <summary>Writes in the order of a stream; the source may change after the return.</summary>
    public void Write(ulong destination, ReadOnlySpan<byte> source, nint stream)
    {
        if (source.IsEmpty)
        {
            return;
        }

        ref Slot slot = ref _slots[_next];
        _next = (_next + 1) % SlotCount;
        if (slot.Buffer is null || slot.Buffer.Bytes < source.Length)
        {
            Grow(source.Length);
        }

        // The copy of four writes ago is long done, unless the device is that far behind.
        slot.Event!.Synchronize();
        source.CopyTo(slot.Buffer!.AsSpan<byte>());
        context.CopyToDeviceAsync(destination, slot.Buffer.Pointer, source.Length, stream);
        slot.Event.Record(stream);
    }

    /// <summary>All slots at once: to make pinned memory waits for the device, and the next writes are as
    /// long as these.</summary>
    private void Grow(int bytes)
    {
        foreach (ref Slot slot in _slots.AsSpan())
        {
            slot.Event ??= context.CreateEvent();
            slot.Event.Synchronize();
            slot.Buffer?.Dispose();
            slot.Buffer = null;
            slot.Buffer = context.AllocatePinned(Math.Max(SmallestBytes, bytes));
        }
    }

    public void Dispose()
    {
        foreach (Slot slot in _slots)
        {
            slot.Event?.Synchronize();
            slot.Event?.Dispose();
            slot.Buffer?.Dispose();
        }
    }

    private struct Slot
    {
        public CudaPinnedBuffer? Buffer;
        public CudaEvent? Event;
    }
}
