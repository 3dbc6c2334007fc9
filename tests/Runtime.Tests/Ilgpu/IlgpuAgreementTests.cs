using Requant.Cpu;
using Requant.Runtime.Tests.Handwritten;
using Requant.Runtime.Tests.Support;
using Xunit;

namespace Requant.Runtime.Tests.Ilgpu;

[Collection("accelerator")]
public class IlgpuAgreementTests(AcceleratorFixture fixture)
{
    /// <summary>Empty, float32 below <see cref="MinQuantizedLength"/>, and a ragged quantized tensor.</summary>
    private static readonly int[] Lengths = [0, 1, 37, 701];

    private const int MinQuantizedLength = 64;

    [Theory]
    [InlineData(16)]
    [InlineData(48)]
    [InlineData(256)]
    [InlineData(4096)]
    public void Adam_CpuAccelerator_GivesBitsOfScalar(int blockSize) =>
        AssertAgrees(new HandWrittenAdam { WeightDecay = 0.01f }, blockSize);

    [Theory]
    [InlineData(16)]
    [InlineData(48)]
    [InlineData(256)]
    [InlineData(4096)]
    public void Lamb_CpuAccelerator_GivesBitsOfScalar(int blockSize) =>
        AssertAgrees(new HandWrittenLamb { WeightDecay = 0.01f }, blockSize);

    private void AssertAgrees<TRule>(TRule rule, int blockSize)
        where TRule : IOptimizerRule<TRule>
    {
        var workload = new Workload(blockSize, withBadGradients: true, Lengths);
        var options = new OptimizerOptions
        {
            BlockSize = blockSize,
            MinQuantizedLength = MinQuantizedLength,
            SimdWidth = SimdWidth.Scalar,
            MaxThreads = 1,
        };

        workload.RunOnCpu(rule, options).AssertSameBits(
            workload.RunOnIlgpu(rule, options, fixture.Accelerator), $"ILGPU, blocks of {blockSize}");
    }
}
