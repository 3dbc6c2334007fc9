using System.Runtime.InteropServices;

namespace Requant.Distributed.Ranks;

/// <summary>Bytes that stay where they are, with some behind them that nothing may change.</summary>
internal sealed unsafe class NativeBytes : IDisposable
{
    private const int GuardBytes = 16;
    private const byte Guard = 0xA5;

    private readonly byte* _memory;

    public NativeBytes(long length, byte value = 0)
    {
        Length = length;
        _memory = (byte*)NativeMemory.Alloc((nuint)(length + GuardBytes));
        NativeMemory.Fill(_memory, (nuint)length, value);
        new Span<byte>(_memory + length, GuardBytes).Fill(Guard);
    }

    public long Length { get; }

    public nint Address => (nint)_memory;

    public Span<byte> Span => new(_memory, checked((int)Length));

    public bool IsGuardWhole => !new Span<byte>(_memory + Length, GuardBytes).ContainsAnyExcept(Guard);

    public Transfer With(int rank) => new(rank, Address, Length);

    public void Dispose() => NativeMemory.Free(_memory);
}
