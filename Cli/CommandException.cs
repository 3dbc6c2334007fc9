namespace Requant.Cli;

/// <summary>Ends the command with <see cref="ExitCodes.Failed"/> and a message that names the thing
/// and the fix.</summary>
internal sealed class CommandException(string message, Exception? innerException = null)
    : Exception(message, innerException);
