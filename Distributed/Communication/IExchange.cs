namespace Requant.Distributed;

/// <summary>Sends and receives that are under way. <see cref="Wait"/> is called once, and gives the object back to
/// its communicator, which uses it again.</summary>
public interface IExchange
{
    /// <summary>Whether all bytes have come and gone, so that <see cref="Wait"/> returns at once.</summary>
    /// <exception cref="CommunicationException">Another rank is gone, or sent another number of bytes.</exception>
    bool IsCompleted { get; }

    /// <summary>Waits until all bytes have come and gone.</summary>
    /// <exception cref="InvalidOperationException">It was waited for before.</exception>
    /// <exception cref="CommunicationException">Another rank is gone, or sent another number of bytes, or the time
    /// limit is over.</exception>
    void Wait();
}
