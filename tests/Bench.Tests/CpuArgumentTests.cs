namespace Requant.Bench.Tests;

/// <summary>Arguments that are not understood end the benchmark before it measures anything.</summary>
public class CpuArgumentTests
{
    [Theory]
    [InlineData("--rules was given 'AdamX'. Any of Adam, AdamW, Momentum, RMSProp, Lamb, Lion; all when not given.",
        "--rules", "AdamX")]
    [InlineData("--rules was given 'Adam,,adam'. Any of Adam, AdamW,", "--rules", "Adam,,adam")]
    [InlineData(
        "--dtypes was given 'fp32,fp8'. Parameters and gradients: any of fp32, bf16, fp16.", "--dtypes", "fp32,fp8")]
    [InlineData("--dtypes was given ','. Parameters and gradients: any of fp32, bf16, fp16.", "--dtypes", ",")]
    [InlineData(
        "--shapes was given '16M'. Models, tensors x elements of each, as in 200x80K; K is 1024, M 1024 * 1024.",
        "--shapes", "16M")]
    [InlineData("--shapes was given '1x16G'. Models,", "--shapes", "1x16G")]
    [InlineData("--shapes was given '0x16M'. Models,", "--shapes", "0x16M")]
    [InlineData("--shapes was given '1x-5'. Models,", "--shapes", "1x-5")]
    [InlineData("--shapes was given '2x3x4'. Models,", "--shapes", "2x3x4")]
    [InlineData("--shapes was given '3000x1M'. Models,", "--shapes", "3000x1M")]
    [InlineData("--shapes was given '1x3000M'. Models,", "--shapes", "1x3000M")]
    [InlineData("--threads was given '0'. Threads of every contestant, from 1.", "--threads", "0")]
    [InlineData("--threads was given '1,two'. Threads of every contestant, from 1.", "--threads", "1,two")]
    [InlineData("--threads was given '-1'. Threads", "--threads", "-1")]
    [InlineData("--runs was given '8'; it takes a number of at least 9.", "--runs", "8")]
    [InlineData("--runs was given 'many'; it takes a number of at least 9.", "--runs", "many")]
    [InlineData("--clip was given '0', which is no number above 0.", "--clip", "0")]
    [InlineData("--clip was given 'one', which is no number above 0.", "--clip", "one")]
    [InlineData("--width was given 'Vector257'; this machine has Scalar, ", "--width", "Vector257")]
    [InlineData("--width was given '16'; this machine has Scalar, ", "--width", "16")]
    [InlineData("Unrecognized command or argument '--shape'.", "--shape")]
    public void Cpu_ArgumentNotUnderstood_IsNamedInOneLineWithWhatIsAllowed(
        string message, params string[] arguments) =>
        AssertOneLine(message, ["cpu", .. arguments]);

    [Fact]
    public void Cpu_WidthThatTheMachineLacks_IsNamed()
    {
        string? absent = Enum.GetNames<Requant.SimdWidth>()
            .Except(Requant.SimdWidths.Supported.Select(width => $"{width}")).FirstOrDefault();
        Assert.SkipWhen(absent is null, "This machine has every width.");

        AssertOneLine($"--width was given '{absent}'; this machine has Scalar", "cpu", "--width", absent);
    }

    [Fact]
    public void Cpu_JsonInNoFolder_IsNamed()
    {
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}", "rows.json");

        AssertOneLine(
            $"--json was given '{file}'; there is no folder '{Path.GetDirectoryName(file)}'.", "cpu", "--json", file);
    }

    [Fact]
    public void Cpu_SeveralMistakes_AreAllNamed()
    {
        (int exitCode, string[] lines) = Run("cpu", "--dtypes", "fp8", "--threads", "none");

        Assert.Equal(2, exitCode);
        Assert.Equal(2, lines.Length);
    }

    [Theory]
    [InlineData]
    [InlineData("gpu")]
    public void Bench_NoSuchCommand_ExitsWithTwo(params string[] arguments) => Assert.Equal(2, Run(arguments).ExitCode);

    private static void AssertOneLine(string message, params string[] arguments)
    {
        (int exitCode, string[] lines) = Run(arguments);

        Assert.Equal(2, exitCode);
        Assert.StartsWith($"bench: {message}", Assert.Single(lines), StringComparison.Ordinal);
    }

    private static (int ExitCode, string[] Lines) Run(params string[] arguments)
    {
        using var error = new StringWriter();
        int exitCode = BenchCommandLine.Run(arguments, error);
        return (exitCode, error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
