using Requant.Ilgpu;

namespace Requant.Ptx.Tests.Fast;

/// <summary>An approximate reciprocal of absmax may scale a block's largest value to slightly less or more than 1; the table gives it the
/// code of 1 all the same.</summary>
public class CodeOf1Tests
{
    /// <summary>Of a float, relative: the reciprocal's error of 1 ulp, and the rounding of the product. Of a reciprocal below the least normal
    /// float, which absmax from 2^126 on have, an ulp is up to 2^-21 of it, and it may be off by one and a half.</summary>
    private const float LargestError = 3f / (1 << 21);

    [Theory]
    [InlineData(Codec.Dynamic)]
    [InlineData(Codec.DynamicUnsigned)]
    [InlineData(Codec.Linear)]
    [InlineData(Codec.LinearUnsigned)]
    [InlineData(Codec.SoftSign)]
    [InlineData(Codec.SquareRoot)]
    [InlineData(Codec.Float8E4M3)]
    public void Encode_ValueNear1_IsTheCodeOf1(Codec codec)
    {
        for (float value = 1f - LargestError; value <= 1f + LargestError; value = MathF.BitIncrement(value))
        {
            (int code, int ofOne, bool isInside) = codec switch
            {
                Codec.Dynamic => Encode<DynamicTable>(codec, value),
                Codec.DynamicUnsigned => Encode<DynamicUnsignedTable>(codec, value),
                Codec.Linear => Encode<LinearTable>(codec, value),
                Codec.LinearUnsigned => Encode<LinearUnsignedTable>(codec, value),
                Codec.SoftSign => Encode<SoftSignTable>(codec, value),
                Codec.SquareRoot => Encode<SquareRootTable>(codec, value),
                _ => Encode<Float8E4M3Table>(codec, value),
            };
            Assert.True(isInside, $"{value:R} is behind the table");
            Assert.True(code == ofOne, $"{value:R} has code {code}, not {ofOne}");
        }
    }

    /// <summary>As <see cref="DeviceTable"/> does for a magnitude.</summary>
    private static (int Code, int OfOne, bool IsInside) Encode<TTable>(Codec codec, float value)
        where TTable : struct, IDeviceTable
    {
        int[] table = DeviceTables.For(codec);
        (int code, bool isInside) = Encode(value);
        return (code, Encode(1f).Code, isInside);

        (int Code, bool IsInside) Encode(float magnitude)
        {
            int bits = BitConverter.SingleToInt32Bits(magnitude);
            int cell = (bits >> TTable.Shift) - TTable.FirstCell;
            return cell < TTable.Cells ? ((table[cell] + bits) >> TTable.Shift, true) : (0, false);
        }
    }
}
