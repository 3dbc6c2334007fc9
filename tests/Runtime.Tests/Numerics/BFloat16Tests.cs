using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Numerics;

public class BFloat16Tests
{
    [Fact]
    public void Conversion_EveryPattern_IsItsValueAndComesBack()
    {
        for (int bits = 0; bits < SixteenBit.PatternCount; bits++)
        {
            var number = BFloat16.FromBits((ushort)bits);

            Assert.Equal(bits, number.ToBits());
            Assert.Equal(SixteenBit.Value(ElementType.BFloat16, bits), (float)number);
            Assert.Equal(bits, ((BFloat16)(float)number).ToBits());
        }
    }

    [Fact]
    public void FromSingle_MidpointsAndNeighbours_RoundsToNearestAndTiesToEven()
    {
        (float[] singles, ushort[] rounded) = SixteenBit.RoundingProbes(ElementType.BFloat16);

        Assert.Equal(rounded, singles.Select(single => BFloat16.FromSingle(single).ToBits()));
    }

    [Fact]
    public void Equality_ZerosAndNaN_FollowsFloat()
    {
        var zero = (BFloat16)0f;
        var minusZero = (BFloat16)(-0f);
        var nan = (BFloat16)float.NaN;

        Assert.True(zero == minusZero);
        Assert.Equal(zero, minusZero);
        Assert.Equal(zero.GetHashCode(), minusZero.GetHashCode());
        Assert.True(nan != BFloat16.FromBits(nan.ToBits()));
        Assert.True(nan.Equals((object)BFloat16.FromBits(0x7f81)));
        Assert.False(zero.Equals((object)0f));
        Assert.False(zero == (BFloat16)1f);
    }

    [Fact]
    public void ToString_AnyNumber_IsThatOfFloat32()
    {
        Assert.Equal("1.5", ((BFloat16)1.5f).ToString());
        Assert.Equal("NaN", ((BFloat16)float.NaN).ToString());
        Assert.Equal("-3.140625", $"{(BFloat16)(-MathF.PI)}");
    }
}
