using CsCheck;
using Requant.Codecs;

namespace Requant.Runtime.Tests.Codecs;

public class CodebookTests
{
    // Every upper half of a float32 is tried with these lower halves.
    private static readonly int[] LowerHalves = [0, 1, 0x7fff, 0x8000, 0xffff];

    public static TheoryData<Codec> Codecs => [.. CodecDefinition.Codecs];

    public static TheoryData<Codec> TableCodecs =>
        [.. CodecDefinition.Codecs.Where(codec => !CodecDefinition.IsMiniFloat(codec))];

    public static TheoryData<Codec> UnsignedCodecs => [.. CodecDefinition.Codecs.Where(CodecDefinition.IsUnsigned)];

    public static TheoryData<Codec> SignedCodecs =>
        [.. CodecDefinition.Codecs.Where(codec => !CodecDefinition.IsUnsigned(codec))];

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
    [InlineData(Codec.MiniFloat, 256)]
    [InlineData(Codec.MiniFloatUnsigned, 256)]
    public void Values_EveryCode_AreTheFormulaRoundedOnce(Codec codec, int count)
    {
        float[] expected = [.. Enumerable.Range(0, count).Select(k => (float)Formula(codec, k))];
        Assert.Equal(Bits(expected), Bits(Codebook.For(codec).Values.ToArray()));
    }

    [Theory, MemberData(nameof(Codecs))]
    public void Values_InOrder_IncreaseToOneThroughZero(Codec codec)
    {
        float[] values = [.. CodecDefinition.Codes(codec).Select(Codebook.For(codec).Decode)];
        Assert.All(values.Zip(values.Skip(1)), pair => Assert.True(pair.First < pair.Second));
        Assert.Equal(CodecDefinition.IsUnsigned(codec) ? 0f : -1f, values[0]);
        Assert.Equal(1f, values[^1]);
        Assert.Contains(0f, values);
        Assert.DoesNotContain(-0f, values.Where(value => float.IsNegative(value)));
        Assert.Equal(CodecDefinition.IsUnsigned(codec), Codebook.For(codec).IsUnsigned);
    }

    [Theory, MemberData(nameof(Codecs))]
    public void Encode_EveryValue_GivesItsCodeBack(Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        foreach (byte code in CodecDefinition.Codes(codec))
        {
            Assert.Equal(code, codebook.Encode(codebook.Decode(code)));
        }
    }

    [Theory, MemberData(nameof(Codecs))]
    public void Encode_EveryFloatUpperHalf_IsTheNearestValue(Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        foreach (float u in EveryUpperHalf().Where(u => MathF.Abs(u) <= 1f))
        {
            AssertCode(CodecDefinition.Nearest(codec, u), codebook.Encode(u), u);
        }
    }

    [Fact]
    public void Encode_NegativeZeroOfMiniFloat_IsNeverStored()
    {
        Codebook codebook = Codebook.For(Codec.MiniFloat);
        Assert.DoesNotContain(EveryUpperHalf(), u => codebook.Encode(u) == CodecDefinition.MiniFloatSign);
        Assert.Equal(0f, codebook.Decode(CodecDefinition.MiniFloatSign));
    }

    [Theory]
    [InlineData(Codec.Dynamic, 127)]
    [InlineData(Codec.DynamicUnsigned, 0)]
    [InlineData(Codec.MiniFloat, 0)]
    [InlineData(Codec.MiniFloatUnsigned, 0)]
    [InlineData(Codec.Linear, 127)]
    [InlineData(Codec.LinearUnsigned, 0)]
    [InlineData(Codec.SoftSign, 127)]
    [InlineData(Codec.SquareRoot, 0)]
    [InlineData(Codec.Float8E4M3, 126)]
    public void Encode_ZeroAndNaN_GiveTheZeroCode(Codec codec, byte zeroCode)
    {
        Codebook codebook = Codebook.For(codec);
        Assert.Equal(zeroCode, codebook.ZeroCode);
        foreach (float u in (float[])[0f, -0f, -float.Epsilon, float.NaN, -float.NaN])
        {
            Assert.Equal(zeroCode, codebook.Encode(u));
            Assert.Equal(zeroCode, codebook.EncodeStochastic(u, byte.MaxValue));
        }

        Assert.Equal(0f, codebook.Decode(zeroCode));
    }

    [Theory, MemberData(nameof(UnsignedCodecs))]
    public void Encode_EveryPositiveUpperHalf_IsNeverZero(Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        foreach (float u in EveryUpperHalf().Append(float.Epsilon).Where(u => u > 0f))
        {
            Assert.NotEqual(0, codebook.Encode(u));
            Assert.NotEqual(0, codebook.EncodeStochastic(u, 0));
        }

        Assert.Equal(1, codebook.Encode(float.Epsilon));
        Assert.Equal(1, codebook.EncodeStochastic(float.Epsilon, byte.MaxValue));
    }

    [Theory, MemberData(nameof(SignedCodecs))]
    public void Encode_MinusOne_IsMinusOne(Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        Assert.Equal(-1f, codebook.Decode(codebook.Encode(-1f)));
        for (int random = 0; random < CodecDefinition.RandomLimit; random++)
        {
            Assert.Equal(-1f, codebook.Decode(codebook.EncodeStochastic(-1f, (byte)random)));
        }
    }

    [Theory, MemberData(nameof(Codecs))]
    public void Encode_BeyondTheEnds_GivesTheEndCodes(Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        byte[] codes = CodecDefinition.Codes(codec);
        foreach (float beyond in (float[])[1f, MathF.BitIncrement(1f), float.MaxValue, float.PositiveInfinity])
        {
            Assert.Equal(codes[^1], codebook.Encode(beyond));
            Assert.Equal(codes[^1], codebook.EncodeStochastic(beyond, byte.MaxValue));
            Assert.Equal(codes[0], codebook.Encode(-beyond));
            Assert.Equal(codes[0], codebook.EncodeStochastic(-beyond, byte.MaxValue));
        }
    }

    [Theory, MemberData(nameof(Codecs))]
    public void Encode_AroundEveryThreshold_IsTheNearestValue(Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        foreach (float u in Probes.AroundThresholds(codec))
        {
            AssertCode(CodecDefinition.Nearest(codec, u), codebook.Encode(u), u);
        }
    }

    [Theory, MemberData(nameof(TableCodecs))]
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
        Gen.Single[-1f, 1f].Sample(u => codebook.Encode(u) == CodecDefinition.Nearest(codec, u), iter: 20_000);
    }

    [Theory, MemberData(nameof(Codecs))]
    public void Encode_IncreasingFloats_IsMonotone(Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        IEnumerable<float> numbers = EveryUpperHalf().Concat(Probes.AroundThresholds(codec));
        float[] increasing = [.. numbers.Where(u => !float.IsNaN(u)).Order()];
        float[] values = [.. increasing.Select(u => codebook.Decode(codebook.Encode(u)))];
        Assert.Equal(values.Order(), values);
    }

    [Theory, MemberData(nameof(SignedCodecs))]
    public void Encode_MirroredFloats_GiveMirroredCodes(Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        byte[] codes = CodecDefinition.Codes(codec);
        int zero = Array.IndexOf(codes, codebook.ZeroCode);
        foreach (float u in Probes.AroundThresholds(codec))
        {
            // Dynamic has one negative code less, so that the mirror images of its last two share one.
            int mirrored = Math.Max(0, (2 * zero) - Array.IndexOf(codes, codebook.Encode(MathF.Abs(u))));
            Assert.Equal(codes[mirrored], codebook.Encode(-MathF.Abs(u)));
        }
    }

    [Theory, MemberData(nameof(TableCodecs))]
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
        double[] exact = Array.ConvertAll(values, value => (double)value);
        foreach (float u in Probes.AroundThresholds(exact))
        {
            Assert.Equal(CodecDefinition.Nearest(exact, u), codebook.Encode(u));
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
            Codec.MiniFloat => (k < 128 ? 1 : -1) * CodecDefinition.Magnitudes(codec)[k % 128],
            Codec.MiniFloatUnsigned => CodecDefinition.Magnitudes(codec)[k],
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

    private static IEnumerable<float> EveryUpperHalf() =>
        from upper in Enumerable.Range(0, 1 << 16)
        from lower in LowerHalves
        select BitConverter.Int32BitsToSingle((upper << 16) | lower);

    private static void AssertCode(byte expected, byte actual, float u)
    {
        if (expected != actual)
        {
            Assert.Fail($"{u:R} has code {expected}, and was given {actual}.");
        }
    }

    private static int[] Bits(float[] values) => Array.ConvertAll(values, BitConverter.SingleToInt32Bits);
}
