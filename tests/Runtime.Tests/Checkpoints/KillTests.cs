using System.Diagnostics;
using System.Globalization;
using Requant.Checkpoints;
using Requant.Checkpoints.Killed;
using Requant.Tests;

namespace Requant.Runtime.Tests.Checkpoints;

/// <summary>A process that is killed while it saves leaves the old file or the new one.</summary>
public sealed class KillTests : IDisposable
{
    /// <summary>Processes at a time, each with a file of its own.</summary>
    private const int Lanes = 2;

    /// <summary>Lines that a process may say before it is killed: the first one comes before its first save, in which
    /// everything is still slow.</summary>
    private const int MostLines = 3;

    /// <summary>The longest that a process is left to itself after that, in milliseconds: a few saves.</summary>
    private const int LongestLife = 12;

    private static readonly int Kills = LongRun.Of(16, 100);

    private readonly string _folder = Directory.CreateTempSubdirectory("requant-").FullName;

    [Fact]
    public async Task Save_ProcessIsKilled_OldOrNewFileLoads()
    {
        int[] interrupted = await Task.WhenAll(
            Enumerable.Range(0, Lanes).Select(lane => Task.Run(() => KillMany(lane))));

        // Otherwise every process was killed between two saves.
        Assert.True(
            interrupted.Sum() > Kills / 20, $"Of {Kills} processes {interrupted.Sum()} were killed while they wrote.");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Has one process after the other go on from the file that the last one left.</summary>
    /// <returns>How many were killed while they wrote.</returns>
    private int KillMany(int lane)
    {
        var random = new Random(lane);
        string file = Path.Combine(_folder, $"lane{lane}.safetensors");
        int interrupted = 0;
        using var states = new CountedStates();
        states.Set(0);
        states.Save(file);
        for (int kill = 0; kill < Kills / Lanes; kill++)
        {
            int reported = RunAndKill(
                file, random.Next(1, MostLines + 1), TimeSpan.FromMilliseconds(LongestLife * random.NextDouble()));

            states.Load(file);

            Assert.True(
                states.AreWhole(), $"After kill {kill} the file has parts of other saves than of {states.Number}.");
            Assert.True(states.Number == reported || states.Number == reported + 1,
                $"After kill {kill}, {reported} was said to be saved and the file has {states.Number}.");
            int unfinished = Directory.GetFiles(_folder, $"lane{lane}.*{AtomicFile.Extension}").Length;
            Assert.InRange(unfinished, 0, 1);
            interrupted += unfinished;
        }

        states.Save(file);
        Assert.Equal([file], Directory.GetFiles(_folder, $"lane{lane}.*"));
        return interrupted;
    }

    /// <returns>The last number that the process said was saved.</returns>
    private static int RunAndKill(string file, int lines, TimeSpan life)
    {
        string program = typeof(CountedStates).Assembly.Location;
        using Process process = Process.Start(
            new ProcessStartInfo("dotnet", [program, file]) { RedirectStandardOutput = true })!;
        string last = "";
        for (int i = 0; i < lines; i++)
        {
            last = process.StandardOutput.ReadLine()
                ?? throw new InvalidOperationException($"{program} ended before it was killed.");
        }

        Thread.Sleep(life);
        process.Kill();
        while (process.StandardOutput.ReadLine() is string line)
        {
            last = line;
        }

        process.WaitForExit();
        return int.Parse(last, CultureInfo.InvariantCulture);
    }
}
