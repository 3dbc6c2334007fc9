using ILGPU;
using ILGPU.Runtime;
using Requant.Ilgpu;
using Requant.Runtime.Tests.Cpu;
using Xunit;

namespace Requant.Runtime.Tests.Ilgpu;

[Collection("accelerator")]
public class DeviceFoldTests(AcceleratorFixture fixture)
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(48)]
    [InlineData(256)]
    [InlineData(1000)]
    [InlineData(4096)]
    public void Finish_AnyLength_GivesBitsOfBlockSum(int length)
    {
        float[] terms = BlockSumTests.NewTerms(new Random(length), length);
        using MemoryBuffer1D<float, Stride1D.Dense> input = fixture.Accelerator.Allocate1D(terms);
        using MemoryBuffer1D<float, Stride1D.Dense> output = fixture.Accelerator.Allocate1D<float>(1);
        Action<KernelConfig, ArrayView<float>, ArrayView<float>, int> launch =
            fixture.Accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, int>(FoldKernels.Fold);

        launch(new KernelConfig(1, DeviceGrid.WarpSize), input.View, output.View, length);

        float expected = BlockSumTests.Define(terms.AsSpan(0, length).ToArray());
        Assert.Equal(
            BitConverter.SingleToUInt32Bits(expected), BitConverter.SingleToUInt32Bits(output.GetAsArray1D()[0]));
    }
}

/// <summary>Folds one block with one warp.</summary>
public static class FoldKernels
{
    public static void Fold(ArrayView<float> terms, ArrayView<float> result, int length)
    {
        DeviceFold fold = default;
        int rounds = DeviceFold.Rounds(length);
        for (int round = 0; round < rounds; round++)
        {
            int i = DeviceFold.Element(round, rounds);
            fold.Add(i < length ? terms[i] : 0f);
        }

        float sum = fold.Finish(length);
        if (DeviceGrid.Lane == 0)
        {
            result[0] = sum;
        }
    }
}
