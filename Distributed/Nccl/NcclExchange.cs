namespace Requant.Distributed.Nccl;

/// <summary>One group of calls on the stream, and the event behind them.</summary>
internal sealed class NcclExchange(NcclCommunicator owner, CudaCalls cuda) : IExchange
{
    private readonly nint _event = cuda.CreateEvent();
    private bool _isUnderWay;

    public bool IsCompleted => !_isUnderWay || HasPassed();

    public void Wait()
    {
        if (!_isUnderWay)
        {
            throw new InvalidOperationException("This exchange was waited for before.");
        }

        owner.WaitFor(this);
        _isUnderWay = false;
        owner.Return(this);
    }

    /// <summary>For when all of it is on the stream.</summary>
    public void Record(nint stream)
    {
        cuda.Record(_event, stream);
        _isUnderWay = true;
    }

    public bool HasPassed() => cuda.HasPassed(_event);

    public void DestroyEvent() => cuda.DestroyEvent(_event);
}
