using ILGPU;
using ILGPU.Runtime;
using Requant.Ilgpu;
using Requant.Quantization;
using Requant.Runtime.Tests.Quantization;
using Xunit;

namespace Requant.Runtime.Tests.Ilgpu;

/// <summary>A device stores the codes and absmax that the codebook defines, and loads what they mean.</summary>
[Collection("accelerator")]
public class DeviceCodecTests(AcceleratorFixture fixture)
{
    private const int BlockSize = 256;

    public static TheoryData<Codec> Codecs => CodebookTests.Codecs;

    [Theory, MemberData(nameof(Codecs))]
    public void CloseAndStore_ThresholdsAndRandomFloats_GiveTheCodebooksCodes(Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        float[] values = Values(codebook);
        using var tables = new DeviceCodebook(fixture.Accelerator, codec);
        using var storage = DeviceStateStorage.CreateQuantized(fixture.Accelerator, tables, BlockSize, values.Length);
        using MemoryBuffer1D<float, Stride1D.Dense> input = fixture.Accelerator.Allocate1D(values);
        using MemoryBuffer1D<float, Stride1D.Dense> output = fixture.Accelerator.Allocate1D<float>(values.Length);
        int blocks = (int)BlockSizes.Count(values.Length, BlockSize);

        fixture.Accelerator.LoadStreamKernel<ArrayView<float>, DeviceState>(CodecKernels.Store)(
            new KernelConfig(blocks, DeviceGrid.WarpSize), input.View, storage.View);
        fixture.Accelerator.LoadStreamKernel<ArrayView<float>, DeviceState>(CodecKernels.Load)(
            new KernelConfig(blocks, DeviceGrid.WarpSize), output.View, storage.View);

        ReadOnlySpan<byte> codes = storage.ReadCodes(0, values.Length);
        ReadOnlySpan<float> absmax = storage.ReadAbsmax(0, blocks);
        float[] loaded = output.GetAsArray1D();
        for (int i = 0; i < values.Length; i++)
        {
            float[] block = values.Chunk(BlockSize).ElementAt(i / BlockSize);
            float largest = block.Max(MathF.Abs);
            Assert.Equal(largest, absmax[i / BlockSize]);
            Assert.Equal(largest == 0f ? codebook.ZeroCode : codebook.Encode(values[i] * (1f / largest)), codes[i]);
            Assert.Equal(codebook.Decode(codes[i]) * largest, loaded[i]);
        }
    }

    // Blocks with a 1, so that nothing is scaled and thresholds are met exactly; then scaled ones, zeros and a ragged end.
    private static float[] Values(Codebook codebook)
    {
        var random = new Random(5);
        IEnumerable<float> probes = codebook.Thresholds.ToArray().Where(float.IsFinite)
            .SelectMany(threshold => (float[])[threshold, MathF.BitDecrement(threshold)])
            .Chunk(BlockSize - 1).SelectMany(chunk => chunk.Append(1f).Concat(new float[BlockSize - 1 - chunk.Length]));
        IEnumerable<float> scaled = Enumerable.Range(0, 3 * BlockSize).Select(_ =>
            17f * (random.NextSingle() - 0.5f) * MathF.Pow(10f, -8f * random.NextSingle()));
        return [.. probes, .. scaled, .. new float[BlockSize], -3f, 0.1f, 2f];
    }
}

/// <summary>One block for each group of one warp.</summary>
public static class CodecKernels
{
    private const int BlockSize = 256;

    public static void Store(ArrayView<float> values, DeviceState state)
    {
        long block = DeviceGrid.FirstBlock;
        long end = Math.Min((block + 1) * BlockSize, values.Length);
        float maximum = 0f;
        for (long i = (block * BlockSize) + DeviceGrid.Lane; i < end; i += DeviceGrid.WarpSize)
        {
            maximum = QuantizedDeviceCodec.Widen(maximum, values[i], 0f);
        }

        float inverse = QuantizedDeviceCodec.Close(state, block, maximum);
        for (long i = (block * BlockSize) + DeviceGrid.Lane; i < end; i += DeviceGrid.WarpSize)
        {
            QuantizedDeviceCodec.Store(state, i, values[i], 0f, inverse);
        }
    }

    public static void Load(ArrayView<float> values, DeviceState state)
    {
        long block = DeviceGrid.FirstBlock;
        long end = Math.Min((block + 1) * BlockSize, values.Length);
        float absmax = QuantizedDeviceCodec.Open(state, block);
        for (long i = (block * BlockSize) + DeviceGrid.Lane; i < end; i += DeviceGrid.WarpSize)
        {
            values[i] = QuantizedDeviceCodec.Load(state, i, absmax);
        }
    }
}
