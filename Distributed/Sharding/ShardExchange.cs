using Requant.Numerics;
using Requant.States;

namespace Requant.Distributed.Sharding;

/// <summary>Brings gradients to the ranks that keep their states, and parameters back to all. What is sent goes out of
/// the tensors themselves, and parameters come into them; gradients of others come into one of two buffers, while what
/// is in the other is added up.</summary>
internal sealed unsafe class ShardExchange : IDisposable
{
    /// <summary>What parameters are cut to, which need no buffers.</summary>
    internal const long ParameterBytes = 4 << 20;

    private readonly ICommunicator _ranks;
    private readonly ShardPlan _plan;
    private readonly GradientRounds _rounds;
    private readonly float _divisor;
    private readonly SegmentCursor[] _cursors;
    private readonly OwnerTurns[] _turns;

    /// <summary>Numbers of each rank's pieces, one rank after the other, and where they begin.</summary>
    private readonly int[] _byRank;

    private readonly int[] _firstOfRank;
    private readonly NativeBuffer[] _buckets;

    /// <summary>Sums that have not got all groups' gradients yet.</summary>
    private readonly NativeBuffer? _carried;

    private readonly NativeBuffer _flags;
    private readonly NativeBuffer _othersFlags;
    private readonly NativeBuffer?[] _substitutes;
    private readonly List<Transfer> _sends = [];
    private readonly List<Transfer> _receives = [];
    private readonly nint[] _sources;
    private ElementType[] _types = [];
    private NativeBuffer? _zeros;

    public ShardExchange(ICommunicator ranks, ShardPlan plan, ShardingOptions options)
    {
        _ranks = ranks;
        _plan = plan;
        _divisor = options.Reduction == GradientReduction.Mean ? ranks.Size : 1f;
        _rounds = new GradientRounds(ranks.Size, options.BucketBytes);
        ILookup<int, int> pieces = Enumerable.Range(0, plan.Pieces.Count).ToLookup(piece => plan.Pieces[piece].Rank);
        _cursors = [.. Enumerable.Range(0, ranks.Size).Select(rank => new SegmentCursor(plan, [.. pieces[rank]]))];
        _turns = [.. _cursors.Select((cursor, rank) => new OwnerTurns(cursor, rank, _rounds))];
        _byRank = [.. Enumerable.Range(0, ranks.Size).SelectMany(rank => pieces[rank])];
        _firstOfRank = new int[ranks.Size + 1];
        for (int rank = 0; rank < ranks.Size; rank++)
        {
            _firstOfRank[rank + 1] = _firstOfRank[rank] + pieces[rank].Count();
        }

        // A shard that is smaller than a bucket needs no more than its size.
        long shard = pieces[ranks.Rank].Sum(piece => plan.Pieces[piece].Length * sizeof(float));
        long place = Math.Min(_rounds.Bytes, shard);
        long bucket = ranks.Size == 1 ? 0 : _rounds.Places * place;
        _buckets = [new NativeBuffer(bucket), new NativeBuffer(bucket)];

        // Sums of 16-bit gradients take twice their bytes.
        _carried = _rounds.Groups == 1 ? null : new NativeBuffer(Math.Min(_rounds.Bytes * 2, shard));
        _flags = new NativeBuffer(plan.Pieces.Count);
        _othersFlags = new NativeBuffer((long)ranks.Size * OwnCount);
        _substitutes = new NativeBuffer?[plan.Pieces.Count];
        _sources = new nint[_rounds.GroupSize];
    }

    /// <summary>Numbers of this rank's pieces.</summary>
    public ReadOnlySpan<int> Own => _byRank.AsSpan(_firstOfRank[_ranks.Rank], OwnCount);

    private int OwnCount => _firstOfRank[_ranks.Rank + 1] - _firstOfRank[_ranks.Rank];

    /// <summary>Between what comes from one rank and what comes from the next.</summary>
    private nint PlaceBytes => (nint)(_buckets[0].Bytes / _rounds.Places);

    /// <summary>Bytes of its buffers.</summary>
    public long ScratchBytes => _buckets.Sum(bucket => bucket.Bytes) + (_carried?.Bytes ?? 0) + (_zeros?.Bytes ?? 0)
        + _flags.Bytes + _othersFlags.Bytes + _substitutes.Sum(buffer => buffer?.Bytes ?? 0);

    /// <summary>Adds up what all ranks have for this rank's pieces.</summary>
    /// <param name="updates">One for each tensor.</param>
    /// <param name="activity">What this rank does.</param>
    public void ReduceGradients(ReadOnlySpan<ShardedUpdate> updates, string activity)
    {
        if (_ranks.Size == 1)
        {
            return;
        }

        IExchange flags = BeginFlags(updates, activity);
        SetTypes(updates, static update => update.GradientType);
        Array.ForEach(_turns, turn => turn.Begin());
        IExchange next = BeginGradients(updates, 0, activity);
        flags.Wait();
        MakeSubstitutes(updates);
        for (int round = 0; ; round++)
        {
            IExchange current = next;
            OwnerTurns own = _turns[_ranks.Rank];
            Segment[] segments = [.. own.Segments];
            (int group, bool isWhole) = (own.Group, own.IsWhole);
            bool isLast = Array.TrueForAll(_turns, turn => turn.IsLast);
            if (!isLast)
            {
                next = BeginGradients(updates, round + 1, activity);
            }

            current.Wait();
            AddUp(updates, segments, group, isWhole, _buckets[round % 2]);
            if (isLast)
            {
                return;
            }
        }
    }

    /// <summary>Where the sum for one of this rank's pieces is; 0 where no rank has a gradient.</summary>
    /// <param name="own">Its number among this rank's.</param>
    /// <param name="updates">One for each tensor.</param>
    public nint GradientOf(int own, ReadOnlySpan<ShardedUpdate> updates)
    {
        int index = Own[own];
        Piece piece = _plan.Pieces[index];
        ShardedUpdate update = updates[piece.Tensor];
        bool hasAny = update.Gradient != 0;
        byte* flags = (byte*)_othersFlags.Pointer;
        for (int rank = 0; rank < _ranks.Size && _ranks.Size > 1; rank++)
        {
            hasAny |= rank != _ranks.Rank && flags[((long)rank * OwnCount) + own] != 0;
        }

        return !hasAny ? 0 : GradientAddress(index, update, piece.Start);
    }

    /// <summary>Sends this rank's parameters to all others, and takes theirs.</summary>
    /// <param name="updates">One for each tensor.</param>
    /// <param name="activity">What this rank does.</param>
    public void ReturnParameters(ReadOnlySpan<ShardedUpdate> updates, string activity)
    {
        if (_ranks.Size == 1)
        {
            return;
        }

        SetTypes(updates, static update => update.ParameterType);
        IExchange? last = null;
        while (!Array.TrueForAll(_cursors, cursor => cursor.IsAtEnd))
        {
            IExchange current = BeginParameters(updates, activity);
            last?.Wait();
            last = current;
        }

        last?.Wait();
    }

    public void Dispose()
    {
        Array.ForEach(_buckets, bucket => bucket.Dispose());
        _flags.Dispose();
        _othersFlags.Dispose();
        _carried?.Dispose();
        _zeros?.Dispose();
        Array.ForEach(_substitutes, buffer => buffer?.Dispose());
    }

    private static nint Address(nint tensor, long element, ElementType type) =>
        tensor + (nint)(element * type.Size());

    private nint GradientAddress(int piece, in ShardedUpdate update, long element) => _substitutes[piece] is { } own
        ? Address(own.Pointer, element - _plan.Pieces[piece].Start, update.GradientType)
        : Address(update.Gradient, element, update.GradientType);

    private void SetTypes(ReadOnlySpan<ShardedUpdate> updates, Func<ShardedUpdate, ElementType> typeOf)
    {
        if (_types.Length != updates.Length)
        {
            _types = new ElementType[updates.Length];
        }

        for (int tensor = 0; tensor < updates.Length; tensor++)
        {
            _types[tensor] = typeOf(updates[tensor]);
        }

        Array.ForEach(_cursors, cursor => cursor.Reset());
    }

    /// <summary>Tells the ranks for which of their pieces this one has a gradient.</summary>
    private IExchange BeginFlags(ReadOnlySpan<ShardedUpdate> updates, string activity)
    {
        byte* flags = (byte*)_flags.Pointer;
        for (int i = 0; i < _byRank.Length; i++)
        {
            flags[i] = updates[_plan.Pieces[_byRank[i]].Tensor].Gradient != 0 ? (byte)1 : (byte)0;
        }

        _sends.Clear();
        _receives.Clear();
        for (int rank = 0; rank < _ranks.Size; rank++)
        {
            if (rank != _ranks.Rank)
            {
                int count = _firstOfRank[rank + 1] - _firstOfRank[rank];
                _sends.Add(new Transfer(rank, _flags.Pointer + _firstOfRank[rank], count));
                _receives.Add(
                    new Transfer(rank, _othersFlags.Pointer + (nint)((long)rank * OwnCount), OwnCount));
            }
        }

        return Begin(activity);
    }

    private IExchange BeginGradients(ReadOnlySpan<ShardedUpdate> updates, int round, string activity)
    {
        _sends.Clear();
        _receives.Clear();
        for (int rank = 0; rank < _ranks.Size; rank++)
        {
            OwnerTurns turn = _turns[rank];
            turn.Next(_types);
            if (rank == _ranks.Rank || turn.Group != _rounds.GroupOf(_ranks.Rank))
            {
                continue;
            }

            foreach (Segment segment in turn.Segments)
            {
                ShardedUpdate update = updates[_plan.Pieces[segment.Piece].Tensor];
                long bytes = (long)segment.Length * update.GradientType.Size();
                _sends.Add(new Transfer(rank, update.Gradient != 0
                    ? Address(update.Gradient, segment.Start, update.GradientType)
                    : Zeros(bytes), bytes));
            }
        }

        OwnerTurns own = _turns[_ranks.Rank];
        nint place = _buckets[round % 2].Pointer;
        foreach (int rank in _rounds.RanksOf(own.Group))
        {
            if (rank == _ranks.Rank)
            {
                continue;
            }

            nint start = place;
            foreach (Segment segment in own.Segments)
            {
                long bytes = (long)segment.Length * _types[_plan.Pieces[segment.Piece].Tensor].Size();
                _receives.Add(new Transfer(rank, start, bytes));
                start += (nint)bytes;
            }

            place += PlaceBytes;
        }

        return Begin(activity);
    }

    /// <summary>Adds a group's gradients to those of the groups before it.</summary>
    private void AddUp(
        ReadOnlySpan<ShardedUpdate> updates, Segment[] segments, int group, bool isWhole, NativeBuffer bucket)
    {
        nint place = bucket.Pointer;
        nint carried = _carried?.Pointer ?? 0;
        foreach (Segment segment in segments)
        {
            ShardedUpdate update = updates[_plan.Pieces[segment.Piece].Tensor];
            nint own = GradientAddress(segment.Piece, update, segment.Start);
            nint other = place;
            int count = 0;
            foreach (int rank in _rounds.RanksOf(group))
            {
                _sources[count++] = rank == _ranks.Rank ? own : other;
                other += rank == _ranks.Rank ? 0 : PlaceBytes;
            }

            OrderedSum.Add(
                _sources.AsSpan(0, count), carried, isFirst: group == 0, isWhole ? own : 0, segment.Length,
                update.GradientType, _divisor);
            place += (nint)((long)segment.Length * update.GradientType.Size());
            carried += carried == 0 ? 0 : (nint)((long)segment.Length * sizeof(float));
        }
    }

    private IExchange BeginParameters(ReadOnlySpan<ShardedUpdate> updates, string activity)
    {
        _sends.Clear();
        _receives.Clear();
        for (int rank = 0; rank < _ranks.Size; rank++)
        {
            foreach (Segment segment in _cursors[rank].Next(_types, ParameterBytes))
            {
                ShardedUpdate update = updates[_plan.Pieces[segment.Piece].Tensor];
                long bytes = (long)segment.Length * update.ParameterType.Size();
                nint address = Address(update.Parameter, segment.Start, update.ParameterType);
                if (rank != _ranks.Rank)
                {
                    _receives.Add(new Transfer(rank, address, bytes));
                    continue;
                }

                for (int other = 1; other < _ranks.Size; other++)
                {
                    // Each begins with another one.
                    _sends.Add(new Transfer((rank + other) % _ranks.Size, address, bytes));
                }
            }
        }

        return Begin(activity);
    }

    private IExchange Begin(string activity) => _ranks.Begin(
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_sends),
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_receives), activity);

    /// <summary>Memory for sums where this rank has no gradient of its own, and others have.</summary>
    private void MakeSubstitutes(ReadOnlySpan<ShardedUpdate> updates)
    {
        foreach (int index in Own)
        {
            Piece piece = _plan.Pieces[index];
            ShardedUpdate update = updates[piece.Tensor];
            long bytes = piece.Length * update.GradientType.Size();
            bool isMissing = update.Gradient == 0;
            if (!isMissing || _substitutes[index]?.Bytes != bytes)
            {
                _substitutes[index]?.Dispose();
                _substitutes[index] = isMissing ? new NativeBuffer(bytes) : null;
            }
            else
            {
                new Span<byte>((void*)_substitutes[index]!.Pointer, checked((int)bytes)).Clear();
            }
        }
    }

    private nint Zeros(long bytes)
    {
        if (bytes > 0 && _zeros is null)
        {
            _zeros = new NativeBuffer(_rounds.Bytes);
        }

        return _zeros?.Pointer ?? 0;
    }
}
