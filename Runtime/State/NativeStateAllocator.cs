using System.Runtime.InteropServices;

namespace Requant;

/// <summary>State memory from the process's native heap, aligned for vectors and cache lines.</summary>
internal sealed class NativeStateAllocator : IStateAllocator
{
    public static NativeStateAllocator Instance { get; } = new();

    public IStateMemory Allocate(string stateName, StateMemoryKind kind, long count, byte fill) =>
        new NativeBuffer(checked(count * (kind == StateMemoryKind.Codes ? sizeof(byte) : sizeof(float))), fill);
}

/// <summary>A piece of native memory. It has no finalizer: spans and kernels hold its bare address.</summary>
internal sealed unsafe class NativeBuffer : IStateMemory
{
    /// <summary>A cache line, and the widest vector.</summary>
    private const nuint AlignmentBytes = 64;

    private void* _pointer;

    public NativeBuffer(long bytes, byte fill = 0)
    {
        Bytes = bytes;
        if (bytes > 0)
        {
            _pointer = NativeMemory.AlignedAlloc((nuint)bytes, AlignmentBytes);
            NativeMemory.Fill(_pointer, (nuint)bytes, fill);
        }
    }

    public long Bytes { get; }

    public nint Pointer => (nint)_pointer;

    public void Dispose()
    {
        NativeMemory.AlignedFree(_pointer);
        _pointer = null;
    }
}
