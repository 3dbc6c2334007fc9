using System.Diagnostics;
using Spectre.Console;

namespace Requant.Samples;

/// <summary>Shows how far something long is, how long it has taken and how long it will.</summary>
internal static class RunProgress
{
    private const int Lines = 10;

    /// <summary>Runs it with a progress bar, or with a line now and then when nobody watches. Both go to the standard
    /// error, so that a file gets results alone.</summary>
    /// <param name="title">What runs.</param>
    /// <param name="total">Its parts, which take about as long as each other.</param>
    /// <param name="run">Runs it, and tells after each part how many are done, and what to say of it.</param>
    /// <returns>What <paramref name="run"/> returns.</returns>
    public static T Show<T>(string title, int total, Func<Action<int, string>, T> run) =>
        Console.IsErrorRedirected || !AnsiConsole.Profile.Capabilities.Interactive
            ? WithLines(title, total, run)
            : WithBar(title, total, run);

    private static T WithLines<T>(string title, int total, Func<Action<int, string>, T> run)
    {
        int every = Math.Max(1, total / Lines);
        long start = Stopwatch.GetTimestamp();
        return run((done, text) =>
        {
            if (done % every == 0 || done == total)
            {
                TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
                TimeSpan left = elapsed / done * (total - done);
                Console.Error.WriteLine(FormattableString.Invariant(
                    $"{title}: {done}/{total}, {text}, {elapsed:h\\:mm\\:ss} gone, {left:h\\:mm\\:ss} left"));
            }
        });
    }

    private static T WithBar<T>(string title, int total, Func<Action<int, string>, T> run)
    {
        IAnsiConsole console = AnsiConsole.Create(
            new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        // Drawn between the parts alone: a thread that draws would take time from what is measured.
        return console.Progress()
            .AutoRefresh(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(),
                new PercentageColumn(), new ElapsedTimeColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                ProgressTask bar = context.AddTask(Markup.Escape(title), maxValue: total);
                return run((done, text) =>
                {
                    bar.Value = done;
                    bar.Description = Markup.Escape($"{title}: {text}");
                    context.Refresh();
                });
            });
    }
}
