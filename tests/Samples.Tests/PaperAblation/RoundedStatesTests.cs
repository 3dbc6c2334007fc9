using Requant.Optimizers;
using Requant.Samples.PaperAblation;

namespace Requant.Samples.Tests.PaperAblation;

/// <summary>Tensor-wise states do not exist in the runtime: here they are made, and held against it
/// where both exist.</summary>
public class RoundedStatesTests
{
    /// <summary>A code times an absmax of 127 is a whole number but for float32's rounding.</summary>
    private const float Rounding = 1e-4f;

    [Fact]
    public void Apply_WholeTensor_UsesTheLargestMagnitudeOfAllElements()
    {
        AssertRounded([-127f, 1f, 64f, 0f, 0f], [-127f, 1.2f, 63.6f, 0.4f, -0.4f], blockSize: null);
    }

    [Fact]
    public void Apply_Blocks_UseTheirOwnLargestMagnitude_TheRaggedLastToo()
    {
        AssertRounded([127f, 0f, 1.27f, 0.4f, 0.004f], [127f, 0.4f, 1.27f, 0.4f, 0.004f], blockSize: 2);
    }

    [Fact]
    public void Apply_LargestMagnitudeWithoutInverse_BecomesZeros()
    {
        float[] values = [1e-39f, -1e-40f];

        RoundedStates.Apply(values, StateMap.Shipped(Codec.Linear), blockSize: null);

        Assert.Equal([0f, 0f], values);
    }

    [Theory]
    [InlineData(StateCodecs.Dynamic, Codec.Dynamic, Codec.DynamicUnsigned, 32)]
    [InlineData(StateCodecs.Dynamic, Codec.Dynamic, Codec.DynamicUnsigned, Variant.BlockSize)]
    [InlineData(StateCodecs.MiniFloat, Codec.MiniFloat, Codec.MiniFloatUnsigned, 32)]
    [InlineData(StateCodecs.MiniFloat, Codec.MiniFloat, Codec.MiniFloatUnsigned, Variant.BlockSize)]
    public void Apply_AfterEachStepOfFloat32States_LeavesTheBitsOfTheRuntimes8BitStates(
        StateCodecs codecs, Codec first, Codec second, int blockSize)
    {
        const int Length = (2 * Variant.BlockSize) + 100;
        using var shipped = new Optimizer<Adam>(new Adam(), new OptimizerOptions
        {
            BlockSize = blockSize, Codecs = codecs, StateRounding = StateRounding.Nearest,
        });
        using var exact = new Optimizer<Adam>(new Adam(), new OptimizerOptions { Codecs = StateCodecs.Float32 });
        ParameterState quantized = shipped.Add("w", Length);
        ParameterState rounded = exact.Add("w", Length);
        float[] expected = new float[Length], actual = new float[Length], gradient = new float[Length];
        var random = new Random(1);
        for (int step = 0; step < 20; step++)
        {
            FillUnevenly(gradient, random);
            shipped.Step(quantized, expected, gradient);
            exact.Step(rounded, actual, gradient);
            Variant.Round(rounded.States["m"], StateMap.Shipped(first), blockSize);
            Variant.Round(rounded.States["v"], StateMap.Shipped(second), blockSize);
        }

        Assert.Equal((first, second), (quantized.States["m"].Codec, quantized.States["v"].Codec));
        Assert.Equal(expected, actual);
        foreach (string state in new[] { "m", "v" })
        {
            float[] values = new float[Length];
            quantized.States[state].Dequantize(values);
            Assert.Equal(values, rounded.States[state].Values.ToArray());
        }
    }

    /// <summary>Sizes over six orders of magnitude, and elements without a gradient, as an
    /// embedding has them.</summary>
    private static void FillUnevenly(float[] gradient, Random random)
    {
        for (int i = 0; i < gradient.Length; i++)
        {
            gradient[i] = random.Next(4) == 0
                ? 0f
                : (random.NextSingle() - 0.5f) * MathF.Pow(10f, -6f * random.NextSingle());
        }
    }

    private static void AssertRounded(float[] expected, float[] values, int? blockSize)
    {
        RoundedStates.Apply(values, StateMap.Shipped(Codec.Linear), blockSize);
        for (int i = 0; i < values.Length; i++)
        {
            Assert.Equal(expected[i], values[i], Rounding);
        }
    }
}
