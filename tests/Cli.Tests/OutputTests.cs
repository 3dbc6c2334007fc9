using System.Text.RegularExpressions;
using Requant.Cli.Output;
using Xunit;

namespace Requant.Cli.Tests;

public partial class OutputTests
{
    private const char Escape = '\u001b';

    [Theory]
    [InlineData("list")]
    [InlineData("inspect", "momentum", "--as", "simd")]
    [InlineData("inspect", "lamb", "--as", "ir")]
    public async Task Process_Redirected_WritesPlainUnwrappedText(params string[] args)
    {
        Invocation process = await Invocation.RunProcess(args);

        Assert.Equal(Invocation.Run(args), process);
        Assert.DoesNotContain(Escape, process.Output);
        Assert.Contains(process.Output.Split('\n'), line => line.Length > 80 || args.Contains("ir"));
    }

    [Fact]
    public async Task Process_Failure_ReachesTheExitCode()
    {
        Assert.Equal(1, (await Invocation.RunProcess("inspect", "adan")).ExitCode);
        Assert.Equal(2, (await Invocation.RunProcess("inspect")).ExitCode);
    }

    [Theory]
    [InlineData("ir")]
    [InlineData("rule")]
    [InlineData("simd")]
    [InlineData("ptx")]
    [InlineData("asm")]
    public void Terminal_Code_IsColouredAndOtherwiseTheSame(string kind)
    {
        string[] args = ["inspect", "lamb", "--as", kind];
        Invocation coloured = Invocation.RunOnTerminal(args);

        Assert.Contains(Escape, coloured.Output);
        Assert.Equal(
            PtxIds().Replace(Invocation.Run(args).Output, ""),
            PtxIds().Replace(Codes().Replace(coloured.Output, ""), ""));
    }

    [Fact]
    public void Terminal_Table_FitsItsWidth() =>
        Assert.All(
            Codes().Replace(Invocation.RunOnTerminal("doctor").Output, "").Split('\n')
                .Where(line => line.StartsWith('│')),
            line => Assert.InRange(line.Length, 1, 20));

    [Theory]
    [InlineData("scalar", "float m = 0.5f; // half", "float:Keyword", "0.5f:Number", "// half:Comment")]
    [InlineData("scalar", "Update<TM>(\"a\\\"b\");", "Update:Function", "TM:Type", "\"a\\\"b\":Text")]
    [InlineData("ir", "%5 = multiply %2, %4 : float ; update", "%5:Register", "multiply:Function", "%2:Register",
        "%4:Register", "float:Type", "; update:Comment")]
    [InlineData("ir", "kernel Update (nesterov)", "kernel:Keyword")]
    [InlineData("ptx", "\t@%p1 bra L_7;", "%p1:Register", "bra:Function")]
    [InlineData("ptx", "\tmul.rn.f32\t%f1, %f2, 0f3F800000;", "mul.rn.f32:Function", "%f1:Register", "%f2:Register",
        "0f3F800000:Number")]
    [InlineData(
        "asm", "       vmulps   zmm12, zmm12, dword ptr [rcx+0x10] {1to16} ; m", "vmulps:Function", "zmm12:Register",
        "zmm12:Register", "dword:Keyword", "ptr:Keyword", "rcx:Register", "0x10:Number", "; m:Comment")]
    [InlineData("asm", "G_M000_IG04:", "G_M000_IG04::Type")]
    [InlineData("xml", "<A B=\"1\" /> <!-- c -->", "<A:Keyword", "B:Type", "\"1\":Text", "/>:Keyword",
        "<!-- c -->:Comment")]
    [InlineData("ptx", ".reg .b32 %r<9>;", ".reg:Keyword", ".b32:Keyword", "%r:Register", "9:Number")]
    public void Grammar_Line_FindsItsTokens(string listing, string line, params string[] tokens)
    {
        (string Text, TokenKind Kind)[] parts = [.. Grammar.For(listing).Split(line)];

        Assert.Equal(line, string.Concat(parts.Select(part => part.Text)));
        Assert.Equal(
            tokens, parts.Where(part => part.Kind != TokenKind.Plain).Select(part => $"{part.Text}:{part.Kind}"));
    }

    [Fact]
    public void Help_OfEveryCommand_NamesItsOptions()
    {
        Assert.Contains("requant inspect adam", Invocation.Run("--help").Output, StringComparison.Ordinal);
        Assert.Contains("--assembly <DLL>", Invocation.Run("list", "--help").Output, StringComparison.Ordinal);
        Assert.Contains(
            "--as <ir|rule|scalar|simd|ilgpu|ptx|asm|costs>", Invocation.Run("inspect", "--help").Output,
            StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\u001b\[[0-9;]*m")]
    private static partial Regex Codes();

    /// <summary>ILGPU numbers names anew in each compilation.</summary>
    [GeneratedRegex(@"_\d+")]
    private static partial Regex PtxIds();
}
