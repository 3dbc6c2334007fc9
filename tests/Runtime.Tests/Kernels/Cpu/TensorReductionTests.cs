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
    [InlineData(100_001)]
    public void Finish_AnyCount_AddsInTheDefinedOrder(int count)
    {
        var random = new Random(count);
        float[] partials = 
        [
            .. Enumerable.Range(0, count).Select(_ => random.NextSingle() * MathF.Pow(10f, random.Next(-6, 6))),
        ];
        var slots = new double[256];
        for (int k = 0; k < count; k++)
        {
            slots[k % 256] += partials[k];
        }

        for (int half = 128; half >= 1; half /= 2)
        {
            for (int i = 0; i < half; i++)
            {
                slots[i] += slots[i + half];
            }
        }

        Assert.Equal((float)slots[0], Finish(ReductionKind.Sum, partials));
        Assert.Equal((float)Math.Sqrt(slots[0]), Finish(ReductionKind.Norm, partials));
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
