using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace Requant.Tests;

/// <summary>A program that was started, most often a launcher with its ranks, and what it writes.</summary>
public sealed partial class Job : IDisposable
{
    /// <summary>Only a hang takes longer than this, on a machine that does other things, too.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private long _saidAt;
    private long _endedAt;

    public Job(string program, string[] arguments)
    {
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        _process.OutputDataReceived += Add;
        _process.ErrorDataReceived += Add;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int ExitCode => _process.ExitCode;

    public bool HasEnded => _process.HasExited;

    public string Output
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    /// <summary>The lines that the library wrote, without what a terminal of Open MPI puts before them.</summary>
    public string[] Said => [.. Line().Matches(Output).Select(match => match.Groups[1].Value.TrimEnd())];

    /// <summary>How long the job lived after the library's first line.</summary>
    public TimeSpan TimeSinceLine => Stopwatch.GetElapsedTime(_saidAt, _endedAt);

    /// <summary>Waits for the end.</summary>
    public void Wait()
    {
        if (!_process.WaitForExit(Patience))
        {
            _process.Kill(entireProcessTree: true);
            Assert.Fail($"The job did not end within {Patience}:\n{Output}");
        }

        _endedAt = Stopwatch.GetTimestamp();
        _process.WaitForExit();
    }

    /// <summary>Waits until all ranks have said which process they are.</summary>
    public int[] WaitForProcesses(int ranks)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < Patience)
        {
            Dictionary<int, int> processes = ProcessOf().Matches(Output).ToDictionary(Number(1), Number(2));
            if (processes.Count == ranks)
            {
                return [.. Enumerable.Range(0, ranks).Select(rank => processes[rank])];
            }

            Assert.False(_process.HasExited, $"The job has ended:\n{Output}");
            Thread.Sleep(10);
        }

        throw new TimeoutException($"Not all ranks have started within {Patience}:\n{Output}");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private static Func<Match, int> Number(int group) =>
        match => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private void Add(object sender, DataReceivedEventArgs arguments)
    {
        lock (_lines)
        {
            _lines.Add(arguments.Data ?? "");
            if (_saidAt == 0 && Line().IsMatch(_lines[^1]))
            {
                _saidAt = Stopwatch.GetTimestamp();
            }
        }
    }

    [GeneratedRegex(@"requant: (.*)")]
    private static partial Regex Line();

    [GeneratedRegex(@"rank (\d+) is process (\d+)")]
    private static partial Regex ProcessOf();
}
