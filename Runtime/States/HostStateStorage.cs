using System.Runtime.InteropServices;
using Requant.CompilerServices;

namespace Requant.States;

/// <summary>A state in host memory.</summary>
internal sealed unsafe class HostStateStorage : StateStorage
{
    private readonly IStateMemory? _codes;
    private readonly IStateMemory? _absmax;
    private readonly IStateMemory? _values;

    private readonly byte _zeroCode;
    private readonly long _length;
    private readonly long _blocks;

    private HostStateStorage(
        IStateMemory? codes, IStateMemory? absmax, IStateMemory? values, byte zeroCode, long length, int blockSize)
    {
        (_codes, _absmax, _values) = (codes, absmax, values);
        (_zeroCode, _length) = (zeroCode, length);
        _blocks = blockSize > 0 ? BlockSizes.Count(length, blockSize) : 0;
        Pointers = new StatePointers
        {
            Codes = (byte*)(codes?.Pointer ?? 0),
            Absmax = (float*)(absmax?.Pointer ?? 0),
            Values = (float*)(values?.Pointer ?? 0),
        };
    }

    public StatePointers Pointers { get; }

    public static HostStateStorage CreateQuantized(
        IStateAllocator allocator, StateInfo info, int blockSize, long length)
    {
        byte zeroCode = Codebook.For(info.Codec).ZeroCode;
        long blocks = BlockSizes.Count(length, blockSize);
        IStateMemory codes = Allocate(allocator, info.Name, StateMemoryKind.Codes, length, zeroCode);
        try
        {
            IStateMemory absmax = Allocate(allocator, info.Name, StateMemoryKind.Absmax, blocks, 0);
            return new HostStateStorage(codes, absmax, null, zeroCode, length, blockSize);
        }
        catch
        {
            codes.Dispose();
            throw;
        }
    }

    public static HostStateStorage CreateFloat32(IStateAllocator allocator, StateInfo info, long length) =>
        new(null, null, Allocate(allocator, info.Name, StateMemoryKind.Values, length, 0), 0, length, 0);

    /// <summary>Remainders, as the bytes of codes.</summary>
    public static HostStateStorage CreateRemainder(IStateAllocator allocator, long length) => new(
        Allocate(allocator, Remainder.Name, StateMemoryKind.Remainder, length, 0), null, null, 0,
        length * sizeof(short), 0);

    public override ReadOnlySpan<byte> ReadCodes(long start, int count) => new(Pointers.Codes + start, count);

    public override ReadOnlySpan<float> ReadAbsmax(long start, int count) => new(Pointers.Absmax + start, count);

    public override ReadOnlySpan<float> ReadValues(long start, int count) => new(Pointers.Values + start, count);

    public override void WriteCodes(long start, ReadOnlySpan<byte> codes)
    {
        codes.CopyTo(new Span<byte>(Pointers.Codes + start, codes.Length));
        GC.KeepAlive(this);
    }

    public override void WriteAbsmax(long start, ReadOnlySpan<float> absmax)
    {
        absmax.CopyTo(new Span<float>(Pointers.Absmax + start, absmax.Length));
        GC.KeepAlive(this);
    }

    public override void WriteValues(long start, ReadOnlySpan<float> values)
    {
        values.CopyTo(new Span<float>(Pointers.Values + start, values.Length));
        GC.KeepAlive(this);
    }

    public override void Clear()
    {
        if (Pointers.Values is null)
        {
            NativeMemory.Fill(Pointers.Codes, (nuint)_length, _zeroCode);
            NativeMemory.Clear(Pointers.Absmax, (nuint)(_blocks * sizeof(float)));
        }
        else
        {
            NativeMemory.Clear(Pointers.Values, (nuint)(_length * sizeof(float)));
        }

        GC.KeepAlive(this);
    }

    public override void Dispose()
    {
        _codes?.Dispose();
        _absmax?.Dispose();
        _values?.Dispose();
    }

    private static IStateMemory Allocate(
        IStateAllocator allocator, string stateName, StateMemoryKind kind, long count, byte fill)
    {
        IStateMemory memory = allocator.Allocate(stateName, kind, count, fill);
        if (memory is null || (memory.Pointer == 0 && count > 0))
        {
            memory?.Dispose();
            throw new InvalidOperationException(
                $"{allocator.GetType().Name} gave no memory for the {kind} of state '{stateName}' ({count} elements).");
        }

        return memory;
    }
}
