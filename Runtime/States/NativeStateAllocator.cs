using System.Runtime.InteropServices;

namespace Requant.States;

/// <summary>State memory from the process's native heap, aligned for vectors and cache lines.</summary>
internal sealed class NativeStateAllocator : IStateAllocator
{
    public static NativeStateAllocator Instance { get; } = new();

    public IStateMemory Allocate(string stateName, StateMemoryKind kind, long count, byte fill) =>
        new NativeBuffer(checked(count * BytesOf(kind)), fill);

    private static int BytesOf(StateMemoryKind kind) => kind switch
    {
        StateMemoryKind.Codes => sizeof(byte),
        StateMemoryKind.Remainder => sizeof(short),
        _ => sizeof(float),
    };
}
