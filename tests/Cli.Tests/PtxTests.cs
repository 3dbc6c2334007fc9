using System.Text.RegularExpressions;
using Requant.CompilerServices;
using Xunit;

namespace Requant.Cli.Tests;

public partial class PtxTests
{
    public static TheoryData<string> Rules { get; } = [.. OwnRules.Names];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Ptx_EveryRule_HasAnEntryForEachKernelAndNothingToFuse(string rule)
    {
        // Two phases, and what becomes known between them; sums and values of rows and columns; and what all rules of
        // rows and columns share, or of matrices.
        int entries = rule switch
        {
            "Lamb" or "Lars" => 3, "Sm3" => 3 + 4, "Muon" => 3 + 5, "Adafactor" => 11 + 4, "Came" => 17 + 4, _ => 1,
        };
        Invocation inspect = Invocation.Run("inspect", rule, "--as", "ptx", "--arch", "sm_80");

        Assert.Equal((0, ""), (inspect.ExitCode, inspect.Error));
        Assert.Empty(inspect.Error);
        Assert.Equal(entries, Regex.Count(inspect.Output, @"^\.visible \.entry Kernel_\w+\(", RegexOptions.Multiline));
        Assert.Equal(entries, Regex.Count(inspect.Output, @"^\.target sm_80$", RegexOptions.Multiline));
        Assert.Contains("mul.rn.f32", inspect.Output, StringComparison.Ordinal);
        Assert.All(Modules(inspect), module =>
        {
            // Products are sums of fused multiply-adds by definition; they leave nothing to the driver either.
            Assert.DoesNotMatch(module.Name.StartsWith("Multiply", StringComparison.Ordinal)
                ? Contractible()
                : Fusible(), module.Text);
        });
    }

    [Theory]
    [InlineData("came", "FinishRows,FinishColumns,Check,Commit")]
    [InlineData("came", "FinishRows,FinishColumns,Commit", "--propagate")]
    [InlineData("muon", "Import,Copy,Transpose,Multiply,MultiplyLarge")]
    [InlineData("muon", "", "--variant", "0")]
    [InlineData("lamb", "")]
    public void Ptx_OfRowsColumnsOrMatrices_ShowsTheKernelsThatRulesShare(
        string rule, string kernels, params string[] options)
    {
        Invocation inspect = Invocation.Run(["inspect", rule, "--as", "ptx", .. options]);

        Assert.Equal((0, ""), (inspect.ExitCode, inspect.Error));
        (string Name, string Text)[] shared = [.. Modules(inspect).Where(module => module.IsShared)
            .Select(module => (module.Name, module.Text))];
        Assert.Equal(kernels, string.Join(',', shared.Select(module => module.Name)));
        Assert.All(shared, module => Assert.Equal(1, Entry().Count(module.Text)));
    }

    [Fact]
    public void Ptx_EveryArchitecture_IsAccepted()
    {
        foreach (string architecture in PtxCompiler.Architectures)
        {
            Invocation inspect = Invocation.Run(
                "inspect", "rmsprop", "--as", "ptx", "--arch", architecture.ToUpperInvariant());

            Assert.Equal((0, ""), (inspect.ExitCode, inspect.Error));
            Assert.Contains($"for {architecture},", inspect.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Ptx_WithoutVariant_IsThatOfTheSecondStepAndSaysSo()
    {
        Invocation inspect = Invocation.Run("inspect", "momentum", "--as", "ptx");
        IOptimizerRule<Optimizers.Momentum> rule = new Optimizers.Momentum();

        Assert.Contains(
            $"// variant {rule.SelectVariant(new TensorStep { Step = 2 })} of 5 "
            + "(default hyperparameters at step 2), "
            + "phase 0 of 1, counted from 0\n",
            inspect.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Ptx_EveryVariant_IsAKernelOfItsOwn()
    {
        string[] entries = [.. Enumerable.Range(0, 5).Select(variant =>
            Entry().Match(
                Invocation.Run("inspect", "momentum", "--as", "ptx", "--variant", $"{variant}").Output).Value)];

        Assert.All(entries, Assert.NotEmpty);
        Assert.Distinct(entries);
    }

    [Theory]
    [InlineData("float32 parameters and gradients", false, false)]
    [InlineData("float16 parameters and gradients", true, true, "--param", "fp16")]
    [InlineData("bfloat16 parameters and gradients", true, false, "--param", "BF16")]
    [InlineData("bfloat16 parameters, float32 gradients", true, false, "--param", "bf16", "--grad", "fp32")]
    [InlineData("float32 parameters, float16 gradients", false, true, "--grad", "fp16")]
    public void Ptx_ElementTypes_AreThoseAskedFor(
        string elements, bool stores16, bool converts, params string[] options)
    {
        Invocation inspect = Invocation.Run(["inspect", "adam", "--as", "ptx", .. options]);

        Assert.Equal((0, ""), (inspect.ExitCode, inspect.Error));
        Assert.Contains($"8-bit states, {elements}\n", inspect.Output, StringComparison.Ordinal);
        Assert.Equal(stores16, inspect.Output.Contains("st.global.b16", StringComparison.Ordinal));
        Assert.Equal(converts, inspect.Output.Contains("cvt.f32.f16", StringComparison.Ordinal));
        Assert.DoesNotMatch(Fusible(), inspect.Output);
    }

    [Theory]
    [InlineData("8-bit states", true)]
    [InlineData("8-bit states", true, "--codecs", "declared")]
    [InlineData("Dynamic states", true, "--codecs", "dynamic")]
    [InlineData("MiniFloat states", false, "--codecs", "MINIFLOAT")]
    [InlineData("MiniFloat states rounded stochastically", false, "--codecs", "minifloat", "--rounding", "stochastic")]
    [InlineData("float32 states", false, "--codecs", "float32")]
    public void Ptx_Codecs_AreThoseAskedFor(string states, bool hasTable, params string[] options)
    {
        Invocation inspect = Invocation.Run(["inspect", "adam", "--as", "ptx", .. options]);

        Assert.Equal((0, ""), (inspect.ExitCode, inspect.Error));
        Assert.Contains($" for sm_90, {states}, float32 parameters", inspect.Output, StringComparison.Ordinal);
        Assert.Equal(hasTable, inspect.Output.Contains(".shared ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("float32 parameters and gradients, gradients scaled", "--scaled")]
    [InlineData("float32 parameters and gradients, gradients propagated that are not finite", "--propagate")]
    [InlineData("float16 parameters and gradients, gradients scaled, gradients propagated that are not finite",
        "--param", "fp16", "--scaled", "--propagate")]
    [InlineData("bfloat16 parameters and gradients, parameters rounded stochastically", "--param", "bf16",
        "--param-rounding", "stochastic")]
    [InlineData("bfloat16 parameters and gradients, parameters with remainders", "--param", "bf16",
        "--master-weights", "remainder16")]
    public void Ptx_Steps_AreThoseAskedFor(string kernel, params string[] options)
    {
        Invocation inspect = Invocation.Run(["inspect", "lion", "--as", "ptx", .. options]);
        Invocation plain = Invocation.Run(["inspect", "lion", "--as", "ptx",
            .. options.Except(
                ["--scaled", "--propagate", "--param-rounding", "stochastic", "--master-weights", "remainder16"])]);

        Assert.Equal((0, ""), (inspect.ExitCode, inspect.Error));
        Assert.Contains($"8-bit states, {kernel}\n", inspect.Output, StringComparison.Ordinal);
        Assert.Equal(
            options.Contains("--scaled"),
            inspect.Output.Contains("by which gradients are clipped", StringComparison.Ordinal));
        Assert.NotEqual(Instructions(plain), Instructions(inspect));
        Assert.DoesNotMatch(Fusible(), inspect.Output);

        static string Instructions(Invocation one) =>
            string.Join('\n', one.Output.Split('\n').Where(line => line.StartsWith('\t')));
    }

    [Theory]
    [InlineData("--param-rounding", "stochastic")]
    [InlineData("--master-weights", "remainder16")]
    public void Ptx_WhatIsForBFloat16WithFloat32_IsRefused(params string[] options)
    {
        Invocation inspect = Invocation.Run(["inspect", "lion", "--as", "ptx", .. options]);

        Assert.Equal(2, inspect.ExitCode);
        Assert.Contains("--param bf16", inspect.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("simd", "// TM: MiniFloatCodec\n// TV: MiniFloatUnsignedCodec\n")]
    [InlineData("ilgpu", "TM: QuantizedDeviceCodec<MiniFloatEncoding>\n"
        + "// TV: QuantizedDeviceCodec<StochasticMiniFloatUnsignedEncoding>\n")]
    public void Inspect_CodecsOfKernelsForAll_SaysWhichTypesTheyAre(string kind, string types)
    {
        string plain = Invocation.Run("inspect", "adam", "--as", kind).Output;
        string output = Invocation.Run("inspect", "adam", "--as", kind, "--codecs", "minifloat").Output;

        Assert.Contains(types, output, StringComparison.Ordinal);
        Assert.EndsWith(plain, output, StringComparison.Ordinal);
        Assert.DoesNotContain("Encoding>", plain, StringComparison.Ordinal);
    }

    /// <summary>The modules with the comments above them, which begin with the kernel's name; where it is not shared,
    /// the rule's is before it.</summary>
    private static IEnumerable<(string Name, bool IsShared, string Text)> Modules(Invocation inspect)
    {
        Match[] starts = ModuleStart().Matches(inspect.Output).ToArray();
        int[] ends = [.. starts.Skip(1).Select(start => start.Index), inspect.Output.Length];
        return starts.Select((start, i) => (
            start.Groups["kernel"].Value, !start.Groups["rule"].Success, inspect.Output[start.Index..ends[i]]));
    }

    /// <summary>What ptxas may contract to a fused multiply-add, or is one outside of roots and quotients.</summary>
    [GeneratedRegex(@"\b((add|sub|mul)\.f32|(fma|mad)(\.\w+)*\.f32(?![^\n]*%mf))\b")]
    private static partial Regex Fusible();

    /// <summary>What ptxas may contract.</summary>
    [GeneratedRegex(@"\b(add|sub|mul)\.f32\b")]
    private static partial Regex Contractible();

    [GeneratedRegex(@"^// (?<rule>[\w.]+: )?(?<kernel>\w+) for sm_\d+[,:]", RegexOptions.Multiline)]
    private static partial Regex ModuleStart();

    [GeneratedRegex(@"\.entry \w+")]
    private static partial Regex Entry();
}
