using System.Runtime.InteropServices;
using Requant.CompilerServices;
using Requant.Numerics;
using Requant.Optimizers;
using Requant.Testing;

namespace Requant.Conformance;

/// <summary>What a check says that it has run, and what it runs by default.</summary>
public class ReportTests
{
    /// <summary>What stands in the place of a float32 parameter that mixed gradients skip at every step.</summary>
    private const uint SkippedNaN = 0xff800123;

    private static readonly ConformanceOptions Small = new()
    {
        Lengths = [37],
        LengthsAroundBlock = [],
        BlockSizes = [16],
        ElementTypes = [(ElementType.Float32, ElementType.Float32)],
        StateFormats = [StateFormat.Declared],
    };

    [Fact]
    public void Check_ByDefault_RunsEveryBackendOfTheMachine()
    {
        ConformanceReport report = RuleConformance.Check<Adam>(Small);

        Assert.Equal((SimdWidths.Supported.Count * 2) + 1, report.Backends.Count);
        Assert.Contains(report.Backends, name => name.StartsWith("ILGPU, ", StringComparison.Ordinal));
        Assert.Contains($"{SimdWidths.Widest}, 2 threads", report.Backends);
        Assert.StartsWith("Adam: the bits of the scalar kernels in ", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Check_OnOneTensor_CountsWhatItCompares()
    {
        ConformanceReport report = RuleConformance.Check<FourCodecs>(
            Small with { Backends = [new CpuBackend(SimdWidth.Scalar, 1)] });

        // Two block sizes: three kinds of gradients for quantized states, one for float32 ones. Three steps of 37
        // parameters, four states and a count; 1 scale or 3 of each quantized state.
        Assert.Equal(2 * (3 + 1), report.RunCount);
        Assert.Equal(3 * ((8 * ((5 * 37) + 1)) + (3 * 4 * (1 + 3))), report.ElementCount);
    }

    [Fact]
    public void Check_RuleWithFlag_RunsItBothWays()
    {
        ConformanceReport report = RuleConformance.Check<Momentum>(
            Small with { Backends = [new CpuBackend(SimdWidth.Scalar, 1)] });

        Assert.Equal(2, report.SettingCount);
        Assert.True(report.VariantsReached > 1 && report.VariantsReached < report.VariantCount, report.ToString());
        Assert.Contains(
            $"{report.VariantsReached} of {report.VariantCount} specialised kernels", report.ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Check_RuleWithHyperparameters_RunsThemAlone()
    {
        ConformanceReport report = RuleConformance.Check(
            new Momentum { Beta = 0f }, Small with { Backends = [new CpuBackend(SimdWidth.Scalar, 1)] });

        Assert.Equal((1, 1), (report.SettingCount, report.VariantsReached));
    }

    [Fact]
    public void Check_OtherPayloadOfANaNThatArithmeticMade_IsNoDifference()
    {
        int exchanged = 0;
        var otherNaN = AlteredBackend.Floats(1, "parameter", Exchange);

        ConformanceReport report = RuleConformance.Check(
            new ZeroOverZero(), Small with { Steps = 1, Backends = [otherNaN] });

        Assert.True(exchanged > 0, report.ToString());

        void Exchange(Span<float> values)
        {
            foreach (ref uint bits in MemoryMarshal.Cast<float, uint>(values))
            {
                if ((bits & 0x7fffffff) > 0x7f800000 && bits != SkippedNaN)
                {
                    bits ^= 1;
                    exchanged++;
                }
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Check_ByDefault_MeetsEveryValueOfEveryDimension(bool isSlow)
    {
        var recorder = new Recorder(isSlow);

        _ = RuleConformance.Check(new Adam(), new ConformanceOptions { Backends = [recorder] });

        ConformanceOptions defaults = new();
        int ownSize = 256;
        foreach (int size in defaults.BlockSizes)
        {
            ConformanceCase[] cases =
            [
                .. recorder.Cases.Where(one => (one.BlockSize ?? ownSize) == size
                    && (one.ParameterType, one.GradientType) == (ElementType.Float32, ElementType.Float32)
                    && one.States == StateFormat.Declared),
            ];
            Assert.Equal([false, true], cases.Select(one => one.IsQuantized).Distinct().Order());
            Assert.All(
                cases,
                one => Assert.Superset(new HashSet<int> { 0, 1, size - 1, size, size + 1 }, one.Lengths.ToHashSet()));
            Assert.All(cases, one => Assert.Equal(!isSlow || size == 2048, one.Lengths.Contains(10_007)));
            Assert.Equal(
                !isSlow,
                Enum.GetValues<GradientKind>().All(kind => cases.Any(one => one.IsQuantized && one.Gradients == kind)));
        }

        foreach (var types in defaults.ElementTypes)
        {
            ConformanceCase[] cases = [.. recorder.Cases.Where(one => (one.ParameterType, one.GradientType) == types)];
            Assert.Contains(cases, one => one.Lengths.Any(length => length > (one.BlockSize ?? ownSize)));
            Assert.True(isSlow ? cases.Length > 0 : cases.Select(one => one.IsQuantized).Distinct().Count() == 2);
        }

        Assert.All(
            defaults.StateFormats,
            format => Assert.Contains(recorder.Cases, one => one.IsQuantized && one.States == format));
        ConformanceCase[] rounded = [.. recorder.Cases.Where(one => one.Rounding == ParameterRounding.Stochastic)];
        Assert.All(rounded, one => Assert.Equal(ElementType.BFloat16, one.ParameterType));
        Assert.Equal(Enum.GetValues<ElementType>(), rounded.Select(one => one.GradientType).Distinct().Order());
        Assert.Equal([false, true], rounded.Select(one => one.IsQuantized).Distinct().Order());
        Assert.Contains(rounded, one => one.Gradients == GradientKind.Plain && one.Lengths.Contains(ownSize + 1));

        Assert.Contains(recorder.Cases, one => one.Gradients == GradientKind.Mixed);
        Assert.Contains(recorder.Cases, one => one.Gradients == GradientKind.Extreme);
        Assert.Equal(recorder.Cases.Count, recorder.Cases.Select(one => one.ToString()).Distinct().Count());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Check_SettingsAfterTheFirst_MeetTheFirstElementTypesAlone(bool isSlow)
    {
        var recorder = new Recorder(isSlow);

        ConformanceReport report = RuleConformance.Check<Momentum>(
            new ConformanceOptions { Lengths = [37], Backends = [recorder] });

        Assert.Equal(2, report.SettingCount);
        ILookup<bool, ConformanceCase> cases = recorder.Cases.ToLookup(
            one => (one.ParameterType, one.GradientType) == default);
        Assert.Equal(cases[false].Count(), cases[false].Select(one => one.ToString()).Distinct().Count());
        Assert.Equal(
            cases[true].Count() - (isSlow ? 2 : 16), cases[true].Select(one => one.ToString()).Distinct().Count());
    }

    [Fact]
    public void Check_EveryCombination_IsTheProduct()
    {
        var recorder = new Recorder(isSlow: false);

        _ = RuleConformance.Check(
            new Adam(), new ConformanceOptions { Lengths = [37], EveryCombination = true, Backends = [recorder] });

        // Block sizes, four formats of quantized states and float32 ones, gradients, pairs of element types: parameters
        // of bfloat16 are rounded both ways, and have remainders.
        Assert.Equal(4 * (4 + 1) * 3 * (9 + 3 + 3), recorder.Cases.Count);
        Assert.Equal(recorder.Cases.Count, recorder.Cases.Select(one => one.ToString()).Distinct().Count());
    }

    [Fact]
    public void Options_WithUnusableValue_NameIt()
    {
        ConformanceOptions defaults = new();
        foreach ((ConformanceOptions options, string name) in new[]
        {
            (defaults with { Lengths = [] }, "Lengths"),
            (defaults with { Lengths = [3, -1] }, "Lengths"),
            (defaults with { ElementTypes = [] }, "ElementTypes"),
            (defaults with { ElementTypes = [(ElementType.Float32, (ElementType)3)] }, "ElementTypes"),
            (defaults with { BlockSizes = [24] }, "BlockSizes"),
            (defaults with { Steps = 0 }, "Steps"),
            (defaults with { Backends = [] }, "Backends"),
        })
        {
            Assert.Equal(
                name, Assert.ThrowsAny<ArgumentException>(() => RuleConformance.Check<Adam>(options)).ParamName);
        }
    }

    [Theory]
    [InlineData(GradientKind.Plain)]
    [InlineData(GradientKind.Mixed)]
    [InlineData(GradientKind.Extreme)]
    public void Gradient_OfEveryKind_HoldsWhatItPromises(GradientKind kind)
    {
        float[] values = new ConformanceCase([4099], null, true, kind, Steps: 1, Seed: 20241).Gradient(0, 1);

        Assert.Contains(values.Chunk(64), block => block.All(value => value == 0f) || kind == GradientKind.Mixed);
        Assert.Equal(kind != GradientKind.Plain, values.Any(float.IsNaN) && values.Any(float.IsInfinity));
        Assert.Equal(kind != GradientKind.Plain, values.Any(float.IsSubnormal));
        Assert.Equal(
            kind == GradientKind.Extreme,
            values.Any(value => float.IsFinite(value) && float.IsInfinity(value * value)));
        Assert.Equal(kind == GradientKind.Extreme, values.Chunk(64).Any(block => !block.Any(float.IsFinite)));
        Assert.Equal(kind == GradientKind.Extreme, values.Chunk(64).Any(block => block.All(float.IsFinite)
            && block.Max(MathF.Abs)
                > 1e38f * block.Where(value => value != 0f).Select(MathF.Abs).DefaultIfEmpty(1f).Min()
            && !block.Any(float.IsSubnormal) && block.Max(MathF.Abs) < 1e15f));
    }

    /// <summary>The scalar kernels; notes the cases that it is given.</summary>
    private sealed class Recorder(bool isSlow) : IConformanceBackend
    {
        public string Name => "recorder";

        public bool IsSlow => isSlow;

        public List<ConformanceCase> Cases { get; } = [];

        public IEnumerable<Snapshot> Run<TRule>(TRule rule, ConformanceCase data)
            where TRule : IOptimizerRule<TRule>
        {
            Cases.Add(data);
            return new CpuBackend(SimdWidth.Scalar, threads: 1).Run(rule, data);
        }
    }
}
