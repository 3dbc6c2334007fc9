using CsCheck;
using Requant.Quantization;
using Xunit;

namespace Requant.Runtime.Tests.Quantization;

public class CodebookTests
{
    public static TheoryData<Codec> Codecs => [.. Enum.GetValues<Codec>().Where(codec => codec != Codec.Float32)];

    public static TheoryData<Codec> MirroredCodecs => [Codec.Dynamic, Codec.Linear, Codec.SoftSign, Codec.Float8E4M3];

    [Theory]
    [InlineData(Codec.Dynamic)]
    [InlineData(Codec.DynamicUnsigned)]
    public void Values_EveryCode_EqualTheReferenceMapBitForBit(Codec codec)
    {
        Assert.Equal(Bits(ReferenceData.Map(codec)), Bits(Codebook.For(codec).Values.ToArray()));
    }

    [Theory]
    [InlineData(Codec.Linear, 255)]
    [InlineData(Codec.LinearUnsigned, 256)]
    [InlineData(Codec.SoftSign, 255)]
    [InlineData(Codec.SquareRoot, 256)]
    [InlineData(Codec.Float8E4M3, 253)]
    public void Values_EveryCode_AreTheFormulaRoundedOnce(Codec codec, int count)
    {
        float[] expected = [.. Enumerable.Range(0, count).Select(k => (float)Formula(codec, k))];
        Assert.Equal(Bits(expected), Bits(Codebook.For(codec).Values.ToArray()));
    }

    [Theory, MemberData(nameof(Codecs))]
    public void Values_InOrder_IncreaseToOneThroughZero(Codec codec)
    {
        float[] values = Codebook.For(codec).Values.ToArray();
        Assert.All(values.Zip(values.Skip(1)), pair => Assert.True(pair.First < pair.Second));
        Assert.Equal(1f, values[^1]);
        Assert.Contains(0f, values);
        Assert.DoesNotContain(-0f, values.Where(value => float.IsNegative(value)));
    }

    [Theory, MemberData(nameof(Codecs))]
    public void Encode_EveryValue_GivesItsCodeBack(Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        for (int code = 0; code < codebook.Values.Length; code++)
        {
            Assert.Equal(code, codebook.Encode(codebook.Decode((byte)code)));
        }
    }

    [Theory]
    [InlineData(Codec.Dynamic, 127)]
    [InlineData(Codec.DynamicUnsigned, 0)]
    [InlineData(Codec.Linear, 127)]
    [InlineData(Codec.LinearUnsigned, 0)]
    [InlineData(Codec.SoftSign, 127)]
    [InlineData(Codec.SquareRoot, 0)]
    [InlineData(Codec.Float8E4M3, 126)]
    public void Encode_ZeroAndNaN_GiveTheZeroCode(Codec codec, byte zeroCode)
    {
        Codebook codebook = Codebook.For(codec);
        Assert.Equal(zeroCode, codebook.ZeroCode);
        Assert.Equal(zeroCode, codebook.Encode(0f));
        Assert.Equal(zeroCode, codebook.Encode(-0f));
        Assert.Equal(zeroCode, codebook.Encode(float.Epsilon));
        Assert.Equal(zeroCode, codebook.Encode(-float.Epsilon));
        Assert.Equal(zeroCode, codebook.Encode(float.NaN));
        Assert.Equal(0f, codebook.Decode(zeroCode));
    }

    [Theory, MemberData(nameof(Codecs))]
    public void Encode_BeyondTheEnds_GivesTheEndCodes(Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        int last = codebook.Values.Length - 1;
        Assert.Equal(last, codebook.Encode(float.PositiveInfinity));
        Assert.Equal(last, codebook.Encode(float.MaxValue));
        Assert.Equal(0, codebook.Encode(float.NegativeInfinity));
        Assert.Equal(0, codebook.Encode(float.MinValue));
        Assert.Equal(0, codebook.Encode(-1f));
    }

    [Theory, MemberData(nameof(Codecs))]
    public void Encode_AroundEveryThreshold_IsTheNearestValueAndEvenOnTies(Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        foreach (float u in Probes.AroundThresholds(codebook))
        {
            Assert.Equal(Probes.Nearest(codebook.Values, u), codebook.Encode(u));
        }
    }

    [Theory, MemberData(nameof(Codecs))]
    public void Encode_AnyFloat_CountsTheThresholdsNotAbove(Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        Gen.OneOf(Gen.Single, Gen.Single[-1.1f, 1.1f], Gen.Single[-1e-5f, 1e-5f]).Sample(
            u => float.IsNaN(u) || codebook.Encode(u) == CountNotAbove(codebook, u), iter: 100_000);
    }

    [Theory, MemberData(nameof(Codecs))]
    public void Encode_AnyFloatOfUnitRange_IsTheNearestValue(Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        Gen.Single[-1f, 1f].Sample(u => codebook.Encode(u) == Probes.Nearest(codebook.Values, u), iter: 20_000);
    }

    [Theory, MemberData(nameof(Codecs))]
    public void Encode_IncreasingFloats_IsMonotone(Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        Gen.Select(Gen.Single[-1f, 1f], Gen.Single[-1f, 1f]).Sample(
            (a, b) => codebook.Encode(MathF.Min(a, b)) <= codebook.Encode(MathF.Max(a, b)), iter: 20_000);
    }

    [Theory, MemberData(nameof(MirroredCodecs))]
    public void Encode_MirroredFloats_GiveMirroredCodes(Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        foreach (float u in Probes.AroundThresholds(codebook))
        {
            // -1 of Dynamic has no code.
            int mirrored = Math.Max(0, (2 * codebook.ZeroCode) - codebook.Encode(MathF.Abs(u)));
            Assert.Equal(mirrored, codebook.Encode(-MathF.Abs(u)));
        }
    }

    [Theory, MemberData(nameof(Codecs))]
    public void Thresholds_PastTheLastCode_AreInfinite(Codec codec)
    {
        int last = Codebook.For(codec).Values.Length - 1;
        float[] thresholds = Codebook.For(codec).Thresholds.ToArray();
        Assert.Equal(Codebook.MaxValues, thresholds.Length);
        Assert.All(thresholds[..last], threshold => Assert.True(float.IsFinite(threshold)));
        Assert.All(thresholds[last..], threshold => Assert.Equal(float.PositiveInfinity, threshold));
    }

    [Fact]
    public void Encode_CodebookWithManyThresholdsInACell_IsTheNearestValue()
    {
        // Other tables have fewer values, wide cells near 0 and dense ones near 1.
        float[] values = [.. Enumerable.Range(-1, 255).Select(k => k < 0 ? -1f : 0.75f * k / 1000f)];
        var codebook = new TableCodebook(values);
        foreach (float u in Probes.AroundThresholds(codebook))
        {
            Assert.Equal(Probes.Nearest(values, u), codebook.Encode(u));
        }
    }

    [Theory]
    [InlineData(Codec.Float32)]
    [InlineData((Codec)99)]
    public void For_CodecWithoutCodebook_NamesTheCodec(Codec codec)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Codebook.For(codec));
        Assert.Equal(codec, error.ActualValue);
    }

    private static double Formula(Codec codec, int k)
    {
        double y = (k - 127) / 127.0;
        return codec switch
        {
            Codec.Linear => y,
            Codec.LinearUnsigned => k / 255.0,
            Codec.SoftSign => y / (2 - Math.Abs(y)),
            Codec.SquareRoot => k / 255.0 * (k / 255.0),
            _ => Math.Sign(k - 126) * E4M3(Math.Abs(k - 126)) / 448,
        };
    }

    // The format's definition: bias 7; exponent 0 is subnormal; 0.1111.111 is NaN.
    private static double E4M3(int bits) => bits < 8
        ? bits / 8.0 * Math.Pow(2, -6)
        : (1 + (bits % 8 / 8.0)) * Math.Pow(2, (bits / 8) - 7);

    private static int CountNotAbove(Codebook codebook, float u)
    {
        int count = 0;
        foreach (float threshold in codebook.Thresholds)
        {
            count += threshold <= u && float.IsFinite(threshold) ? 1 : 0;
        }

        return count;
    }

    private static int[] Bits(float[] values) => Array.ConvertAll(values, BitConverter.SingleToInt32Bits);
}
