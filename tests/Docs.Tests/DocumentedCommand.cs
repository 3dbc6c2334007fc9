using System.Text.RegularExpressions;

namespace Requant.Docs.Tests;

/// <summary>What becomes of a command of the documentation.</summary>
internal enum CommandKind
{
    /// <summary>It is short and is run.</summary>
    Run,

    /// <summary>It takes minutes, or changes something: the program is asked whether it understands it.</summary>
    Parse,

    /// <summary>Other tests run it; <see cref="DocumentedCommand.Elsewhere"/> says which.</summary>
    Elsewhere,

    /// <summary>Nothing is known of it.</summary>
    Unknown,
}

/// <summary>A command of a block in <c>sh</c>.</summary>
/// <param name="Place">Page and line.</param>
/// <param name="Text">The command, without comment and variables of the environment.</param>
internal sealed partial record DocumentedCommand(string Place, string Text)
{
    /// <summary>Commands that no program of this repository parses, by how they begin, and what runs them.</summary>
    public static readonly (string Start, string Test)[] Elsewhere =
    [
        ("dotnet test", ".ci/run"),
        ("bash .ci/run", "the workflow in .github/workflows"),
        ("dotnet build", ".ci/run"),
        ("dotnet pack", "tests/Packages.Tests"),
        ("dotnet add ", "tests/Packages.Tests, whose projects reference the packages"),
        ("dotnet nuget add source", "tests/Packages.Tests, whose projects have such a source"),
        ("dotnet tool install", "tests/Packages.Tests, Tool_Installed_ShowsTheKernelsOfAUsersAssembly"),
        ("dotnet new ", "tests/Packages.Tests, for templates"),
        ("cd ", "nothing: it is the shell's"),
        ("dotnet run -c Release --project MyRule", "tests/Packages.Tests, for templates"),
        ("requant inspect Adam --html", "tests/Cli.Tests, PageTests"),
        ("requant list --assembly MyRule", "tests/Packages.Tests, for templates"),
        ("dotnet run -c Release --project Cli -- inspect Adam --html", "tests/Cli.Tests, PageTests"),
        ("dotnet run -c Release --project samples/FirstRule", "tests/Cli.Tests, FirstRuleTests"),
        ("dotnet run -c Release --project tests/", "the suite itself, which has xunit's options"),
        ("mpirun -n 4 dotnet YOURS.dll", "tests/Distributed.Tests, which starts programs so"),
        ("apt install ", "nothing: it names a package of the system"),
        ("cmp ", "tests/Samples.Tests, which compares the same files"),
        ("bash bench/gpu.sh", "tests/Bench.Tests, for what it publishes"),
    ];

    private const string Command = "requant ";

    /// <summary>Words that stand for the reader's own, and what is there in their place.</summary>
    private static readonly (string Word, string Replacement)[] Placeholders =
    [
        ("YOURS.dll", Repository.AssemblyOf("samples/FirstRule")),
        ("bin/Release/net10.0/MyRules.dll", Repository.AssemblyOf("samples/FirstRule")),
        ("FILE", Path.Combine(Path.GetTempPath(), "requant-docs-file")),
        ("DIR", Path.GetTempPath()),
    ];

    /// <summary>Every command of every page: lines of blocks, and what stands between backticks in the text.</summary>
    public static IEnumerable<DocumentedCommand> All { get; } =
    [
        .. from page in Repository.Pages
           from block in page.Blocks
           where block.Language == "sh"
           from command in Of(block)
           select command,
        .. from page in Repository.Pages
           from line in page.Prose
           from Match match in Inline().Matches(line.Text)
           select new DocumentedCommand(
               $"{page.Path}:{line.Number}", Variables().Replace(match.Groups[1].Value, "")),
    ];

    public CommandKind Kind => Elsewhere.Any(one => Text.StartsWith(one.Start, StringComparison.Ordinal))
        ? CommandKind.Elsewhere
        : Program is not (string assembly, _)
            ? CommandKind.Unknown
            : assembly == Repository.AssemblyOf("Cli") ? CommandKind.Run : CommandKind.Parse;

    /// <summary>The program's assembly and its arguments; null where it is none of this repository's.</summary>
    public (string Assembly, string[] Arguments)? Program
    {
        get
        {
            string text = Launcher().Replace(Text, "");
            if (text.StartsWith(Command, StringComparison.Ordinal))
            {
                // Prose names the command so; its help is what there is to run.
                string[] words = Words(text[Command.Length..]);
                return (Repository.AssemblyOf("Cli"), words is ["inspect"] ? ["inspect", "--help"] : words);
            }

            if (DotnetRun().Match(text) is { Success: true } run)
            {
                return (Repository.AssemblyOf(run.Groups[1].Value), Words(run.Groups[2].Value));
            }

            if (DotnetDll().Match(text) is { Success: true } dll)
            {
                string project = dll.Groups[1].Value;
                string assembly = Repository.AssemblyOf(project);
                Assert.Equal(Path.GetFileName(assembly), dll.Groups[2].Value);
                return (assembly, Words(dll.Groups[3].Value));
            }

            return Executable().Match(text) is { Success: true } executable
                ? (Repository.AssemblyOf(executable.Groups[1].Value == "gpu" ? "bench/Gpu" : "bench/Torch"),
                    Words(executable.Groups[2].Value))
                : null;
        }
    }

    /// <summary>The commands of a block: a line each, which a backslash at its end continues.</summary>
    public static IEnumerable<DocumentedCommand> Of(CodeBlock block)
    {
        string[] lines = block.Text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            int first = i;
            string line = lines[i];
            while (line.EndsWith('\\') && i + 1 < lines.Length)
            {
                line = line[..^1] + lines[++i].TrimStart();
            }

            string text = Variables().Replace(Comment().Replace(line, "").Trim(), "");
            if (text.Length > 0)
            {
                yield return new DocumentedCommand($"{block.Page}:{block.Line + first}", text);
            }
        }
    }

    public override string ToString() => $"{Place} {Text}";

    private static string[] Words(string text) =>
    [
        .. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(
            word => Placeholders.Aggregate(
                word, (each, placeholder) => each == placeholder.Word ? placeholder.Replacement : each)),
    ];

    [GeneratedRegex(@"`((?:[A-Z][A-Za-z0-9_]*=\S+ )*(?:dotnet run |dotnet test |requant |bash |\./requant-)[^`]+)`")]
    private static partial Regex Inline();

    [GeneratedRegex(@"(^|\s+)#.*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"^([A-Z][A-Za-z0-9_]*=\S+ )+")]
    private static partial Regex Variables();

    [GeneratedRegex(@"^mpirun -n \d+ (--bind-to none )?")]
    private static partial Regex Launcher();

    [GeneratedRegex("^dotnet run -c Release --project (\\S+)(?: -- (.*))?$")]
    private static partial Regex DotnetRun();

    [GeneratedRegex(@"^dotnet (\S+)/bin/Release/net10\.0/([\w.]+\.dll)(.*)$")]
    private static partial Regex DotnetDll();

    [GeneratedRegex(@"^\./requant-(gpu|torch)(.*)$")]
    private static partial Regex Executable();
}
