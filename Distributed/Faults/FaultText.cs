using System.Globalization;

namespace Requant.Distributed.Faults;

/// <summary>What is said of a job that cannot go on: the text of exceptions and, behind <see cref="Prefix"/>, the one
/// line that is left of it.</summary>
internal static class FaultText
{
    /// <summary>What the line begins with on the error stream.</summary>
    public const string Prefix = "requant: ";

    /// <summary>What a rank does that has done nothing yet.</summary>
    public const string FirstActivity = "starting";

    /// <summary>Whom a rank waits for that does not know.</summary>
    public const string OtherRanks = "other ranks";

    public static string Gone(int rank, string activity) =>
        $"rank {rank} is gone; the last it did was \"{activity}\"";

    public static string Failed(int rank, string activity, Exception exception) =>
        $"rank {rank} failed after it began \"{activity}\": {exception.GetType().Name}: {OneLine(exception.Message)}";

    public static string Exited(int rank, string activity, int exitCode) => string.Create(
        CultureInfo.InvariantCulture,
        $"rank {rank} ended with exit code {exitCode}; the last it did was \"{activity}\"");

    public static string Aborted(int rank, string reason) => $"rank {rank} ends all ranks: {OneLine(reason)}";

    public static string Late(int rank, string activity, TimeSpan limit, string awaited) => string.Create(
        CultureInfo.InvariantCulture,
        $"rank {rank} waited {limit.TotalSeconds:0.###} s in \"{activity}\" for {awaited}");

    public static string Awaited(int rank, string? activity) =>
        activity is null ? $"rank {rank}" : $"rank {rank}, which last did \"{activity}\"";

    public static string OtherLength(int rank, string activity, int other, long sent, long received) => string.Create(
        CultureInfo.InvariantCulture,
        $"rank {other} sent {sent} bytes where rank {rank} expects {received}, in \"{activity}\"");

    public static string Broken(int rank, string activity, string others, string error) =>
        $"rank {rank} lost {others} in \"{activity}\": {OneLine(error)}";

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
