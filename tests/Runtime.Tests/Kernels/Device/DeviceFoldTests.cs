using ILGPU;
using ILGPU.Runtime;
using Requant.CompilerServices;
using Requant.Runtime.Tests.Kernels.Cpu;
using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Kernels.Device;

[Collection("accelerator")]
public class DeviceFoldTests(AcceleratorFixture fixture)
{
    /// <summary>A wrong order gives the right bits for some blocks by chance, not for this many.</summary>
    private const int BlockCount = 16;

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
        float[][] blocks = 
        [
            .. Enumerable.Range(0, BlockCount).Select(i => BlockSumTests.NewTerms(new Random(i), length)),
        ];
        using MemoryBuffer1D<float, Stride1D.Dense> input = fixture.Accelerator.Allocate1D(
            blocks.SelectMany(x => x).ToArray());
        using MemoryBuffer1D<float, Stride1D.Dense> output = fixture.Accelerator.Allocate1D<float>(BlockCount);
        Action<KernelConfig, ArrayView<float>, ArrayView<float>, int> launch =
            fixture.Accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, int>(FoldKernels.Fold);

        launch(new KernelConfig(BlockCount, DeviceGrid.WarpSize), input.View, output.View, length);

        Assert.Equal(
            blocks.Select(block => BitConverter.SingleToUInt32Bits(BlockSumTests.Define(block[..length]))),
            output.GetAsArray1D().Select(BitConverter.SingleToUInt32Bits));
    }
}

/// <summary>Folds one block of scratch length with each group of one warp.</summary>
public static class FoldKernels
{
    public static void Fold(ArrayView<float> terms, ArrayView<float> result, int length)
    {
        DeviceFold fold = default;
        int rounds = DeviceFold.Rounds(length);
        for (int round = 0; round < rounds; round++)
        {
            int i = DeviceFold.Element(round, rounds);
            fold.Add(i < length ? terms[((int)DeviceGrid.FirstBlock * BlockSizes.Max) + i] : 0f);
        }

        float sum = fold.Finish(length);
        if (DeviceGrid.Lane == 0)
        {
            result[(int)DeviceGrid.FirstBlock] = sum;
        }
    }
}
