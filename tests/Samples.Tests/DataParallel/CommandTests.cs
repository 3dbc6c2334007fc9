extern alias DataParallel;

using System.Globalization;
using DataParallel::Requant.Samples.DataParallel;
using Corpus = DataParallel::Requant.Samples.Corpus;

namespace Requant.Samples.Tests.DataParallel;

/// <summary>The command: what it refuses, and what it leaves behind.</summary>
[Collection(CapturedConsole.Collection)]
public class CommandTests
{
    [Theory]
    [InlineData("--ranks is 0; it has to be 1 or more.", "--ranks", "0")]
    [InlineData("--steps is 0; it has to be 1 or more.", "--steps", "0")]
    [InlineData("--batch is -1; it has to be 1 or more.", "--batch", "-1")]
    [InlineData("--threads is 0; it has to be 1 or more.", "--threads", "0")]
    [InlineData("--batch is 16, which 3 ranks cannot share evenly. Choose a multiple of 3.", "--ranks", "3")]
    [InlineData("--data: there is no file 'no.txt'.", "--data", "no.txt")]
    [InlineData(
        "--losses: 'no/such/folder.txt' is not a file in a folder that exists.", "--losses", "no/such/folder.txt")]
    public void Run_ArgumentThatCannotBe_IsNamedBeforeAnythingTrains(string message, params string[] arguments)
    {
        (int exitCode, _, string error) = CapturedConsole.Run(Program.Run, arguments);

        Assert.Equal(2, exitCode);
        Assert.StartsWith(message, error, StringComparison.Ordinal);
        Assert.DoesNotContain("left", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_Tiny_ShowsStepsAndWritesLossesWithAllBits()
    {
        using var text = new TextFile();
        string losses = text.Beside("losses.txt");

        (int exitCode, string output, string error) = CapturedConsole.Run(Program.Run,
            ["--ranks", "2", "--steps", "2", "--batch", "4", "--data", text.Path, "--losses", losses]);

        Assert.Equal(0, exitCode);
        Assert.Contains("8-bit Adam: 2/2, loss ", error, StringComparison.Ordinal);
        Assert.Contains(" gone, 0:00:00 left", error, StringComparison.Ordinal);
        Assert.Contains("states of one process", output, StringComparison.Ordinal);
        using var run = new TrainingRun(Corpus.FromFile(text.Path), new TrainingPlan(2, 2, 4, Seed: 1), ranks: null);
        RunResult expected = run.Train(static (_, _, _) => { });
        Assert.Equal(
            expected.TrainingLosses.Append(expected.ValidationLoss),
            File.ReadAllLines(losses).Select(line => double.Parse(line, CultureInfo.InvariantCulture)));
    }
}
