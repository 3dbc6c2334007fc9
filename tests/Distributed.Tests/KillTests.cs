using System.Diagnostics;
using Requant.Tests;

namespace Requant.Distributed.Tests;

/// <summary>A rank of an MPI job is killed: the others end, and one line says which it was and what it did
/// last.</summary>
public sealed class KillTests
{
    private const int Ranks = 4;

    /// <summary>How long the others may take; it is a second or two.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly int Kills = KillCount.Value;

    /// <summary>Further kills where MPICH's launcher is quicker than the ranks: one in a hundred times, where other
    /// programs want the cores.</summary>
    private const int MoreKills = 1;

    public static MatrixTheoryData<string, string> Cases { get; } = new(
        [Launcher.OpenMpi.Name, Launcher.Mpich.Name], ["exchange", "barrier", "gather", "save"]);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Rank_Killed_OthersEndAndOneLineNamesIt(string launcher, string activity)
    {
        var random = new Random(activity.Length);
        int named = 0;
        for (int kill = 0; named < Kills && kill < Kills + MoreKills; kill++)
        {
            int victim = random.Next(Ranks);
            using Job job = RanksProgram.Start(launcher, Ranks, activity);
            int[] processes = job.WaitForProcesses(Ranks);
            Thread.Sleep(random.Next(100));
            using (Process process = Process.GetProcessById(processes[victim]))
            {
                process.Kill();
            }

            long start = Stopwatch.GetTimestamp();
            job.Wait();

            // Open MPI's launcher does not wait for the ranks that it tells to end.
            while (processes.Any(IsAlive) && Stopwatch.GetElapsedTime(start) < Limit)
            {
                Thread.Sleep(20);
            }

            TimeSpan took = Stopwatch.GetElapsedTime(start);
            Assert.True(took < Limit, $"The others have not ended after {took}:\n{job.Output}");
            TestContext.Current.TestOutputHelper?.WriteLine($"{launcher}, {activity}: ended after {took}.");
            Assert.NotEqual(0, job.ExitCode);
            if (job.Said is [] && launcher == Launcher.Mpich.Name
                && job.Output.Contains("BAD TERMINATION", StringComparison.Ordinal))
            {
                continue;
            }

            Assert.Matches(
                $"^rank {victim} is gone; the last it did was \"{LastOf(activity)}\"$", Assert.Single(job.Said));
            named++;
        }

        Assert.Equal(Kills, named);
    }

    private static string LastOf(string activity) => activity switch
    {
        "exchange" => @"gradients of step \d+",
        "barrier" => @"barrier of step \d+",
        "gather" => @"norms of step \d+",
        _ => @"saving model\d+\.rqck",
    };

    private static bool IsAlive(int process)
    {
        try
        {
            using Process found = Process.GetProcessById(process);
            return !found.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
