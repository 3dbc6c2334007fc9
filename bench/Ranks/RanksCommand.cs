using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
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
        (string Launcher, int Size)[] jobs = [.. launchers.SelectMany(one => sizes, (one, size) => (one, size))];
        RankTimes?[] all = RunProgress.Show("ranks", jobs.Length, progress => jobs.Select((job, i) =>
        {
            RankTimes? times = Launch(job.Launcher, job.Size, rounds);
            progress(i + 1, $"{job.Launcher} -n {job.Size}");
            return times;
        }).ToArray());
        RankTimes[] measured = [.. all.OfType<RankTimes>()];
        foreach (IGrouping<string, RankTimes> library in measured.GroupBy(one => one.Library))
        {
            AnsiConsole.Write(TableOf(library.Key, [.. library]));
        }

        return measured.Length == jobs.Length ? 0 : 1;
    }

    private static Table TableOf(string library, RankTimes[] measured)
    {
        Table table = new Table().AddColumn(library).AddColumns(
            [.. measured.Select(one => new TableColumn($"{one.Ranks}").RightAligned())]);
        Row("sent, MB", "F1", one => one.Sent / 1e6);
        Row("sent / the least", "F4", one => (double)one.Sent / one.LeastSent);
        Row("messages of a rank", "F0", one => one.Messages);
        Row("exchange, ms", "F1", one => one.Exchange);
        Row("raw MPI, ms", "F1", one => one.Raw);
        Row("exchange / raw", "F2", one =>
            one.Ranks == 1 || one.Raw > RanksWorker.PatienceWithRaw ? double.NaN : one.Exchange / one.Raw);
        Row("step, ms", "F1", one => one.Step);
        Row("states, fullest / mean", "F3", one => one.Fullest);
        Row("small message, us", "F2", one => one.SmallMessage);
        return table;

        // One rank sends nothing to divide by, and collectives that starve say nothing of the exchange.
        void Row(string name, string format, Func<RankTimes, double> value) => table.AddRow(
        [
            name,
            .. measured.Select(value).Select(number =>
                double.IsFinite(number) ? number.ToString(format, CultureInfo.InvariantCulture) : "-"),
        ]);
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
            // Open MPI gives ranks a terminal, to which .NET says things before the first line.
            int start = output.IndexOf('{', StringComparison.Ordinal);
            if (start < 0)
            {
                Console.Error.WriteLine($"bench: {launcher} -n {size} ended with {process.ExitCode} and no figures.");
                return null;
            }

            return JsonSerializer.Deserialize(output[start..].Split('\n')[0], RanksJson.Default.RankTimes);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Console.Error.WriteLine($"bench: there is no {launcher}; it is left out.");
            return null;
        }
    }
}
