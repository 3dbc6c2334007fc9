using CsCheck;
using Requant.Quantization;
using Xunit;

namespace Requant.Runtime.Tests.Quantization;

public class CodebookTests
{
    public static TheoryData<Codec> Codecs => [Codec.Dynamic, Codec.DynamicUnsigned];

    [Theory, MemberData(nameof(Codecs))]
    public void Values_EveryCode_EqualTheReferenceMapBitForBit(Codec codec)
    {
        Assert.Equal(Bits(ReferenceData.Map(codec)), Bits(Codebook.For(codec).Values.ToArray()));
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
        Assert.Equal(255, codebook.Encode(float.PositiveInfinity));
        Assert.Equal(255, codebook.Encode(float.MaxValue));
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

    [Fact]
    public void Encode_MirroredFloats_GiveMirroredCodes()
    {
        Codebook codebook = Codebook.For(Codec.Dynamic);
        foreach (float u in Probes.AroundThresholds(codebook))
        {
            Assert.Equal(Math.Max(0, 254 - codebook.Encode(MathF.Abs(u))), codebook.Encode(-MathF.Abs(u)));
        }
    }

    [Theory, MemberData(nameof(Codecs))]
    public void Thresholds_PastTheLastCode_AreInfinite(Codec codec)
    {
        ReadOnlySpan<float> thresholds = Codebook.For(codec).Thresholds;
        Assert.Equal(Codebook.MaxValues, thresholds.Length);
        Assert.Equal(float.PositiveInfinity, thresholds[^1]);
        Assert.True(float.IsFinite(thresholds[^2]));
    }

    [Fact]
    public void Encode_CodebookWithManyThresholdsInACell_IsTheNearestValue()
    {
        // Other codecs have fewer values, wide cells near 0 and dense ones near 1.
        float[] values = [.. Enumerable.Range(-1, 255).Select(k => k < 0 ? -1f : 0.75f * k / 1000f)];
        var codebook = new Codebook(values);
        foreach (float u in Probes.AroundThresholds(codebook))
        {
            Assert.Equal(Probes.Nearest(values, u), codebook.Encode(u));
        }
    }

    [Theory]
    [InlineData(Codec.Linear)]
    [InlineData(Codec.Float32)]
    public void For_CodecWithoutCodebook_NamesTheCodec(Codec codec)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Codebook.For(codec));
        Assert.Equal(codec, error.ActualValue);
    }

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
