using System.CommandLine;
using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Requant.Samples;
using Spectre.Console;

namespace Requant.Bench.Ranks;

/// <summary><c>bench -- ranks</c>: steps on ranks, beside MPI's own collectives for the same bytes.</summary>
internal static class RanksCommand
{
    private const int DefaultRounds = 21;

    public static Command Create()
    {
        var launchers = new Option<string[]>("--launchers")
        {
            Description = "Commands that start ranks; those that are not there are left out.",
            DefaultValueFactory = _ => ["mpirun.openmpi", "mpirun.mpich"],
        };
        var sizes = new Option<int[]>("--ranks")
        {
            Description = "Numbers of ranks.", DefaultValueFactory = _ => [1, 2, 3, 4],
            AllowMultipleArgumentsPerToken = true,
        };
        var rounds = new Option<int>("--rounds")
        {
            Description = "Steps that are timed.", DefaultValueFactory = _ => DefaultRounds,
        };
        var worker = new Option<bool>("--worker") { Description = "Is one of the ranks.", Hidden = true };
        var command = new Command("ranks", "Steps of 8-bit Adam on ranks of MPI: bytes, messages, times.")
        {
            launchers, sizes, rounds, worker,
        };
        command.SetAction(result =>
        {
            if (result.GetValue(worker))
            {
                RanksWorker.Run(result.GetValue(rounds));
                return 0;
            }

            return Print(result.GetValue(launchers)!, result.GetValue(sizes)!, result.GetValue(rounds));
        });
        return command;
    }

    private static int Print(string[] launchers, int[] sizes, int rounds)
    {
        Table table = new Table().AddColumns(
            "library", "ranks", "sent MB", "by the least", "messages", "exchange ms", "raw ms", "exchange / raw",
            "step ms", "fullest / mean", "us a message");
        (string Launcher, int Size)[] jobs = [.. launchers.SelectMany(one => sizes, (one, size) => (one, size))];
        RankTimes?[] all = RunProgress.Show("ranks", jobs.Length, progress => jobs.Select((job, i) =>
        {
            RankTimes? times = Launch(job.Launcher, job.Size, rounds);
            progress(i + 1, $"{job.Launcher} -n {job.Size}");
            return times;
        }).ToArray());
        foreach ((RankTimes? times, int size) in all.Zip(jobs, (times, job) => (times, job.Size)))
        {
            if (times is not null)
            {
                table.AddRow(
                    times.Library, $"{size}", $"{times.Sent / 1e6:F1}",
                    times.LeastSent == 0 ? "-" : $"{(double)times.Sent / times.LeastSent:F4}", $"{times.Messages}",
                    $"{times.Exchange:F1}", $"{times.Raw:F1}",
                    size == 1 ? "-" : $"{times.Exchange / times.Raw:F2}", $"{times.Step:F1}", $"{times.Fullest:F3}",
                    $"{times.SmallMessage:F2}");
            }
        }

        AnsiConsole.Write(table);
        return 0;
    }

    private static RankTimes? Launch(string launcher, int size, int rounds)
    {
        string[] own = launcher.Contains("mpich", StringComparison.Ordinal)
            ? []
            : ["--allow-run-as-root", "--oversubscribe", "--bind-to", "none"];
        try
        {
            using var process = Process.Start(new ProcessStartInfo(
                launcher, [
                    .. own, "-n", $"{size}", "dotnet", Assembly.GetExecutingAssembly().Location, "ranks", "--worker",
                    "--rounds", $"{rounds}",
                ])
            {
                RedirectStandardOutput = true,
            })!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            string? line = output.Split('\n').FirstOrDefault(one => one.StartsWith('{'));
            return line is null ? null : JsonSerializer.Deserialize(line, RanksJson.Default.RankTimes);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Console.Error.WriteLine($"bench: there is no {launcher}; it is left out.");
            return null;
        }
    }
}
