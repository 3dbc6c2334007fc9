namespace Requant;

/// <summary>A checkpoint is damaged, or does not fit the optimizer that it is read for. The message says what differs
/// and what to do; the optimizer is unchanged.</summary>
public sealed class CheckpointException : Exception
{
    /// <summary>An exception with a message.</summary>
    /// <param name="message">What differs, and what to do.</param>
    public CheckpointException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a message and a cause.</summary>
    /// <param name="message">What differs, and what to do.</param>
    /// <param name="innerException">What the framework said.</param>
    public CheckpointException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>An exception without a message of its own.</summary>
    public CheckpointException()
    {
    }
}
