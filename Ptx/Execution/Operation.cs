using System.Numerics;
using Requant.Ptx.Syntax;

namespace Requant.Ptx.Execution;

/// <summary>A decoded instruction. It is immutable, so that launches can share it.</summary>
internal abstract class Operation(PtxInstruction source)
{
    /// <summary>Offset of the first lane's guard in the register file, or -1.</summary>
    private int _guard = -1;

    private bool _isGuardNegated;

    public PtxInstruction Source { get; } = source;

    public bool IsGuarded => _guard >= 0;

    public void SetGuard(int slot, bool isNegated) => (_guard, _isGuardNegated) = (slot * Warp.Lanes, isNegated);

    /// <summary>Those of <paramref name="lanes"/> whose guard holds.</summary>
    public uint Select(Warp warp, uint lanes)
    {
        if (_guard < 0)
        {
            return lanes;
        }

        uint selected = 0;
        ReadOnlySpan<ulong> guards = warp.Registers.AsSpan(_guard, Warp.Lanes);
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            selected |= (uint)guards[lane] << lane;
        }

        return _isGuardNegated ? lanes & ~selected : selected;
    }
}

/// <summary>An operation after which every lane goes on with the next one.</summary>
internal abstract class StraightOperation(PtxInstruction source) : Operation(source)
{
    /// <summary>Does the work of <paramref name="lanes"/>, which are not empty.</summary>
    public abstract void Execute(Warp warp, uint lanes);
}

/// <summary>An operation that decides where lanes go on.</summary>
internal abstract class ControlOperation(PtxInstruction source) : Operation(source)
{
    /// <summary>Where a branch may go, empty for a return; null when lanes go on with the next operation.</summary>
    public virtual int[]? Targets => null;

    /// <summary>Moves the lanes of a group that meets at this operation.</summary>
    /// <param name="warp">The warp.</param>
    /// <param name="position">Of this operation in the program.</param>
    /// <param name="lanes">The group.</param>
    /// <param name="selected">Those whose guard holds; may be empty.</param>
    /// <returns>Where the whole group goes on, or <see cref="Warp.Scattered"/> when the warp keeps the lanes'
    /// positions.</returns>
    public abstract int Continue(Warp warp, int position, uint lanes, uint selected);
}

/// <summary>An operation that lanes do together: they wait until all of its members are there.</summary>
internal abstract class CollectiveOperation(PtxInstruction source, int memberSlot) : ControlOperation(source)
{
    private readonly int _members = memberSlot * Warp.Lanes;

    /// <summary>The lanes that <paramref name="lane"/> wants to meet.</summary>
    public uint Members(Warp warp, int lane) => (uint)warp.Registers[_members + lane];

    /// <summary>Does the work for the lanes that met.</summary>
    public abstract void Meet(Warp warp, uint lanes);

    public sealed override int Continue(Warp warp, int position, uint lanes, uint selected) =>
        warp.Arrive(this, position, lanes, selected);
}
