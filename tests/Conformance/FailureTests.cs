using Requant.CompilerServices;
using Requant.Numerics;
using Requant.Optimizers;
using Requant.Testing;

namespace Requant.Conformance;

/// <summary>What differs is found, and named.</summary>
public class FailureTests
{
    /// <summary>Its gradient is NaN or infinite at every step where gradients are mixed.</summary>
    private const int SkippedElement = 41;

    private static readonly ConformanceOptions Small = new()
    {
        Lengths = [0, 37, 300],
        LengthsAroundBlock = [],
        BlockSizes = [16],
        ElementTypes = [(ElementType.Float32, ElementType.Float32)],
    };

    [Fact]
    public void Check_KernelOfOneWidthChangesABit_NamesWidthAndElement()
    {
        var exception = Assert.Throws<RuleConformanceException>(
            () => RuleConformance.Check(new CorruptedAdam(), Small));

        Assert.Equal("Vector128, 1 thread", exception.Backend);
        Assert.Equal(("parameter", 1), (exception.Field, exception.Step));
        Assert.Equal(256 + CorruptedAdam.CorruptedElement, exception.Element);
        Assert.StartsWith(
            "Adam(lr: 0.001, beta1: 0.9, beta2: 0.999, eps: 1E-08, weightDecay: 0", exception.Message,
            StringComparison.Ordinal);
        Assert.Contains(
            ") on Vector128, 1 thread; " +
            "the rule's own blocks, quantized states, plain gradients; step 1, tensor of 300 elements, parameter, "
            + "element 259: 0x",
            exception.Message, StringComparison.Ordinal);
        Assert.EndsWith(
            $"{exception.Actual}, and the scalar kernels give {exception.Expected}.", exception.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Check_KernelsOfOtherWidthsAreSound_Passes()
    {
        var sound = new ConformanceOptions
        {
            Backends = [new CpuBackend(SimdWidth.Scalar, 2), new CpuBackend(SimdWidths.Widest, 2)],
        };
        Assert.SkipWhen(SimdWidths.Widest == SimdWidth.Vector128, "The corrupted width is this machine's widest.");

        Assert.True(RuleConformance.Check(new CorruptedAdam(), sound).ElementCount > 0);
    }

    [Theory]
    [InlineData("codes of state m", 1, "0x")]
    [InlineData("codes of state v", 3, "0x")]
    public void Check_ACodeDiffers_NamesStateAndStep(string field, int step, string bits)
    {
        RuleConformanceException exception = Fails(new AlteredBackend(step, field, bytes => bytes[^1] ^= 1));

        Assert.Equal((field, step, "altered"), (exception.Field, exception.Step, exception.Backend));
        Assert.Equal(36, exception.Element);
        Assert.StartsWith(bits, exception.Actual, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_AScaleDiffersInItsLastBit_ShowsBitsAndValues()
    {
        RuleConformanceException exception = Fails(
            AlteredBackend.Floats(2, "absmax of state v", values => values[0] = MathF.BitIncrement(values[0])));

        Assert.Equal(("absmax of state v", 2, 0), (exception.Field, exception.Step, exception.Element));
        Assert.Matches(@"^0x[0-9A-F]{8} \([-+.0-9E]+\)$", exception.Expected);
        Assert.Matches(@"^0x[0-9A-F]{8} \([-+.0-9E]+\)$", exception.Actual);
        Assert.NotEqual(exception.Expected, exception.Actual);
    }

    [Fact]
    public void Check_SignOfAZeroDiffers_IsADifference()
    {
        RuleConformanceException exception = Fails(AlteredBackend.Floats(1, "parameter", values => values[0] = -0f));

        Assert.Equal("0x80000000 (-0)", exception.Actual);
    }

    [Theory]
    [InlineData(ElementType.Float16, "float16")]
    [InlineData(ElementType.BFloat16, "bfloat16")]
    public void Check_LastBitOfA16BitParameterDiffers_ShowsItsTypeAndFourDigits(ElementType type, string name)
    {
        ConformanceOptions options = Small with
        {
            ElementTypes = [(ElementType.Float32, ElementType.Float32), (type, ElementType.Float16)],
        };
        var altered = new AlteredBackend(3, "parameter", bytes => bytes[^2] ^= 1, data => data.ParameterType == type);

        RuleConformanceException exception = Fails<Adam>(altered, options);

        Assert.Equal(("parameter", 3, 36), (exception.Field, exception.Step, exception.Element));
        Assert.EndsWith($"{name} parameters and float16 gradients", exception.Case, StringComparison.Ordinal);
        Assert.Matches(@"^0x[0-9A-F]{4} \([-+.0-9E]+\)$", exception.Expected);
        Assert.Matches(@"^0x[0-9A-F]{4} \([-+.0-9E]+\)$", exception.Actual);
        Assert.NotEqual(exception.Expected, exception.Actual);
    }

    [Theory]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    public void Check_SkippedParameterBecomesAnotherNaN_IsADifference(ElementType type)
    {
        ConformanceOptions options = Small with { Lengths = [300], ElementTypes = [(type, ElementType.Float32)] };
        var quiet = new AlteredBackend(
            2, "parameter", bytes => Quieten(bytes, type), data => data.Gradients == GradientKind.Mixed);

        RuleConformanceException exception = Fails<Adam>(quiet, options);

        Assert.Equal(("parameter", 2, SkippedElement), (exception.Field, exception.Step, exception.Element));
        Assert.Contains("its gradient is not finite, so that it keeps 0x", exception.Message, StringComparison.Ordinal);
        Assert.Contains("(NaN)", exception.Expected, StringComparison.Ordinal);
        Assert.Contains("(NaN)", exception.Actual, StringComparison.Ordinal);

        // What a processor does that computes with a signalling NaN.
        static void Quieten(byte[] bytes, ElementType type)
        {
            int size = type == ElementType.Float32 ? sizeof(float) : sizeof(ushort);
            bytes[(SkippedElement * size) + size - (type == ElementType.Float16 ? 1 : 2)] |= type switch
            {
                ElementType.Float16 => 0x02,
                _ => 0x40,
            };
        }
    }

    [Fact]
    public void Check_CountOfSkippedElementsDiffers_NamesIt()
    {
        RuleConformanceException exception = Fails(new AlteredBackend(1, "skipped elements", bytes => bytes[0]++));

        Assert.Equal("skipped elements", exception.Field);
        Assert.Equal(("0x0 (0)", "0x1 (1)"), (exception.Expected, exception.Actual));
    }

    [Fact]
    public void Check_BackendCannotRun_NamesItAndKeepsTheCause()
    {
        using var ilgpu = new IlgpuBackend();

        var exception = Assert.Throws<RuleConformanceException>(
            () => RuleConformance.Check(new CorruptedAdam(), Small with { Backends = [ilgpu] }));

        Assert.Equal(ilgpu.Name, exception.Backend);
        Assert.IsType<NotSupportedException>(exception.InnerException);
        Assert.Contains(
            "step 1 cannot be run: CorruptedAdam has no kernels for devices.", exception.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Check_BackendStopsEarly_IsADifference()
    {
        RuleConformanceException exception = Fails(new ShortBackend());

        Assert.Contains("2 steps instead of 3", exception.Message, StringComparison.Ordinal);
    }

    private static RuleConformanceException Fails(IConformanceBackend backend) => Fails<Adam>(backend);

    private static RuleConformanceException Fails<TRule>(IConformanceBackend backend)
        where TRule : IOptimizerRule<TRule>, new() => Fails<TRule>(backend, Small);

    private static RuleConformanceException Fails<TRule>(IConformanceBackend backend, ConformanceOptions options)
        where TRule : IOptimizerRule<TRule>, new() =>
        Assert.Throws<RuleConformanceException>(
            () => RuleConformance.Check<TRule>(options with { Backends = [backend] }));

    private sealed class ShortBackend : IConformanceBackend
    {
        public string Name => "short";

        public bool IsSlow => false;

        public IEnumerable<Snapshot> Run<TRule>(TRule rule, ConformanceCase data)
            where TRule : IOptimizerRule<TRule> =>
            new CpuBackend(SimdWidth.Scalar, threads: 1).Run(rule, data).SkipLast(1);
    }
}
