using System.Runtime.InteropServices;
using Requant.Quantization;
using Xunit;

namespace Requant.Runtime.Tests.Quantization;

/// <summary>Blocks of 256 quantized by the reference. quant_in.bin: float32[20000]. quant_out.bin, for the signed map
/// on the input and then for the unsigned map on its magnitudes: codes uint8[20000], absmax float32[79].</summary>
public class ReferenceQuantizerTests
{
    private const int BlockSize = 256;

    // bitsandbytes' CPU quantizer has one known difference: it cannot represent 0 and stores +2e-5 * absmax. The
    // reference input has no zeros, so that not one code may differ.
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

        Assert.Equal(DocumentedDifferences, Differences<DynamicCodec>(width, input, output[..bytes]));
        float[] magnitudes = Array.ConvertAll(input, MathF.Abs);
        Assert.Equal(DocumentedDifferences, Differences<DynamicUnsignedCodec>(width, magnitudes, output[bytes..]));
    }

    private static int Differences<TCodec>(Width width, float[] input, ReadOnlySpan<byte> output)
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
                differences += codes[i] == output[start + i] ? 0 : 1;
            }
        }

        return differences;
    }
}
