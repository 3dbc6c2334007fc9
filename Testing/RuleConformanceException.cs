namespace Requant.Testing;

/// <summary>A backend left other bits than the rule's scalar kernels, or could not run it.</summary>
public sealed class RuleConformanceException : Exception
{
    /// <summary>Makes an exception without details.</summary>
    public RuleConformanceException()
    {
    }

    /// <summary>Makes an exception with a message.</summary>
    /// <param name="message">Says where what differs.</param>
    public RuleConformanceException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and its cause.</summary>
    /// <param name="message">Says where what went wrong.</param>
    /// <param name="innerException">What the backend threw.</param>
    public RuleConformanceException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The rule with its hyperparameters.</summary>
    public string Rule { get; init; } = "";

    /// <summary>Name of the backend.</summary>
    public string Backend { get; init; } = "";

    /// <summary>Block size, storage and gradients.</summary>
    public string Case { get; init; } = "";

    /// <summary>Number of the step, from 1.</summary>
    public int Step { get; init; }

    /// <summary>What differs, as in <c>codes of state m</c>; empty where the rule could not be run.</summary>
    public string Field { get; init; } = "";

    /// <summary>The first element that differs, or -1.</summary>
    public int Element { get; init; } = -1;

    /// <summary>Bits and value that the scalar kernels gave, as in <c>0x3F800000 (1)</c>.</summary>
    public string Expected { get; init; } = "";

    /// <summary>Bits and value that the backend gave.</summary>
    public string Actual { get; init; } = "";
}
