using Requant.Numerics;

namespace Requant.Distributed.Sharding;

/// <summary>Which elements of one rank's pieces are added up in a round, and whose gradients of them. Ranks do not
/// begin with the first group all at once, so that in every round each group sends to as many others.</summary>
/// <param name="cursor">Goes through the rank's elements.</param>
/// <param name="rank">The rank.</param>
/// <param name="rounds">Groups and bytes.</param>
internal sealed class OwnerTurns(SegmentCursor cursor, int rank, GradientRounds rounds)
{
    private int _wait;

    /// <summary>The group that sends in this round.</summary>
    public int Group { get; private set; }

    /// <summary>What it sends; nothing before the first round of this rank and after its last.</summary>
    public IReadOnlyList<Segment> Segments => _wait >= 0 ? [] : cursor.Segments;

    /// <summary>Whether nothing follows this round.</summary>
    public bool IsLast => cursor.IsAtEnd && (Group == rounds.Groups - 1 || Segments.Count == 0);

    /// <summary>Whether the sums of this round's elements are whole after it.</summary>
    public bool IsWhole => Group == rounds.Groups - 1;

    public void Reset()
    {
        cursor.Reset();
        (_wait, Group) = (rank % rounds.Groups, rounds.Groups - 1);
    }

    /// <summary>Goes on to the next round.</summary>
    /// <param name="types">Type of each tensor's elements.</param>
    public void Next(ReadOnlySpan<ElementType> types)
    {
        if (_wait-- > 0)
        {
            return;
        }

        _wait = -1;
        Group = (Group + 1) % rounds.Groups;
        if (Group == 0)
        {
            cursor.Next(types, rounds.Bytes);
        }
    }
}
