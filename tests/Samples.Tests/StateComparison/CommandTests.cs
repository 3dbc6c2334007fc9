using System.Text.Json;
using Requant.Samples.StateComparison;

namespace Requant.Samples.Tests.StateComparison;

/// <summary>The command: what it refuses, and what it leaves behind.</summary>
[Collection(CapturedConsole.Collection)]
public class CommandTests
{
    [Theory]
    [InlineData("--seeds is 0; it has to be 1 or more.", "--seeds", "0")]
    [InlineData("--steps is 0; it has to be 1 or more.", "--steps", "0")]
    [InlineData("--workers is -1; it has to be 1 or more.", "--workers", "-1")]
    [InlineData("--tasks: there is no 'poems'. Choose from characters,", "--tasks", "bag", "poems")]
    [InlineData(
        "--optimizers: there is no 'sgd'. Choose from adam, momentum, momentum99, lion.", "--optimizers", "sgd")]
    [InlineData("--settings: there is no 'linear'. Choose from float32, control, dynamic,", "--settings", "linear")]
    [InlineData(
        "--json: 'no/such/folder.json' is not a file in a folder that exists.", "--json", "no/such/folder.json")]
    [InlineData("Unrecognized command or argument '--seed'.", "--seed")]
    public void Run_ArgumentThatCannotBe_IsNamedBeforeAnythingTrains(string message, params string[] arguments)
    {
        (int exitCode, string output, string error) = CapturedConsole.Run(Program.Run, arguments);

        Assert.Equal(2, exitCode);
        Assert.StartsWith(message, error, StringComparison.Ordinal);
        Assert.DoesNotContain(" runs", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_Tiny_PrintsTablesAndWritesFigures()
    {
        string json = Path.Combine(Directory.CreateTempSubdirectory("state-comparison").FullName, "figures.json");
        try
        {
            (int exitCode, string output, string error) = CapturedConsole.Run(Program.Run,
                ["--tasks", "fading", "--optimizers", "adam", "lion", "--steps", "2", "--seeds", "2", "--json", json]);

            Assert.Equal((0, ""), (exitCode, error));
            Assert.Contains("[38/38] fading, lion, minifloat-mv, seed 2, ", output, StringComparison.Ordinal);
            Assert.Contains("| m 16 an octave, v MiniFloat, v stochastic | ", output, StringComparison.Ordinal);
            Assert.Contains("| 16 an octave | ", output, StringComparison.Ordinal);
            using JsonDocument figures = JsonDocument.Parse(File.ReadAllText(json));
            Assert.Equal(38, figures.RootElement.GetProperty("runs").GetArrayLength());
            Assert.Equal(19, figures.RootElement.GetProperty("cells").GetArrayLength());
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(json)!, recursive: true);
        }
    }

    [Fact]
    public void Run_Tune_TrainsFloat32WithSeveralRates()
    {
        (int exitCode, string output, _) = CapturedConsole.Run(Program.Run,
            ["--tasks", "fading", "--optimizers", "lion", "--steps", "1", "--tune"]);

        Assert.Equal(0, exitCode);
        Assert.Contains("[5/5] fading, lion, float32, seed 1, ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("| Lion |", output, StringComparison.Ordinal);
    }
}
