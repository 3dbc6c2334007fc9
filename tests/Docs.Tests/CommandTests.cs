namespace Requant.Docs.Tests;

/// <summary>Every command is one that a program understands.</summary>
public sealed class CommandTests
{
    /// <summary>Behind a long command: the program must complain of this and of nothing else, and do nothing.</summary>
    private const string NoOption = "--no-such-option";

    private static IEnumerable<CodeBlock> Blocks => Repository.Pages.SelectMany(page => page.Blocks);

    public static TheoryData<string, int> Excerpts { get; } =
        [.. Blocks.Where(block => block.Source is not null).Select(block => (block.Page, block.Line))];

    public static TheoryData<string> Short { get; } = Named(CommandKind.Run);

    public static TheoryData<string> Long { get; } = Named(CommandKind.Parse);

    [Theory]
    [MemberData(nameof(Short))]
    public void Command_ThatIsShort_Runs(string command)
    {
        (string assembly, string[] arguments) = Find(command).Program!.Value;

        ProgramRun run = LoadedProgram.At(assembly).Run(arguments);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.NotEmpty(run.Output);
    }

    [Theory]
    [MemberData(nameof(Long))]
    public void Command_ThatTakesLong_IsUnderstood(string command)
    {
        (string assembly, string[] arguments) = Find(command).Program!.Value;

        AssertUnderstood(LoadedProgram.At(assembly).Run([.. arguments, NoOption]));
    }

    [Theory]
    [MemberData(nameof(Excerpts))]
    public void Excerpt_OfAnOutput_StandsInIt(string page, int line)
    {
        CodeBlock block = Blocks.Single(one => one.Page == page && one.Line == line);
        (string assembly, string[] arguments) = new DocumentedCommand(page, block.Source!).Program!.Value;
        string[] output = LoadedProgram.At(assembly).Run(arguments).Output.Split('\n');

        int at = 0;
        string[] lines = [.. block.Text.Split('\n').Select(one => one.Trim())];
        foreach (string expected in lines.Where(one => one is not ("" or "...")))
        {
            int found = Array.FindIndex(output, at, one => one.Trim() == expected);
            Assert.True(found >= 0, $"{page}:{line}: `{block.Source}` does not print, at its place: {expected}");
            at = found + 1;
        }
    }

    [Fact]
    public void Commands_OfAllPages_AreKnown() => Complaints.AssertNone(DocumentedCommand.All
        .Where(command => command.Kind == CommandKind.Unknown)
        .Select(command => $"{command}: no test knows this command; see "
            + $"{nameof(DocumentedCommand)}.{nameof(DocumentedCommand.Elsewhere)}"));

    [Fact]
    public void Commands_OfAllPages_StandInBlocks() => Complaints.AssertNone(
        from page in Repository.Pages
        from line in page.Prose
        where line.Text.StartsWith("    ", StringComparison.Ordinal)
            && (string[])["dotnet ", "requant ", "bash ", "mpirun ", "./"] is string[] starts
            && starts.Any(start => line.Text.TrimStart().StartsWith(start, StringComparison.Ordinal))
        select $"{page.Path}:{line.Number}: put the command into a block of sh");

    [Theory]
    [InlineData("dotnet run -c Release --project samples/CharLm -- --stepz 20")]
    [InlineData("dotnet run -c Release --project samples/CharLm -- --steps twenty")]
    [InlineData("dotnet run -c Release --project bench -- cpuu")]
    public void Command_ThatIsWrong_IsNotUnderstood(string text)
    {
        (string assembly, string[] arguments) = new DocumentedCommand("page", text).Program!.Value;
        ProgramRun run = LoadedProgram.At(assembly).Run([.. arguments, NoOption]);

        Assert.ThrowsAny<Exception>(() => AssertUnderstood(run));
    }

    private static void AssertUnderstood(ProgramRun run)
    {
        Assert.NotEqual(0, run.ExitCode);
        string complaint = Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(NoOption, complaint, StringComparison.Ordinal);
    }

    /// <summary>A command that stands in several places is tested once.</summary>
    private static TheoryData<string> Named(CommandKind kind) =>
    [
        .. DocumentedCommand.All.Where(command => command.Kind == kind).DistinctBy(command => command.Text)
            .Select(command => $"{command}"),
    ];

    private static DocumentedCommand Find(string name) => DocumentedCommand.All.First(command => $"{command}" == name);
}
