using CsCheck;
using Requant.Quantization;
using Xunit;

namespace Requant.Runtime.Tests.Quantization;

public sealed class DynamicCodecTests : CodecTests<DynamicCodec>
{
    protected override Codec Codec => Codec.Dynamic;
}

public sealed class DynamicUnsignedCodecTests : UnsignedCodecTests<DynamicUnsignedCodec>
{
    protected override Codec Codec => Codec.DynamicUnsigned;
}

public sealed class LinearCodecTests : CodecTests<LinearCodec>
{
    protected override Codec Codec => Codec.Linear;
}

public sealed class LinearUnsignedCodecTests : UnsignedCodecTests<LinearUnsignedCodec>
{
    protected override Codec Codec => Codec.LinearUnsigned;
}

public sealed class SoftSignCodecTests : CodecTests<SoftSignCodec>
{
    protected override Codec Codec => Codec.SoftSign;
}

public sealed class SquareRootCodecTests : UnsignedCodecTests<SquareRootCodec>
{
    protected override Codec Codec => Codec.SquareRoot;
}

public sealed class Float8E4M3CodecTests : CodecTests<Float8E4M3Codec>
{
    protected override Codec Codec => Codec.Float8E4M3;
}

public abstract class UnsignedCodecTests<TCodec> : CodecTests<TCodec>
    where TCodec : struct, IStateCodec
{
    [Theory, MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void Close_NegativeValues_AreStoredAsZeroButCountForAbsmax(Width width)
    {
        float[] values = [.. Enumerable.Range(0, 80).Select(i => i == 7 ? -4f : i % 3 == 0 ? -0.5f : 1f)];
        (byte[] codes, float absmax) = CodecHarness.Close<TCodec>(width, values);
        Assert.Equal(4f, absmax);
        Assert.All(values.Zip(codes), pair => Assert.Equal(pair.First < 0, pair.Second == 0));
    }
}

public abstract class CodecTests<TCodec>
    where TCodec : struct, IStateCodec
{
    protected abstract Codec Codec { get; }

    private Codebook Codebook => Codebook.For(Codec);

    private float[] Values => Codebook.Values.ToArray();

    private byte[] AllCodes => [.. Enumerable.Range(0, Values.Length).Select(code => (byte)code)];

    [Theory, MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void Load_EveryCode_IsValueTimesAbsmax(Width width)
    {
        // Vectors take 16 codes at a time.
        byte[] codes = [.. AllCodes, .. Enumerable.Repeat(Codebook.ZeroCode, -Values.Length & 15)];
        foreach (float absmax in (float[])[1f, 0.3f, 1e-38f, 3e38f, 0f])
        {
            float[] expected = [.. codes.Select(code => Values[code] * absmax)];
            AssertSameBits(expected, CodecHarness.Load<TCodec>(width, codes, absmax));
        }
    }

    [Theory, MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void Close_ThresholdsAndTheirNeighbours_GiveTheNearestCodes(Width width)
    {
        // The 1 makes absmax 1, so that nothing is scaled: every value is one that rounding could get wrong.
        float[] probes = [.. Probes.AroundThresholds(Codebook).Where(u => MathF.Abs(u) <= 1f), 1f];
        foreach (float[] chunk in probes.Chunk(600))
        {
            float[] block = [.. chunk, 1f];
            (byte[] codes, float absmax) = CodecHarness.Close<TCodec>(width, block);
            Assert.Equal(1f, absmax);
            Assert.Equal(block.Select(u => Probes.Nearest(Values, u)), codes.Select(code => (int)code));
        }
    }

    [Theory, MemberData(nameof(Widths.Vectors), MemberType = typeof(Widths))]
    public void Close_ThresholdOrNeighbourAmongOnes_GivesTheNearestCode(Width width)
    {
        // Encoders that know where arithmetic may be wrong look whole groups up: a neighbour would hide what is decided wrong.
        const int Group = 64;
        const int Place = 21;
        float[] block = [.. Enumerable.Repeat(1f, Group)];
        foreach (float u in Probes.AroundThresholds(Codebook).Where(u => MathF.Abs(u) <= 1f))
        {
            block[Place] = u;
            (byte[] codes, _) = CodecHarness.Close<TCodec>(width, block);
            if (codes[Place] != Probes.Nearest(Values, u))
            {
                Assert.Fail($"{u:R} was given code {codes[Place]}.");
            }
        }
    }

    [Theory, MemberData(nameof(Widths.Vectors), MemberType = typeof(Widths))]
    public void Close_EveryLength_EqualsScalar(Width width)
    {
        var random = new Random(1);
        foreach (int length in Enumerable.Range(1, 600).Append(4096))
        {
            AssertEqualsScalar(width, RandomBlock(random, length));
        }
    }

    [Theory, MemberData(nameof(Widths.Vectors), MemberType = typeof(Widths))]
    public void Close_RandomFloats_EqualsScalar(Width width)
    {
        Gen.OneOf(Gen.Single, Gen.Single[-1f, 1f], Gen.Single[-1e-6f, 1e-6f]).Array[1, 300].Sample(
            values => AssertEqualsScalar(width, values), iter: 1000);
    }

    [Theory, MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void Close_LoadedValues_GivesTheirCodesBack(Width width)
    {
        // The last code is 1, so that absmax stays what it was. Powers of two scale without rounding.
        byte[] padded = [.. AllCodes, .. Enumerable.Repeat(Codebook.ZeroCode, -Values.Length & 15)];
        foreach (float absmax in (float[])[1f, 1024f, 1.1754944E-38f * 16777216f])
        {
            float[] values = CodecHarness.Load<TCodec>(width, padded, absmax);
            (byte[] again, float newAbsmax) = CodecHarness.Close<TCodec>(width, values);
            Assert.Equal(absmax, newAbsmax);
            Assert.Equal(padded, again);
        }
    }

    [Theory, MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void Close_Zeros_StayZero(Width width)
    {
        (byte[] codes, float absmax) = CodecHarness.Close<TCodec>(width, new float[304], oldAbsmax: 3f);
        Assert.Equal(0f, absmax);
        Assert.All(codes, code => Assert.Equal(Codebook.ZeroCode, code));
        Assert.All(CodecHarness.Load<TCodec>(width, codes, absmax), value => Assert.Equal(0f, value));
    }

    [Theory, MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void Close_SomeZeros_KeepsThemZero(Width width)
    {
        float[] values = [.. Enumerable.Range(0, 256).Select(i => i % 2 == 0 ? 0f : i * 1e-3f)];
        (byte[] codes, _) = CodecHarness.Close<TCodec>(width, values);
        Assert.All(codes.Where((_, i) => i % 2 == 0), code => Assert.Equal(Codebook.ZeroCode, code));
    }

    [Theory, MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void Close_LargestBelowSmallestNormal_StoresZeros(Width width)
    {
        float[] values = [.. Enumerable.Range(0, 100).Select(i => i * 1e-40f)];
        (byte[] codes, float absmax) = CodecHarness.Close<TCodec>(width, values, oldAbsmax: 3f);
        Assert.Equal(0f, absmax);
        Assert.All(codes, code => Assert.Equal(Codebook.ZeroCode, code));
    }

    [Theory, MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void Close_LargestIsSmallestNormalOrLargestFloat_EncodesNormally(Width width)
    {
        foreach (float scale in (float[])[1.1754944E-38f, float.MaxValue])
        {
            float[] values = [.. Enumerable.Range(0, 100).Select(i => i / 99f * scale)];
            (byte[] codes, float absmax) = CodecHarness.Close<TCodec>(width, values);
            Assert.Equal(scale, absmax);
            Assert.Equal(values.Select(x => Probes.Nearest(Values, x * (1f / scale))), codes.Select(code => (int)code));
        }
    }

    [Theory, MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void Close_NonFiniteElements_KeepTheirOldValuesAndLeaveOthersRight(Width width)
    {
        const float oldAbsmax = 0.5f;
        var random = new Random(2);
        for (int length = 1; length <= 300; length += 13)
        {
            byte[] oldCodes = RandomCodes(random, length);
            float[] values = [.. oldCodes.Select(_ => random.NextSingle())];
            float[] kept = [.. values];
            float[] bad = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, -float.NaN];
            for (int i = 0; i < length; i += 1 + random.Next(20))
            {
                values[i] = bad[i % bad.Length];
                kept[i] = Values[oldCodes[i]] * oldAbsmax;
            }

            var actual = CodecHarness.Close<TCodec>(width, values, oldCodes, oldAbsmax);
            var expected = CodecHarness.Close<TCodec>(Width.Scalar, kept);
            Assert.Equal(expected.Absmax, actual.Absmax);
            Assert.Equal(expected.Codes, actual.Codes);
        }
    }

    [Theory, MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void Close_RandomBlocks_ErrorIsAtMostHalfAGap(Width width)
    {
        var random = new Random(3);
        for (int repeat = 0; repeat < 50; repeat++)
        {
            // Numbers beyond the first value, -1 of Dynamic among them, are further away than half a gap.
            float[] values = [.. RandomBlock(random, 272).Select(x => Values[0] == -1f ? x : MathF.Abs(x))];
            (byte[] codes, float absmax) = CodecHarness.Close<TCodec>(width, values);
            for (int i = 0; i < values.Length; i++)
            {
                // The scaled value is rounded twice (1 / absmax, then the product), each time by at most 2^-24 of it.
                const double scalingError = 1.0 / (1 << 22);
                double u = (double)values[i] / absmax;
                int code = codes[i];
                double gapBelow = code == 0 ? 0 : (double)Values[code] - Values[code - 1];
                double gapAbove = code == Values.Length - 1 ? 0 : (double)Values[code + 1] - Values[code];
                double difference = u - Values[code];
                Assert.InRange(difference, (-gapBelow / 2) - scalingError, (gapAbove / 2) + scalingError);
            }
        }
    }

    private void AssertEqualsScalar(Width width, float[] values)
    {
        byte[] oldCodes = RandomCodes(new Random(values.Length), values.Length);
        var expected = CodecHarness.Close<TCodec>(Width.Scalar, values, oldCodes, 2f);
        var actual = CodecHarness.Close<TCodec>(width, values, oldCodes, 2f);
        AssertSameBits([expected.Absmax], [actual.Absmax]);
        Assert.Equal(expected.Codes, actual.Codes);
        Assert.All(actual.Codes, code => Assert.InRange(code, 0, Values.Length - 1));
    }

    private byte[] RandomCodes(Random random, int length) =>
        [.. Enumerable.Range(0, length).Select(_ => (byte)random.Next(Values.Length))];

    // Blocks of one scale each, from 1e-30 to 1e30, with elements up to eight decades apart and a few zeros.
    private static float[] RandomBlock(Random random, int length)
    {
        float scale = MathF.Pow(10f, random.Next(-30, 30));
        int decades = random.Next(1, 9);
        return [.. Enumerable.Range(0, length).Select(_ => random.Next(50) == 0
            ? 0f
            : scale * (random.NextSingle() - 0.5f) * MathF.Pow(10f, -decades * random.NextSingle()))];
    }

    private static void AssertSameBits(float[] expected, float[] actual) => Assert.Equal(
        Array.ConvertAll(expected, BitConverter.SingleToInt32Bits),
        Array.ConvertAll(actual, BitConverter.SingleToInt32Bits));
}
