using Requant.Numerics;

namespace Requant.Distributed.Sharding;

/// <summary>Which elements of one rank's pieces are added up in a round, and whose gradients of them. Ranks do not
/// begin with the first group all at once, so that in every round each group sends to as many others.</summary>
/// <param name="cursor">Goes through the rank's elements; at its beginning when turns are begun.</param>
/// <param name="rank">The rank.</param>
/// <param name="rounds">Groups and bytes.</param>
internal sealed class OwnerTurns(SegmentCursor cursor, int rank, GradientRounds rounds)
{
    /// <summary>Rounds since this rank's first one, which is 0.</summary>
    private int _round;

    /// <summary>The group that sends in this round.</summary>
    public int Group => Math.Max(0, _round) % rounds.Groups;

    /// <summary>What it sends; nothing before this rank's first round and after its last.</summary>
    public IReadOnlyList<Segment> Segments => _round < 0 ? [] : cursor.Segments;

    /// <summary>Whether the sums of this round's elements are whole after it.</summary>
    public bool IsWhole => Group == rounds.Groups - 1;

    /// <summary>Whether nothing follows this round.</summary>
    public bool IsLast => cursor.IsAtEnd && (IsWhole || Segments.Count == 0);

    /// <summary>Goes back to before the first round.</summary>
    public void Begin() => _round = -1 - (rank % rounds.Groups);

    /// <summary>Goes on to the next round.</summary>
    /// <param name="types">Type of each tensor's elements.</param>
    public void Next(ReadOnlySpan<ElementType> types)
    {
        _round++;
        if (_round >= 0 && Group == 0)
        {
            cursor.Next(types, rounds.Bytes);
        }
    }
}
