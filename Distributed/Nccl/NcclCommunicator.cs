using System.Diagnostics;
using Requant.Distributed.Faults;

namespace Requant.Distributed.Nccl;

/// <summary>One GPU of a NCCL job. Sends and receives of an exchange are one group on the stream.</summary>
internal sealed unsafe class NcclCommunicator : ICommunicator
{
    /// <summary>Bytes of a barrier that are on the stack.</summary>
    private const int MostOnStack = 1024;

    private static readonly TimeSpan SpinTime = TimeSpan.FromMilliseconds(1);

    private readonly NcclLibrary _nccl = NcclLibrary.OfProcess;
    private readonly CudaCalls _cuda = CudaCalls.OfProcess;
    private readonly nint _stream;
    private readonly TimeSpan _timeLimit;
    private readonly Stack<NcclExchange> _pool = new();
    private readonly nint _handle;
    private string _activity = FaultText.FirstActivity;
    private nint _staging;
    private long _stagingBytes;
    private bool _isDisposed;

    public NcclCommunicator(NcclUniqueId id, int rank, int size, nint stream, TimeSpan timeLimit)
    {
        (Rank, Size, _stream, _timeLimit) = (rank, size, stream, timeLimit);
        Library = _nccl.ReadVersion();
        nint handle = 0;
        _nccl.Check(_nccl.InitRank(&handle, size, id, rank), "ncclCommInitRank");
        _handle = handle;
    }

    public int Rank { get; }

    public int Size { get; }

    public string Library { get; }

    public IExchange Begin(ReadOnlySpan<Transfer> sends, ReadOnlySpan<Transfer> receives, string activity)
    {
        TransferCheck.ThrowIfUnusable(sends, Size, nameof(sends));
        TransferCheck.ThrowIfUnusable(receives, Size, nameof(receives));
        Enter(activity);
        _nccl.Check(_nccl.GroupStart(), "ncclGroupStart");
        NcclResult result = NcclResult.Success;
        foreach (Transfer one in receives)
        {
            result = First(
                result, _nccl.Receive(one.Address, (nuint)one.Bytes, NcclLibrary.Bytes, one.Rank, _handle, _stream));
        }

        foreach (Transfer one in sends)
        {
            result = First(
                result, _nccl.Send(one.Address, (nuint)one.Bytes, NcclLibrary.Bytes, one.Rank, _handle, _stream));
        }

        // A group that was begun is ended, whatever went wrong within it.
        _nccl.Check(First(result, _nccl.GroupEnd()), "ncclGroupEnd");
        return Recorded();
    }

    public void Gather(ReadOnlySpan<byte> mine, Span<byte> all, string activity)
    {
        TransferCheck.ThrowIfNotAll(mine.Length, all.Length, Size, nameof(all));
        Enter(activity);
        if (all.IsEmpty)
        {
            Barrier(activity);
            return;
        }

        // In place: this rank's bytes are where they belong among those of all.
        Stage(all.Length);
        nint own = _staging + (nint)((long)Rank * mine.Length);
        fixed (byte* from = mine, to = all)
        {
            _cuda.CopyToDevice(own, from, mine.Length, _stream);
            _nccl.Check(
                _nccl.AllGather(own, _staging, (nuint)mine.Length, NcclLibrary.Bytes, _handle, _stream),
                "ncclAllGather");
            _cuda.CopyToHost(to, _staging, all.Length, _stream);
            Recorded().Wait();
        }
    }

    public void Broadcast(Span<byte> bytes, int root, string activity)
    {
        TransferCheck.ThrowIfNoRank(root, Size, nameof(root));
        Enter(activity);
        if (bytes.IsEmpty)
        {
            return;
        }

        Stage(bytes.Length);
        fixed (byte* host = bytes)
        {
            if (Rank == root)
            {
                _cuda.CopyToDevice(_staging, host, bytes.Length, _stream);
            }

            _nccl.Check(
                _nccl.Broadcast(
                    _staging, _staging, (nuint)bytes.Length, NcclLibrary.Bytes, root, _handle, _stream),
                "ncclBroadcast");
            if (Rank != root)
            {
                _cuda.CopyToHost(host, _staging, bytes.Length, _stream);
            }

            Recorded().Wait();
        }
    }

    public void Barrier(string activity)
    {
        Span<byte> all = Size <= MostOnStack ? stackalloc byte[Size] : new byte[Size];
        Gather(all[..1], all, activity);
    }

    public void Abort(string reason)
    {
        string text = FaultText.Aborted(Rank, reason);
        Console.Error.WriteLine(FaultText.Prefix + text);
        _nccl.Abort(_handle);
        Environment.Exit(1);
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        while (_pool.TryPop(out NcclExchange? exchange))
        {
            exchange.DestroyEvent();
        }

        if (_staging != 0)
        {
            _cuda.Free(_staging);
        }

        _nccl.Destroy(_handle);
    }

    /// <summary>Waits for the stream, and looks after errors of other ranks meanwhile.</summary>
    internal void WaitFor(NcclExchange exchange)
    {
        long start = Stopwatch.GetTimestamp();
        while (!exchange.HasPassed())
        {
            NcclResult error = NcclResult.Success;
            _nccl.Check(_nccl.AsyncError(_handle, &error), "ncclCommGetAsyncError");
            TimeSpan waited = Stopwatch.GetElapsedTime(start);
            if (error is not (NcclResult.Success or NcclResult.InProgress))
            {
                Fail(FaultText.Broken(Rank, _activity, FaultText.OtherRanks, _nccl.Describe(error)));
            }

            if (_timeLimit != Timeout.InfiniteTimeSpan && waited > _timeLimit)
            {
                Fail(FaultText.Late(Rank, _activity, _timeLimit, FaultText.OtherRanks));
            }

            if (waited < SpinTime)
            {
                Thread.Yield();
            }
            else
            {
                Thread.Sleep(1);
            }
        }
    }

    internal void Return(NcclExchange exchange) => _pool.Push(exchange);

    private static NcclResult First(NcclResult first, NcclResult second) =>
        first == NcclResult.Success ? second : first;

    private NcclExchange Recorded()
    {
        NcclExchange exchange = _pool.TryPop(out NcclExchange? used) ? used : new NcclExchange(this, _cuda);
        exchange.Record(_stream);
        return exchange;
    }

    private void Enter(string activity)
    {
        ArgumentException.ThrowIfNullOrEmpty(activity);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _activity = activity;
    }

    /// <summary>Takes the kernels of this rank off the stream, which would wait there for ever.</summary>
    private void Fail(string text)
    {
        _nccl.Abort(_handle);
        _isDisposed = true;
        throw new CommunicationException(text);
    }

    /// <summary>Sees to it that there are so many bytes on the device; nothing is under way in the old ones.</summary>
    private void Stage(long bytes)
    {
        if (bytes <= _stagingBytes)
        {
            return;
        }

        if (_staging != 0)
        {
            _cuda.Free(_staging);
        }

        _staging = _cuda.Allocate(bytes);
        _stagingBytes = bytes;
    }
}
