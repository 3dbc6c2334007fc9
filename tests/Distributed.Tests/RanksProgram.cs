using Requant.Tests;

namespace Requant.Distributed.Tests;

/// <summary>tests/Distributed.Ranks, which the ranks of a job run.</summary>
internal static class RanksProgram
{
    /// <summary>Its assembly.</summary>
    public static string Path { get; } = typeof(Ranks.Contract).Assembly.Location;

    /// <summary>Starts a job; skips the test where there is no launcher.</summary>
    public static Job Start(string launcher, int ranks, params string[] arguments) =>
        Launcher.Of(launcher).Start(Path, ranks, arguments);
}
