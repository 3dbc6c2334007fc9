using Requant.Steps;

namespace Requant.Runtime.Tests.Kernels.Cpu;

public class TensorReductionTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(16_384)]
    [InlineData(16_385)]
    [InlineData(100_001)]
    public void Finish_AnyCount_AddsInTheDefinedOrder(int count)
    {
        var random = new Random(count);
        float[] partials = 
        [
            .. Enumerable.Range(0, count).Select(_ => random.NextSingle() * MathF.Pow(10f, random.Next(-6, 6))),
        ];
        double total = Folded([.. partials.Chunk(16_384).Select(
            chunk => Folded(Array.ConvertAll(chunk, value => (double)value)))]);

        Assert.Equal((float)total, Finish(ReductionKind.Sum, partials));
        Assert.Equal((float)Math.Sqrt(total), Finish(ReductionKind.Norm, partials));
    }

    /// <summary>Term k goes to slot k mod 256, in ascending order, and the slots are folded in halves.</summary>
    private static double Folded(double[] terms)
    {
        var slots = new double[256];
        for (int k = 0; k < terms.Length; k++)
        {
            slots[k % 256] += terms[k];
        }

        for (int half = 128; half >= 1; half /= 2)
        {
            for (int i = 0; i < half; i++)
            {
                slots[i] += slots[i + half];
            }
        }

        return slots[0];
    }

    [Fact]
    public void Finish_PartialsOfNegativeZero_GivesPositiveZero() =>
        Assert.Equal(0u, BitConverter.SingleToUInt32Bits(Finish(ReductionKind.Sum, [-0f])));

    private static unsafe float Finish(ReductionKind kind, float[] partials)
    {
        fixed (float* pointer = partials)
        {
            return TensorReduction.Finish(kind, pointer, partials.Length);
        }
    }
}
