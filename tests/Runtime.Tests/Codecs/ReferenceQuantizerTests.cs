using System.Runtime.InteropServices;
using Requant.CompilerServices;

namespace Requant.Runtime.Tests.Codecs;

/// <summary>Blocks of 256 quantized by references. The paper's, by bitsandbytes: quant_in.bin float32[20000];
/// quant_out.bin, for the signed map on the input and then for the unsigned map on its magnitudes: codes uint8[20000],
/// absmax float32[79]. The codecs of today, by another program: codec_in.bin float32[4096] and codec_out.bin, for each
/// of four codecs on the input or its magnitudes: codes uint8[4096], absmax float32[16], decoded
/// float32[4096].</summary>
public class ReferenceQuantizerTests
{
    private const int BlockSize = 256;

    private static readonly Codec[] CodecsInOrder =
        [Codec.MiniFloat, Codec.MiniFloatUnsigned, Codec.Dynamic, Codec.DynamicUnsigned];

    // The paper's quantizer differs in two things: bitsandbytes' cannot represent 0 on the CPU and stores +2e-5 *
    // absmax, but the input has no zeros; and its unsigned map has code 0 for tiny positive numbers, which have code 1
    // here. No other code may differ.
    private const int DocumentedDifferences = 0;

    [Fact]
    public void Input_HasNoZeros()
    {
        Assert.DoesNotContain(0f, ReferenceData.Floats("quant_in.bin"));
    }

    [Theory, MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void Close_ReferenceInput_GivesTheReferenceCodes(Width width)
    {
        float[] input = ReferenceData.Floats("quant_in.bin");
        ReadOnlySpan<byte> output = ReferenceData.Bytes("quant_out.bin");
        int bytes = input.Length + (sizeof(float) * ((input.Length + BlockSize - 1) / BlockSize));
        Assert.Equal(2 * bytes, output.Length);

        Assert.Equal(DocumentedDifferences, Differences<DynamicCodec>(width, input, output[..bytes], leastCode: 0));
        float[] magnitudes = Array.ConvertAll(input, MathF.Abs);
        Assert.Equal(
            DocumentedDifferences,
            Differences<DynamicUnsignedCodec>(width, magnitudes, output[bytes..], leastCode: 1));
    }

    [Theory, MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void Close_CodecInput_GivesTheReferenceBits(Width width)
    {
        float[] input = ReferenceData.Floats("codec_in.bin");
        byte[] output = ReferenceData.Bytes("codec_out.bin");
        int blocks = (input.Length + BlockSize - 1) / BlockSize;
        int bytes = input.Length + (sizeof(float) * (blocks + input.Length));
        Assert.Equal(CodecsInOrder.Length * bytes, output.Length);
        for (int i = 0; i < CodecsInOrder.Length; i++)
        {
            Codec codec = CodecsInOrder[i];
            float[] values = CodecDefinition.IsUnsigned(codec) ? Array.ConvertAll(input, MathF.Abs) : input;
            ReadOnlySpan<byte> ofCodec = output.AsSpan(i * bytes, bytes);
            ReadOnlySpan<byte> codes = ofCodec[..input.Length];
            ReadOnlySpan<float> floats = MemoryMarshal.Cast<byte, float>(ofCodec[input.Length..]);
            for (int block = 0; block < blocks; block++)
            {
                int start = block * BlockSize;
                int end = Math.Min(start + BlockSize, input.Length);
                (byte[] blockCodes, float absmax) = CodecHarness.Close(codec, width, values[start..end]);
                Assert.Equal(codes[start..end], blockCodes);
                AssertSameBits(floats.Slice(block, 1), [absmax]);
                AssertSameBits(floats[blocks..][start..end], CodecHarness.Load(codec, width, blockCodes, absmax));
            }
        }
    }

    private static void AssertSameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual) =>
        Assert.Equal(MemoryMarshal.Cast<float, int>(expected), MemoryMarshal.Cast<float, int>(actual));

    private static int Differences<TCodec>(Width width, float[] input, ReadOnlySpan<byte> output, byte leastCode)
        where TCodec : struct, IStateCodec
    {
        ReadOnlySpan<float> absmax = MemoryMarshal.Cast<byte, float>(output[input.Length..]);
        int differences = 0;
        for (int block = 0; block < absmax.Length; block++)
        {
            int start = block * BlockSize;
            float[] values = input[start..Math.Min(start + BlockSize, input.Length)];
            (byte[] codes, float blockAbsmax) = CodecHarness.Close<TCodec>(width, values);
            Assert.Equal(absmax[block], blockAbsmax);
            for (int i = 0; i < values.Length; i++)
            {
                differences += codes[i] == Math.Max(output[start + i], leastCode) ? 0 : 1;
            }
        }

        return differences;
    }
}
