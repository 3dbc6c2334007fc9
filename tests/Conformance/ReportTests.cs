using System.Runtime.InteropServices;
using Requant.Cpu;
using Requant.Optimizers;
using Requant.Testing;

namespace Requant.Conformance;

/// <summary>What a check says that it has run, and what it runs by default.</summary>
public class ReportTests
{
    private static readonly ConformanceOptions Small = new() { Lengths = [37], ShortLengths = [37], BlockSizes = [16] };

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
        ConformanceReport report = RuleConformance.Check<Adam>(Small with { Backends = [new CpuBackend(SimdWidth.Scalar, 1)] });

        // Two block sizes, three kinds of gradients; 37 parameters, two states, a count; 1 scale or 3 of each quantized state.
        Assert.Equal(2 * 2 * 3, report.RunCount);
        Assert.Equal(3 * 3 * ((4 * ((3 * 37) + 1)) + (2 * (1 + 3))), report.ElementCount);
    }

    [Fact]
    public void Check_RuleWithFlag_RunsItBothWays()
    {
        ConformanceReport report = RuleConformance.Check<Momentum>(Small with { Backends = [new CpuBackend(SimdWidth.Scalar, 1)] });

        Assert.Equal(2, report.SettingCount);
        Assert.True(report.VariantsReached > 1 && report.VariantsReached < report.VariantCount, report.ToString());
        Assert.Contains($"{report.VariantsReached} of {report.VariantCount} specialised kernels", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Check_RuleWithHyperparameters_RunsThemAlone()
    {
        ConformanceReport report = RuleConformance.Check(
            new Momentum { Beta = 0f }, Small with { Backends = [new CpuBackend(SimdWidth.Scalar, 1)] });

        Assert.Equal((1, 1), (report.SettingCount, report.VariantsReached));
    }

    [Fact]
    public void Check_OtherPayloadOfANaN_IsNoDifference()
    {
        var data = new ConformanceCase([5], null, IsQuantized: false, GradientKind.Plain, Steps: 1, Seed: 1);
        Assert.True(data.Options.MinQuantizedLength > 5);
        var otherNaN = AlteredBackend.Floats(1, "parameter", Exchange);

        ConformanceReport report = RuleConformance.Check(
            new Adam { Lr = float.NaN }, Small with { Backends = [otherNaN] });

        Assert.True(report.ElementCount > 0);

        static void Exchange(Span<float> values)
        {
            foreach (ref int bits in MemoryMarshal.Cast<float, int>(values))
            {
                bits = float.IsNaN(BitConverter.Int32BitsToSingle(bits)) ? bits ^ 1 : bits;
            }
        }
    }

    [Fact]
    public void Options_WithUnusableValue_NameIt()
    {
        ConformanceOptions defaults = new();
        foreach ((ConformanceOptions options, string name) in new[]
        {
            (defaults with { Lengths = [] }, "Lengths"),
            (defaults with { ShortLengths = [3, -1] }, "ShortLengths"),
            (defaults with { BlockSizes = [24] }, "BlockSizes"),
            (defaults with { Steps = 0 }, "Steps"),
            (defaults with { Backends = [] }, "Backends"),
        })
        {
            Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(() => RuleConformance.Check<Adam>(options)).ParamName);
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
        Assert.Equal(kind == GradientKind.Extreme, values.Any(value => float.IsFinite(value) && float.IsInfinity(value * value)));
        Assert.Equal(kind == GradientKind.Extreme, values.Chunk(64).Any(block => !block.Any(float.IsFinite)));
        Assert.Equal(kind == GradientKind.Extreme, values.Chunk(64).Any(block => block.All(float.IsFinite)
            && block.Max(MathF.Abs) > 1e38f * block.Where(value => value != 0f).Select(MathF.Abs).DefaultIfEmpty(1f).Min()
            && !block.Any(float.IsSubnormal) && block.Max(MathF.Abs) < 1e15f));
    }
}
