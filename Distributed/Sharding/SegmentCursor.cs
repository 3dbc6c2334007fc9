using Requant.Numerics;

namespace Requant.Distributed.Sharding;

/// <summary>Goes through the elements of one rank's pieces in rounds of so many bytes, so that in each round all ranks
/// have as much to exchange, and a buffer holds what comes in.</summary>
/// <param name="plan">Which rank has what.</param>
/// <param name="pieces">Numbers of the rank's pieces.</param>
internal sealed class SegmentCursor(ShardPlan plan, int[] pieces)
{
    private readonly List<Segment> _segments = [];
    private int _next;
    private long _done;

    /// <summary>Whether all elements have been given.</summary>
    public bool IsAtEnd => _next == pieces.Length;

    /// <summary>What the last round gave.</summary>
    public IReadOnlyList<Segment> Segments => _segments;

    public void Reset()
    {
        (_next, _done) = (0, 0);
        _segments.Clear();
    }

    /// <summary>The elements of the next round; none at the end.</summary>
    /// <param name="types">Type of each tensor's elements.</param>
    /// <param name="bytes">The most that they take; room for one at least.</param>
    public IReadOnlyList<Segment> Next(ReadOnlySpan<ElementType> types, long bytes)
    {
        _segments.Clear();
        while (_next < pieces.Length)
        {
            Piece piece = plan.Pieces[pieces[_next]];
            int size = types[piece.Tensor].Size();
            int length = (int)Math.Min(piece.Length - _done, Math.Min(bytes / size, int.MaxValue));
            if (length == 0 && piece.Length > 0)
            {
                break;
            }

            _segments.Add(new Segment(pieces[_next], piece.Start + _done, length));
            bytes -= (long)length * size;
            _done += length;
            if (_done == piece.Length)
            {
                (_next, _done) = (_next + 1, 0);
            }
        }

        return _segments;
    }
}
