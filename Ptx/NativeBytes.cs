using System.Buffers;

namespace Requant.Ptx;

/// <summary>Memory of the process, such as a tensor's. Who makes it keeps the memory in place.</summary>
internal sealed unsafe class NativeBytes(nint address, int length) : MemoryManager<byte>
{
    public ulong Address => (ulong)address;

    public override Span<byte> GetSpan() => new((void*)address, length);

    public override MemoryHandle Pin(int elementIndex = 0) => new((byte*)address + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
