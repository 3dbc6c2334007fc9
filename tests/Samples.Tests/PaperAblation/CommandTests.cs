using System.Text.Json;
using Requant.Samples.PaperAblation;

namespace Requant.Samples.Tests.PaperAblation;

/// <summary>The command: what it refuses, and what it leaves behind.</summary>
[Collection(CapturedConsole.Collection)]
public class CommandTests
{
    [Theory]
    [InlineData("--seeds is 0; it has to be 1 or more.", "--seeds", "0")]
    [InlineData("--steps is 1; it has to be 2 or more.", "--steps", "1")]
    [InlineData("--vocabulary is 1; it has to be 2 or more.", "--vocabulary", "1")]
    [InlineData("--workers is -1; it has to be 1 or more.", "--workers", "-1")]
    [InlineData("--lr is 0; it has to be above 0.", "--lr", "0")]
    [InlineData("--lr is NaN; it has to be above 0.", "--lr", "NaN")]
    [InlineData("--grid: there is no 'half'. Choose one, full or eps.", "--grid", "half")]
    [InlineData(
        "--json: 'no/such/folder.json' is not a file in a folder that exists.", "--json", "no/such/folder.json")]
    [InlineData("--plot: '.' is not a file in a folder that exists.", "--plot", ".")]
    [InlineData("Unrecognized command or argument '--seed'.", "--seed")]
    public void Run_ArgumentThatCannotBe_IsNamedBeforeAnythingTrains(string message, params string[] arguments)
    {
        (int exitCode, string output, string error) = Invoke(arguments);

        Assert.Equal(2, exitCode);
        Assert.StartsWith(message, error, StringComparison.Ordinal);
        Assert.DoesNotContain("Text:", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_Tiny_PrintsTablesAndWritesFiguresAndPicture()
    {
        string folder = Directory.CreateTempSubdirectory("paper-ablation").FullName;
        try
        {
            string json = Path.Combine(folder, "figures.json"), picture = Path.Combine(folder, "picture.png");
            (int exitCode, string output, string error) = Invoke(
                "--quick", "--steps", "2", "--vocabulary", "64", "--json", json, "--plot", picture);

            Assert.Equal((0, ""), (exitCode, error));
            Assert.Contains("[36/36]", output, StringComparison.Ordinal);
            Assert.Contains("| MiniFloat, block-wise | 3 | ", output, StringComparison.Ordinal);
            Assert.Contains("| SoftSign, SquareRoot | tensor | ", output, StringComparison.Ordinal);
            using JsonDocument figures = JsonDocument.Parse(File.ReadAllText(json));
            Assert.Equal(36, figures.RootElement.GetProperty("runs").GetArrayLength());
            Assert.Equal(12, figures.RootElement.GetProperty("variants").GetArrayLength());
            Assert.Equal(28, figures.RootElement.GetProperty("errors").GetArrayLength());
            Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(picture)[..4]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (int ExitCode, string Output, string Error) Invoke(params string[] arguments) =>
        CapturedConsole.Run(Program.Run, arguments);
}
