namespace Requant.Distributed;

/// <summary>The ranks of a job cannot continue.</summary>
public sealed class CommunicationException : Exception
{
    /// <summary>Without a cause.</summary>
    public CommunicationException()
    {
    }

    /// <summary>With what happened.</summary>
    /// <param name="message">What happened, and in which rank.</param>
    public CommunicationException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and the inner exception.</summary>
    /// <param name="message">What happened, and in which rank.</param>
    /// <param name="innerException">The inner exception.</param>
    public CommunicationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal CommunicationException(string message, int? rank)
        : base(message) => Rank = rank;

    /// <summary>The rank that is the reason; null where it is not known.</summary>
    public int? Rank { get; }
}
