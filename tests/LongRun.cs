namespace Requant.Tests;

/// <summary>How much a run of the tests takes on: the usual, or with the environment variable REQUANT_LONG=1, as
/// <c>.ci/run</c> has it, everything. It decides how many cases of a kind there are, never what holds of one.</summary>
internal static class LongRun
{
    private const string Variable = "REQUANT_LONG";

    public static bool IsAskedFor { get; } = Environment.GetEnvironmentVariable(Variable) == "1";

    /// <summary>One of two sizes of a set.</summary>
    public static T Of<T>(T usual, T all) => IsAskedFor ? all : usual;
}
