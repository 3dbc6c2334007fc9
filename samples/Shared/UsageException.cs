namespace Requant.Samples;

/// <summary>What the caller asked for cannot be done; the message says what to change.</summary>
internal sealed class UsageException(string message) : Exception(message);
