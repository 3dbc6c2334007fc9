using System.Buffers.Binary;
using System.Numerics;
using Requant.Ptx.Syntax;

namespace Requant.Ptx.Execution;

/// <summary>Where and how much a memory instruction accesses.</summary>
/// <param name="Space">The state space of the instruction.</param>
/// <param name="Address">Slot of the address.</param>
/// <param name="Offset">Added to the address, in bytes.</param>
/// <param name="Type">Of one element.</param>
/// <param name="Count">Elements: 1, 2 or 4.</param>
internal readonly record struct MemoryAccess(StateSpace Space, int Address, long Offset, PtxType Type, int Count)
{
    public int Bytes => Type.Bytes() * Count;
}

/// <summary>An instruction that accesses memory other than parameters.</summary>
internal abstract class MemoryOperation(PtxInstruction source, MemoryAccess access) : StraightOperation(source)
{
    /// <summary>Generic addresses from here to the next window are those of shared memory.</summary>
    public const ulong SharedWindow = 0x0100_0000_0000;

    /// <summary>Generic addresses from here to the end of the window are those of local memory.</summary>
    public const ulong LocalWindow = 0x0200_0000_0000;

    private const ulong WindowEnd = 0x0300_0000_0000;

    private readonly int _bytes = access.Bytes;

    /// <summary>What the instruction does.</summary>
    public abstract PtxAccessKind Kind { get; }

    /// <summary>Bytes of a lane.</summary>
    public int LaneBytes => _bytes;

    /// <summary>The space that the instruction names, as far as it may lead to global memory.</summary>
    public PtxSpace Space => Access.Space switch
    {
        StateSpace.Global => PtxSpace.Global,
        StateSpace.Const => PtxSpace.Const,
        _ => PtxSpace.Generic,
    };

    protected MemoryAccess Access { get; } = access;

    public sealed override void Execute(Warp warp, uint lanes)
    {
        GlobalBuffer? buffer = null;
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            Execute(warp, lane, Locate(warp, lane, ref buffer));
        }

        warp.Launch.Accesses.Commit(this, warp.Launch);
    }

    /// <summary>Does the work of a lane on the bytes that it accesses.</summary>
    protected abstract void Execute(Warp warp, int lane, Span<byte> bytes);

    /// <summary>The bytes that a lane accesses.</summary>
    /// <param name="warp">The warp.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="buffer">The last buffer that a lane before this one accessed, then that of this one: most lanes
    /// share it.</param>
    private Span<byte> Locate(Warp warp, int lane, ref GlobalBuffer? buffer)
    {
        ulong address = warp.Registers[(Access.Address * Warp.Lanes) + lane] + (ulong)Access.Offset;
        (StateSpace space, ulong place) = Resolve(address);
        if (place % (ulong)_bytes != 0)
        {
            throw new FaultException(
                $"lane {lane} accesses {_bytes} bytes at {Describe(warp, space, place)}, which is no multiple "
                + $"of {_bytes}.");
        }

        if (space == StateSpace.Global)
        {
            return Global(warp, address, lane, ref buffer);
        }

        int localBytes = warp.Launch.Program.LocalBytes;
        return space == StateSpace.Shared
            ? Within(warp.Block.Shared, place, lane, "shared")
            : Within(warp.Local.AsSpan(lane * localBytes, localBytes), place, lane, "local");
    }

    protected static ulong Read(ReadOnlySpan<byte> bytes, int size) => size switch
    {
        1 => bytes[0],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
    };

    protected static void Write(Span<byte> bytes, int size, ulong value)
    {
        switch (size)
        {
            case 1:
                bytes[0] = (byte)value;
                break;
            case 2:
                BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)value);
                break;
            case 4:
                BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)value);
                break;
            default:
                BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
                break;
        }
    }

    /// <summary>The memory that an address means, and the place in it.</summary>
    private (StateSpace Space, ulong Place) Resolve(ulong address) => Access.Space switch
    {
        StateSpace.Shared or StateSpace.Local => (Access.Space, address),
        StateSpace.Generic when address is >= SharedWindow and < LocalWindow =>
            (StateSpace.Shared, address - SharedWindow),
        StateSpace.Generic when address is >= LocalWindow and < WindowEnd => (StateSpace.Local, address - LocalWindow),
        _ => (StateSpace.Global, address),
    };

    private Span<byte> Within(Span<byte> memory, ulong address, int lane, string name) =>
        address <= (ulong)memory.Length && (ulong)memory.Length - address >= (ulong)_bytes
            ? memory.Slice((int)address, _bytes)
            : throw new FaultException(
                $"lane {lane} accesses {_bytes} bytes at byte {address} of {name} memory, which has {memory.Length}.");

    private static string Describe(Warp warp, StateSpace space, ulong place) => space switch
    {
        StateSpace.Shared => $"byte {place} of shared memory",
        StateSpace.Local => $"byte {place} of local memory",
        _ when warp.Launch.FindBuffer(place, 1) is GlobalBuffer buffer =>
            $"byte {place - buffer.Address} of '{buffer.Name}', address 0x{place:x}",
        _ => $"0x{place:x}",
    };

    private Span<byte> Global(Warp warp, ulong address, int lane, ref GlobalBuffer? buffer)
    {
        if (buffer is null || !buffer.Contains(address, _bytes))
        {
            buffer = warp.Launch.FindBuffer(address, _bytes)
                ?? throw new FaultException($"lane {lane} accesses {warp.Launch.Memory.Describe(address, _bytes)}.");
        }

        if (Kind != PtxAccessKind.Load && !buffer.IsWritable)
        {
            throw new FaultException($"lane {lane} writes '{buffer.Name}', which is only for reading.");
        }

        warp.Launch.Accesses.Add(address);
        return buffer.At(address, _bytes);
    }
}

/// <summary>A load of one register or several.</summary>
internal sealed class Load(PtxInstruction source, MemoryAccess access, IReadOnlyList<LoadTarget> targets)
    : MemoryOperation(source, access)
{
    private readonly LoadTarget[] _targets = [.. targets];
    private readonly int _size = access.Type.Bytes();

    public override PtxAccessKind Kind => PtxAccessKind.Load;

    protected override void Execute(Warp warp, int lane, Span<byte> bytes)
    {
        for (int i = 0; i < _targets.Length; i++)
        {
            warp.Registers[(_targets[i].Slot * Warp.Lanes) + lane] = _targets[i].Extend(
                Read(bytes[(i * _size)..], _size));
        }
    }
}

/// <summary>A register that is loaded.</summary>
/// <param name="Slot">Its slot.</param>
/// <param name="SignBit">The sign of the value in memory, or 0 when it is extended with zeros.</param>
/// <param name="Mask">The bits of the register.</param>
internal readonly record struct LoadTarget(int Slot, ulong SignBit, ulong Mask)
{
    /// <summary>Extends a value to the size of the register.</summary>
    public ulong Extend(ulong value) => ((value ^ SignBit) - SignBit) & Mask;
}

/// <summary>Asks for a cache line, which changes nothing. It must be of memory that is there, so that kernels do not
/// ask for what they will never read.</summary>
internal sealed class Prefetch(PtxInstruction source, int address, long offset) : StraightOperation(source)
{
    public override void Execute(Warp warp, uint lanes)
    {
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            ulong place = warp.Registers[(address * Warp.Lanes) + lane] + (ulong)offset;
            if (warp.Launch.FindBuffer(place, 1) is null)
            {
                throw new FaultException($"lane {lane} prefetches {warp.Launch.Memory.Describe(place, 1)}.");
            }
        }
    }
}

/// <summary>A store of one register or several.</summary>
internal sealed class Store(PtxInstruction source, MemoryAccess access, IReadOnlyList<int> sources)
    : MemoryOperation(source, access)
{
    private readonly int[] _sources = [.. sources];
    private readonly int _size = access.Type.Bytes();

    public override PtxAccessKind Kind => PtxAccessKind.Store;

    protected override void Execute(Warp warp, int lane, Span<byte> bytes)
    {
        for (int i = 0; i < _sources.Length; i++)
        {
            Write(bytes[(i * _size)..], _size, warp.Registers[(_sources[i] * Warp.Lanes) + lane]);
        }
    }
}

/// <summary>An atomic update; lanes take turns in ascending order.</summary>
internal sealed class Atomic(
    PtxInstruction source, MemoryAccess access, LaneFunction function, int destination, int first, int second)
    : MemoryOperation(source, access)
{
    private readonly int _size = access.Type.Bytes();

    public override PtxAccessKind Kind => PtxAccessKind.Atomic;

    protected override void Execute(Warp warp, int lane, Span<byte> bytes)
    {
        ulong[] registers = warp.Registers;
        ulong old = Read(bytes, _size);
        Write(
            bytes, _size,
            function(old, registers[(first * Warp.Lanes) + lane], registers[(second * Warp.Lanes) + lane]));
        if (destination >= 0)
        {
            registers[(destination * Warp.Lanes) + lane] = old;
        }
    }
}

/// <summary>A load from the parameters of the launch.</summary>
internal sealed class LoadParameter(PtxInstruction source, int offset, PtxType type, IReadOnlyList<LoadTarget> targets)
    : StraightOperation(source)
{
    public override void Execute(Warp warp, uint lanes)
    {
        for (int i = 0; i < targets.Count; i++)
        {
            ReadOnlySpan<byte> bytes = warp.Launch.Parameters.AsSpan(offset + (i * type.Bytes()), type.Bytes());
            ulong bits = 0;
            for (int k = bytes.Length - 1; k >= 0; k--)
            {
                bits = (bits << 8) | bytes[k];
            }

            ulong value = targets[i].Extend(bits);
            for (uint rest = lanes; rest != 0; rest &= rest - 1)
            {
                warp.Registers[(targets[i].Slot * Warp.Lanes) + BitOperations.TrailingZeroCount(rest)] = value;
            }
        }
    }
}
