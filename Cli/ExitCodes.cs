namespace Requant.Cli;

/// <summary>What the command tells its caller.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>The arguments were understood, and what they asked for failed.</summary>
    public const int Failed = 1;

    /// <summary>The arguments were not understood.</summary>
    public const int Usage = 2;
}
