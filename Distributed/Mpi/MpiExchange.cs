using System.Runtime.InteropServices;

namespace Requant.Distributed.Mpi;

/// <summary>Messages of one <see cref="MpiCommunicator.Start"/>.</summary>
internal sealed unsafe class MpiExchange(MpiCommunicator owner, MpiLibrary library) : IExchange
{
    /// <summary>A receive's bytes, and this for a send, whose status says nothing.</summary>
    private const int IsSend = -1;

    private int _capacity;
    private int _count;
    private int _left;
    private bool _isUnderWay;
    private byte* _requests;
    private byte* _statuses;
    private int* _completed;
    private int[] _ranks = [];
    private int[] _expected = [];

    ~MpiExchange()
    {
        NativeMemory.Free(_requests);
        NativeMemory.Free(_statuses);
        NativeMemory.Free(_completed);
    }

    public bool IsCompleted => !_isUnderWay || Poll();

    /// <summary>Messages that are under way.</summary>
    internal int Left => _left;

    public void Wait()
    {
        if (!_isUnderWay)
        {
            throw new InvalidOperationException("This exchange was waited for before.");
        }

        if (!Poll())
        {
            owner.WaitFor(this);
        }

        _isUnderWay = false;
        owner.Return(this);
    }

    /// <summary>Begins all messages, receives first, so that what comes finds its place.</summary>
    public void Begin(int tag, ReadOnlySpan<Transfer> sends, ReadOnlySpan<Transfer> receives)
    {
        (_count, _left, _isUnderWay) = (0, 0, true);
        Reserve(PiecesOf(sends) + PiecesOf(receives));
        foreach (Transfer receive in receives)
        {
            for (long done = 0; done == 0 || done < receive.Bytes; done += owner.PieceBytes)
            {
                int bytes = (int)Math.Min(receive.Bytes - done, owner.PieceBytes);
                byte* request = Add(receive.Rank, bytes);
                library.Check(
                    library.Receive(
                        receive.Address + (nint)done, bytes, library.Abi.Byte, receive.Rank, tag, owner.Handle,
                        request),
                    "MPI_Irecv");
            }
        }

        foreach (Transfer send in sends)
        {
            for (long done = 0; done == 0 || done < send.Bytes; done += owner.PieceBytes)
            {
                int bytes = (int)Math.Min(send.Bytes - done, owner.PieceBytes);
                byte* request = Add(send.Rank, IsSend);
                library.Check(
                    library.Send(
                        send.Address + (nint)done, bytes, library.Abi.Byte, send.Rank, tag, owner.Handle, request),
                    "MPI_Isend");
            }
        }
    }

    /// <summary>Lets MPI work, and takes what is done.</summary>
    /// <returns>Whether all is.</returns>
    public bool Poll()
    {
        while (_left > 0)
        {
            int done = 0;
            int error = library.TestSome(_count, _requests, &done, _completed, _statuses);

            // Negative where no request is left, which cannot be.
            for (int i = 0; i < done; i++)
            {
                Complete(_completed[i], _statuses + ((long)i * library.Abi.StatusBytes), error);
            }

            if (error != 0)
            {
                owner.Fail(owner.Rank, library.Describe(error));
            }

            if (done <= 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Adds the ranks of messages that are under way.</summary>
    public void AddAwaited(SortedSet<int> ranks)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_ranks[i] >= 0)
            {
                ranks.Add(_ranks[i]);
            }
        }
    }

    private void Complete(int index, byte* status, int error)
    {
        int rank = _ranks[index];
        int expected = _expected[index];
        _ranks[index] = -1;
        _left--;
        if (error != 0 && *(int*)(status + library.Abi.StatusError) is int reason and not 0)
        {
            owner.Fail(rank, library.Describe(reason));
        }

        int count = 0;
        if (expected != IsSend && library.GetCount(status, library.Abi.Byte, &count) == 0 && count != expected)
        {
            owner.FailOfLength(rank, count, expected);
        }
    }

    private byte* Add(int rank, int expected)
    {
        _ranks[_count] = rank;
        _expected[_count] = expected;
        _left++;
        return _requests + ((long)_count++ * library.Abi.RequestBytes);
    }

    private int PiecesOf(ReadOnlySpan<Transfer> transfers)
    {
        long pieces = 0;
        foreach (Transfer one in transfers)
        {
            pieces += Math.Max(1, (one.Bytes + owner.PieceBytes - 1) / owner.PieceBytes);
        }

        return checked((int)pieces);
    }

    private void Reserve(int count)
    {
        if (count <= _capacity)
        {
            return;
        }

        _capacity = Math.Max(count, 2 * _capacity);
        _requests = (byte*)NativeMemory.Realloc(_requests, (nuint)_capacity * (nuint)library.Abi.RequestBytes);
        _statuses = (byte*)NativeMemory.Realloc(_statuses, (nuint)_capacity * (nuint)library.Abi.StatusBytes);
        _completed = (int*)NativeMemory.Realloc(_completed, (nuint)_capacity * sizeof(int));
        _ranks = new int[_capacity];
        _expected = new int[_capacity];
    }
}
