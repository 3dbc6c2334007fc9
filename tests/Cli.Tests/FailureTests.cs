using Xunit;

namespace Requant.Cli.Tests;

public class FailureTests
{
    [Theory]
    [InlineData(
        "There is no rule 'adan' in Requant.Optimizers. Did you mean 'Adam'? It has Adadelta, Adafactor, Adagrad, "
        + "Adam, "
        + "Adamax, AdamW, AdEMAMix, Came, Lamb,",
        "inspect", "adan")]
    [InlineData("There is no rule '@adam' in Requant.Optimizers. Did you mean 'Adam'?", "inspect", "@adam")]
    [InlineData("There is no rule 'shampoo' in Requant.Optimizers. It has Adadelta,", "inspect", "shampoo")]
    [InlineData(
        "--arch takes sm_70, sm_75, sm_80, sm_86, sm_89, sm_90.", "inspect", "adam", "--as", "ptx", "--arch", "sm_20")]
    [InlineData("--variant takes 0 to 4", "inspect", "momentum", "--as", "ptx", "--variant", "5")]
    [InlineData("its one variant is 0", "inspect", "lion", "--as", "ptx", "--variant", "1")]
    [InlineData("--variant takes 0 to 4", "inspect", "momentum", "--as", "asm", "--variant", "5")]
    [InlineData("There is no file 'absent.dll'.", "list", "--assembly", "absent.dll")]
    [InlineData("There is no file ''.", "list", "--assembly", "")]
    [InlineData("There is no file 'absent.dll'.", "inspect", "lion", "--assembly", "absent.dll")]
    public void Command_WhatWasAskedForIsAbsent_ExitsWithOneAndNamesIt(string message, params string[] args) =>
        AssertFailed(1, message, args);

    [Fact]
    public void Assembly_NotDotNet_ExitsWithOne()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "requant.runtimeconfig.json");

        AssertFailed(1, $"Assembly '{path}' cannot be loaded: it is not a .NET assembly", "list", "--assembly", path);
    }

    [Fact]
    public void Assembly_WithoutRules_ExitsWithOneAndSaysWhatARuleIs() => AssertFailed(
        1, "Assembly 'Requant.Dsl' has no rules. A rule is a static method marked [OptimizerRule]",
        "list", "--assembly", typeof(Codec).Assembly.Location);

    [Fact]
    public void Assembly_OfNewerRequant_ExitsWithOneAndNamesBothVersions()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("requant").FullName, "Newer.dll");
        File.WriteAllBytes(path, AssemblyImage.Referencing("Requant.Runtime", new Version(99, 1, 0, 0)));

        AssertFailed(1, "was built against Requant.Runtime 99.1.0, and this tool has ", "list", "--assembly", path);
    }

    [Theory]
    [InlineData("which command? There are list, inspect, explain, doctor.")]
    [InlineData("'requant' takes no 'lst'. Did you mean 'list'?", "lst")]
    [InlineData("'requant list' takes no '--assemby'. Did you mean '--assembly'?", "list", "--assemby", "x.dll")]
    [InlineData("'requant doctor' takes no 'adam'.", "doctor", "adam")]
    [InlineData("Required argument 'RULE' missing", "inspect")]
    [InlineData("--as takes ir, rule, scalar, simd, ilgpu, ptx, asm, costs, and was given 'smd'. Did you mean 'simd'?",
        "inspect", "adam", "--as", "smd")]
    [InlineData("--variant takes a number from 0, and was given 'first'.", "inspect", "adam", "--as", "ptx",
        "--variant", "first")]
    [InlineData("--param takes fp32, fp16, bf16, and was given 'fp17'. Did you mean 'fp16'?", "inspect", "adam", "--as",
        "ptx", "--param", "fp17")]
    [InlineData("--grad has a meaning with --as ptx alone, and the text asked for is simd.", "inspect", "adam", "--as",
        "simd", "--grad", "fp16")]
    [InlineData(
        "--codecs takes declared, dynamic, minifloat, float32, and was given 'minifloats'. Did you mean 'minifloat'?",
        "inspect", "adam", "--as", "ptx", "--codecs", "minifloats")]
    [InlineData(
        "--width takes Scalar, Vector128, Vector256, Vector512, and was given 'Vector257'. Did you mean 'Vector256'?",
        "inspect", "adam", "--as", "asm", "--width", "Vector257")]
    [InlineData("--width has a meaning with --as asm alone, and the text asked for is simd.", "inspect", "adam", "--as",
        "simd", "--width", "Vector128")]
    [InlineData("--arch has a meaning with --as ptx or costs alone, and the text asked for is asm.", "inspect", "adam",
        "--as",
        "asm", "--arch", "sm_90")]
    [InlineData("--arch has a meaning with --as ptx or costs alone, and the text asked for is scalar.", "inspect",
        "adam",
        "--arch", "sm_90")]
    [InlineData("--variant has a meaning with --as ptx or asm or costs alone, and the text asked for is ir.", "inspect",
        "adam",
        "--as", "ir", "--variant", "0")]
    public void Command_ArgumentsNotUnderstood_ExitsWithTwo(string message, params string[] args)
    {
        AssertFailed(2, message, args);
        Assert.Contains("--help' for what it takes.", Invocation.Run(args).Error, StringComparison.Ordinal);
    }

    private static void AssertFailed(int exitCode, string message, params string[] args)
    {
        Invocation run = Invocation.Run(args);

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.StartsWith("requant: ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("unexpected", run.Error, StringComparison.Ordinal);
    }
}
