using Requant.Numerics;
using Requant.States;

namespace Requant.Distributed.Sharding;

/// <summary>Brings gradients to the ranks that keep their states, and parameters back to all. What is sent goes out of
/// the tensors themselves, and parameters come into them; gradients of others come into one of two buffers, while what
/// is in the other is added up.</summary>
internal sealed unsafe class ShardExchange : IDisposable
{
    /// <summary>The least that a message of gradients is cut to, whatever the buffers.</summary>
    internal const long LeastRoundBytes = 64 << 10;

    /// <summary>What parameters are cut to, which need no buffers.</summary>
    internal const long ParameterBytes = 4 << 20;

    private readonly ICommunicator _ranks;
    private readonly ShardPlan _plan;
    private readonly long _roundBytes;
    private readonly float _divisor;
    private readonly SegmentCursor[] _cursors;

    /// <summary>Numbers of each rank's pieces, one rank after the other, and where they begin.</summary>
    private readonly int[] _byRank;

    private readonly int[] _firstOfRank;
    private readonly NativeBuffer[] _buckets;
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
        int others = ranks.Size - 1;
        _roundBytes = Math.Max(LeastRoundBytes, options.BucketBytes / Math.Max(1, others)) & ~63L;
        ILookup<int, int> pieces = Enumerable.Range(0, plan.Pieces.Count).ToLookup(piece => plan.Pieces[piece].Rank);
        _cursors = [.. Enumerable.Range(0, ranks.Size).Select(rank => new SegmentCursor(plan, [.. pieces[rank]]))];
        _byRank = [.. Enumerable.Range(0, ranks.Size).SelectMany(rank => pieces[rank])];
        _firstOfRank = new int[ranks.Size + 1];
        for (int rank = 0; rank < ranks.Size; rank++)
        {
            _firstOfRank[rank + 1] = _firstOfRank[rank] + pieces[rank].Count();
        }

        // A shard that is smaller than a bucket needs no more than its size.
        long shard = pieces[ranks.Rank].Sum(piece => plan.Pieces[piece].Length * sizeof(float));
        long bucket = others * Math.Min(_roundBytes, shard);
        _buckets = [new NativeBuffer(bucket), new NativeBuffer(bucket)];
        _flags = new NativeBuffer(plan.Pieces.Count);
        _othersFlags = new NativeBuffer((long)ranks.Size * OwnCount);
        _substitutes = new NativeBuffer?[plan.Pieces.Count];
        _sources = new nint[ranks.Size];
    }

    /// <summary>Numbers of this rank's pieces.</summary>
    public ReadOnlySpan<int> Own => _byRank.AsSpan(_firstOfRank[_ranks.Rank], OwnCount);

    private int OwnCount => _firstOfRank[_ranks.Rank + 1] - _firstOfRank[_ranks.Rank];

    /// <summary>Bytes of its buffers.</summary>
    public long ScratchBytes => _buckets.Sum(bucket => bucket.Bytes) + _flags.Bytes + _othersFlags.Bytes
        + (_zeros?.Bytes ?? 0) + _substitutes.Sum(buffer => buffer?.Bytes ?? 0);

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
        IExchange next = BeginGradients(updates, 0, activity);
        flags.Wait();
        MakeSubstitutes(updates);
        for (int round = 0; ; round++)
        {
            IExchange current = next;
            Segment[] segments = [.. _cursors[_ranks.Rank].Segments];
            bool isLast = Array.TrueForAll(_cursors, cursor => cursor.IsAtEnd);
            if (!isLast)
            {
                next = BeginGradients(updates, round + 1, activity);
            }

            current.Wait();
            AddUp(updates, segments, _buckets[round % 2]);
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
        long bucketPart = _buckets[0].Bytes / (_ranks.Size - 1);
        for (int rank = 0; rank < _ranks.Size; rank++)
        {
            foreach (Segment segment in _cursors[rank].Next(_types, _roundBytes))
            {
                ShardedUpdate update = updates[_plan.Pieces[segment.Piece].Tensor];
                long bytes = (long)segment.Length * update.GradientType.Size();
                if (rank != _ranks.Rank)
                {
                    _sends.Add(new Transfer(rank, update.Gradient != 0
                        ? Address(update.Gradient, segment.Start, update.GradientType)
                        : Zeros(bytes), bytes));
                }
            }
        }

        nint bucket = _buckets[round % 2].Pointer;
        for (int rank = 0; rank < _ranks.Size; rank++)
        {
            if (rank == _ranks.Rank)
            {
                continue;
            }

            nint place = bucket;
            foreach (Segment segment in _cursors[_ranks.Rank].Segments)
            {
                long bytes = (long)segment.Length * _types[_plan.Pieces[segment.Piece].Tensor].Size();
                _receives.Add(new Transfer(rank, place, bytes));
                place += (nint)bytes;
            }

            bucket += (nint)bucketPart;
        }

        return Begin(activity);
    }

    private void AddUp(ReadOnlySpan<ShardedUpdate> updates, Segment[] segments, NativeBuffer bucket)
    {
        long bucketPart = bucket.Bytes / (_ranks.Size - 1);
        nint place = bucket.Pointer;
        foreach (Segment segment in segments)
        {
            ShardedUpdate update = updates[_plan.Pieces[segment.Piece].Tensor];
            long bytes = (long)segment.Length * update.GradientType.Size();
            nint own = GradientAddress(segment.Piece, update, segment.Start);
            nint other = place;
            for (int rank = 0; rank < _ranks.Size; rank++)
            {
                _sources[rank] = rank == _ranks.Rank ? own : other;
                other += rank == _ranks.Rank ? 0 : (nint)bucketPart;
            }

            OrderedSum.Add(_sources, own, segment.Length, update.GradientType, _divisor);
            place += (nint)bytes;
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
            _zeros = new NativeBuffer(_roundBytes);
        }

        return _zeros?.Pointer ?? 0;
    }
}
