using System.Numerics;

namespace Requant.Ptx.Execution;

/// <summary>32 lanes with a position each.</summary>
/// <remarks>
/// <para>
/// Lanes are independent, as PTX defines them: each has its own position, and lanes meet at collective operations alone
/// (shuffles, votes, barriers), where they wait for all members that have not ended. Lanes at one position are executed
/// together as a group. <see cref="PtxOrder.Forward"/> always runs the group of the lowest rank in
/// <see cref="Decode.BlockOrder"/>, so that lanes that took different sides of a branch meet again behind it;
/// <see cref="PtxOrder.Backward"/> runs the one of the highest rank as far as it gets. Whatever does not depend on the
/// order in which hardware runs lanes is equal under both.
/// </para>
/// <para>
/// Members that wait at different operations, or for members that end elsewhere, would wait forever: that is an error.
/// So is a lane that spins until another one writes: nothing promises that lanes take turns. Both are errors after
/// <see cref="PtxGrid.MaxWarpInstructions"/> at the latest.
/// </para>
/// </remarks>
internal sealed class Warp
{
    public const int Lanes = 32;

    /// <summary>The lanes of a group have different positions, or wait.</summary>
    public const int Scattered = -1;

    private readonly LaunchContext _launch;
    private readonly Operation[] _operations;
    private readonly int[] _ranks;
    private readonly int[] _positions = new int[Lanes];
    private uint _started;
    private uint _live;
    private uint _waiting;

    public Warp(LaunchContext launch, ThreadBlock block, int index)
    {
        _launch = launch;
        Block = block;
        Index = index;
        _operations = launch.Program.Operations;
        _ranks = launch.Program.Ranks;
        Registers = new ulong[launch.Program.SlotCount * Lanes];
        Local = new byte[launch.Program.LocalBytes * Lanes];
    }

    public LaunchContext Launch => _launch;

    public ThreadBlock Block { get; }

    public int Index { get; }

    /// <summary>Slot by slot, the values of 32 lanes; bits above a register's size are 0.</summary>
    public ulong[] Registers { get; }

    /// <summary>Local memory, lane by lane.</summary>
    public byte[] Local { get; }

    public bool HasEnded => _live == 0;

    /// <summary>The barrier at which all live lanes wait.</summary>
    public int BarrierPosition { get; private set; }

    /// <summary>Puts the first <paramref name="threads"/> lanes at the first operation.</summary>
    public void Start(int threads)
    {
        _started = threads >= Lanes ? uint.MaxValue : (1u << threads) - 1;
        _live = _started;
        _waiting = 0;
        Array.Clear(_positions);
        Array.Fill(Local, LaunchContext.Garbage);
        _launch.Program.FillRegisters(this);
    }

    /// <summary>Runs until every lane ended or all live ones wait at a barrier of the block.</summary>
    public void Run()
    {
        while (_live != 0)
        {
            uint runnable = _live & ~_waiting;
            if (runnable != 0)
            {
                RunGroup(runnable);
            }
            else if (!TryMeet())
            {
                RequireBarrier();
                return;
            }
        }
    }

    /// <summary>Lets the lanes pass the barrier at which they wait.</summary>
    public void PassBarrier()
    {
        Move(_live, BarrierPosition + 1);
        _waiting = 0;
    }

    /// <summary>Ends lanes.</summary>
    public void End(uint lanes) => _live &= ~lanes;

    /// <summary>Sets the position of lanes that the group leaves behind.</summary>
    public void Move(uint lanes, int position)
    {
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            _positions[BitOperations.TrailingZeroCount(rest)] = position;
        }
    }

    /// <summary>Makes lanes wait at a barrier of the block.</summary>
    public void Wait(uint lanes, int position)
    {
        Move(lanes, position);
        _waiting |= lanes;
    }

    /// <summary>Executes a collective operation when its members are all there, and makes them
    /// wait otherwise.</summary>
    public int Arrive(CollectiveOperation operation, int position, uint lanes, uint selected)
    {
        if (selected == 0)
        {
            return position + 1;
        }

        RequireMembers(operation, selected);
        if (selected == lanes && AllWant(operation, lanes))
        {
            operation.Meet(this, lanes);
            return position + 1;
        }

        Move(lanes & ~selected, position + 1);
        Wait(selected, position);
        return Scattered;
    }

    private void RunGroup(uint runnable)
    {
        bool isForward = _launch.Grid.Order == PtxOrder.Forward;
        int position = First(runnable, isForward);
        uint lanes = At(runnable, position);
        uint others = runnable & ~lanes;
        int limit = isForward && others != 0 ? _ranks[First(others, isForward)] : int.MaxValue;
        while (position != Scattered && _ranks[position] < limit)
        {
            Operation operation = _operations[position];
            _launch.Count(position, lanes, operation);
            uint selected = operation.Select(this, lanes);
            try
            {
                if (operation is StraightOperation straight)
                {
                    if (selected != 0)
                    {
                        straight.Execute(this, selected);
                    }

                    position++;
                }
                else
                {
                    position = ((ControlOperation)operation).Continue(this, position, lanes, selected);
                }
            }
            catch (FaultException fault)
            {
                throw Error(operation, fault.Message);
            }
        }

        if (position != Scattered)
        {
            Move(lanes, position);
        }
    }

    /// <summary>The position of the lanes with the lowest rank, or with the highest.</summary>
    private int First(uint lanes, bool isForward)
    {
        int first = _positions[BitOperations.TrailingZeroCount(lanes)];
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int position = _positions[BitOperations.TrailingZeroCount(rest)];
            if (isForward ? _ranks[position] < _ranks[first] : _ranks[position] > _ranks[first])
            {
                first = position;
            }
        }

        return first;
    }

    private uint At(uint lanes, int position)
    {
        uint found = 0;
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            found |= _positions[lane] == position ? 1u << lane : 0;
        }

        return found;
    }

    /// <summary>Executes one collective operation whose live members all wait at it.</summary>
    private bool TryMeet()
    {
        for (uint rest = _live; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            int position = _positions[lane];
            if (_operations[position] is not CollectiveOperation operation)
            {
                continue;
            }

            uint members = operation.Members(this, lane) & _live;
            if ((members & ~At(_live, position)) == 0 && AllWant(operation, members))
            {
                try
                {
                    operation.Meet(this, members);
                }
                catch (FaultException fault)
                {
                    throw Error(operation, fault.Message);
                }

                Move(members, position + 1);
                _waiting &= ~members;
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether each of <paramref name="lanes"/> wants to meet exactly these, as far as they
    /// have not ended.</summary>
    private bool AllWant(CollectiveOperation operation, uint lanes)
    {
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            if ((operation.Members(this, BitOperations.TrailingZeroCount(rest)) & _live) != lanes)
            {
                return false;
            }
        }

        return true;
    }

    private void RequireMembers(CollectiveOperation operation, uint lanes)
    {
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            if ((operation.Members(this, lane) & (1u << lane)) == 0)
            {
                throw Error(operation, $"lane {lane} is not a member of the mask that it executes this with.");
            }
        }
    }

    private void RequireBarrier()
    {
        int first = _positions[BitOperations.TrailingZeroCount(_live)];
        for (uint rest = _live; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            int position = _positions[lane];
            if (_operations[position] is not BlockBarrier || position != first)
            {
                Operation operation = _operations[position];
                throw Error(operation,
                    $"lane {lane} waits here forever, for lanes that wait elsewhere: "
                    + string.Join("; ", Waits().Where(wait => wait != Describe(operation))) + ".");
            }
        }

        if (_live != _started)
        {
            throw Error(_operations[first],
                $"lane {BitOperations.TrailingZeroCount(_started & ~_live)} has ended, and the barrier waits for it.");
        }

        BarrierPosition = first;
    }

    private IEnumerable<string> Waits() =>
        Enumerable.Range(0, Lanes).Where(lane => (_live & (1u << lane)) != 0)
            .Select(lane => Describe(_operations[_positions[lane]])).Distinct();

    private static string Describe(Operation operation) => $"line {operation.Source.Line}, '{operation.Source.Text}'";

    private PtxException Error(Operation operation, string problem) =>
        operation.Source.Error($"block {Block.Index}, warp {Index}: {problem}");
}
