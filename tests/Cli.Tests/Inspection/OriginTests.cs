using System.Collections.Immutable;
using System.Reflection;
using Requant.Cli.Inspection;
using Requant.Cli.Rules;
using Requant.CompilerServices;
using Requant.Devices;
using Requant.Numerics;
using Xunit;

namespace Requant.Cli.Tests.Inspection;

/// <summary>Where PTX and machine code come from, and what they cost.</summary>
public sealed class OriginTests
{
    private const string Architecture = "sm_90";

    /// <summary>Decoding, the average itself and encoding; a step has less than that beside it.</summary>
    private const double LeastOfMoment = 5;

    /// <summary>A state of 8 bits is read and written, and its absmax for each block of 256.</summary>
    private const double StateBytes = 2 + (8.0 / 256);

    private const double AllBytes = (3 * sizeof(float)) + (2 * StateBytes);

    /// <summary>Bytes of what two lines need both are shared out.</summary>
    private const double SharedBytes = 0.5;

    [Theory]
    [InlineData("Lion")]
    [InlineData("Lamb")]
    [InlineData("Came")]
    public void Ptx_WithOrigins_IsTheSameText(string name)
    {
        RuleEntry rule = RuleCatalog.Load(null).Find(name);
        foreach (PtxKernel kernel in KernelsOf(rule))
        {
            (string text, ImmutableSortedSet<int>[] origins) =
                PtxListing.CompileWithOrigins(kernel.Method!, Architecture, rule);

            Assert.Equal(PtxCompiler.Compile(kernel.Method!, Architecture).TrimEnd(), text.TrimEnd());
            Assert.Contains(origins, lines => !lines.IsEmpty);
        }
    }

    [Fact]
    public void Ptx_OfEachLine_ComesFromWhatItComputes()
    {
        RuleEntry rule = RuleCatalog.Load(null).Find("AdamW");
        ListingText ilgpu = ListingText.Read(rule.Type, "ilgpu");
        MethodInfo kernel = KernelsOf(rule).First().Method!;
        (string text, ImmutableSortedSet<int>[] origins) = PtxListing.CompileWithOrigins(kernel, Architecture, rule);
        string[] lines = text.Split('\n');

        Assert.All(
            Enumerable.Range(0, lines.Length)
                .Where(line => lines[line].Contains("sqrt.rn.f32", StringComparison.Ordinal)),
            line => Assert.All(origins[line], own =>
                Assert.Contains("Sqrt(", ilgpu.Lines[own - 1], StringComparison.Ordinal)));
    }

    [Fact]
    public void Costs_OfAdam_AreThoseOfItsStatesAndItsStep()
    {
        RuleEntry rule = RuleCatalog.Load(null).Find("Adam");
        var builder = new PaneBuilder(rule, null, Architecture);
        IReadOnlyList<LineCost> costs =
            builder.Compile(rule.DefaultVariant, ElementType.Float32, StateFormat.Declared).Costs!;
        LineCost Of(string start) => costs[ListingText.Read(rule.Type, ListingText.Source).Lines.ToList()
            .FindIndex(line => line.TrimStart().StartsWith(start, StringComparison.Ordinal))];

        Assert.Equal(AllBytes, costs.Sum(cost => cost.Bytes), 1.0 / 64);
        Assert.Equal(StateBytes, Of("m = ").Bytes, SharedBytes);
        Assert.Equal(StateBytes, Of("v = ").Bytes, SharedBytes);
        Assert.Equal(sizeof(float), Of("p -= ").Bytes, SharedBytes);
        Assert.Equal(2 * sizeof(float), Of("float gradient = ").Bytes, SharedBytes);
        Assert.True(Of("m = ").Instructions > LeastOfMoment && Of("v = ").Instructions > LeastOfMoment);
        Assert.Equal(new LineCost(0, 0), Of("float biasCorrection1 = "));
    }

    [Fact]
    public void Asm_OfTheLoop_ComesFromWhatItComputes()
    {
        RuleEntry rule = RuleCatalog.Load(null).Find("Adam");
        ListingText simd = ListingText.Read(rule.Type, "simd");
        SimdWidth width = SimdWidths.Widest;
        Assert.SkipWhen(width == SimdWidth.Scalar, "This machine has no vectors.");
        IReadOnlyList<AsmLine> lines = AsmListing.WithOrigins(rule, null, width, StateFormat.Declared, 0)
            .Single(one => one.Method.Name == "UpdateVectors").Lines;

        string Origin(string instruction)
        {
            AsmLine line = lines.First(one => one.Text.Contains(instruction, StringComparison.Ordinal));
            return line.Origin > 0 ? simd.Lines[line.Origin - 1] : "";
        }

        Assert.SkipUnless(lines.Any(line => line.Text.Contains("sqrtps", StringComparison.Ordinal)), "Not x64.");
        Assert.Contains("newP = ", Origin("sqrtps"), StringComparison.Ordinal);
        Assert.Contains("newP = ", Origin("divps"), StringComparison.Ordinal);
        Assert.Contains("CachePrefetch", Origin("prefetch"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("leave one of them out", "adam", "--html", "x.html", "--as", "ptx")]
    [InlineData("add --html FILE", "adam", "--open")]
    [InlineData("add --html FILE", "adam", "--against", "lion")]
    [InlineData("--against takes RULE", "adam", "--html", "x.html", "--against", "codecs:none")]
    [InlineData("no variant 9", "adam", "--html", "x.html", "--against", "variant:9")]
    [InlineData("cannot be written", "lion", "--html", "/no/such/folder/x.html")]
    public void Page_WithWhatDoesNotFit_IsRefused(string message, params string[] arguments)
    {
        Invocation inspect = Invocation.Run(["inspect", .. arguments]);

        Assert.NotEqual(0, inspect.ExitCode);
        Assert.Contains(message, inspect.Error, StringComparison.Ordinal);
    }

    private static IEnumerable<PtxKernel> KernelsOf(RuleEntry rule) =>
        PtxKernel.Of(
            rule, new LaunchKey(rule.DefaultVariant, StateFormat.Declared, ElementType.Float32, ElementType.Float32),
            Architecture, "").Where(kernel => kernel is { Method: not null, Phase: >= 0 });
}
