using CsCheck;
using Requant.CompilerServices;

namespace Requant.Runtime.Tests.Codecs;

public sealed class DynamicCodecTests : CodecTests<DynamicCodec>
{
    protected override Codec Codec => Codec.Dynamic;
}

public sealed class DynamicUnsignedCodecTests : UnsignedCodecTests<DynamicUnsignedCodec>
{
    protected override Codec Codec => Codec.DynamicUnsigned;
}

public sealed class MiniFloatCodecTests : CodecTests<MiniFloatCodec>
{
    protected override Codec Codec => Codec.MiniFloat;
}

public sealed class MiniFloatUnsignedCodecTests : UnsignedCodecTests<MiniFloatUnsignedCodec>
{
    protected override Codec Codec => Codec.MiniFloatUnsigned;
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

    [Theory, MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void Close_PositiveValues_AreNeverStoredAsZero(Width width)
    {
        // A length without whole groups at its end, and tiny values at every place of a group and of what is left over.
        const int Length = 287;
        float[] tiny = [float.Epsilon, 1e-45f * 100, 1e-40f, 1.1754944E-38f, 1e-30f, 1e-20f, 1e-12f, 1e-9f, 1e-8f];
        for (int shift = 0; shift < tiny.Length; shift++)
        {
            float[] values = [.. Enumerable.Range(shift, Length).Select(i => i % 5 == 4 ? 0f : tiny[i % tiny.Length])];
            values[shift * 31] = 1f;
            (byte[] codes, _) = CodecHarness.Close<TCodec>(width, values);
            Assert.Equal(values.Select(value => value > 0), codes.Select(code => code > 0));
        }
    }
}

public abstract class CodecTests<TCodec>
    where TCodec : struct, IStateCodec
{
    // Dynamic's thresholds are the paper's, whose smallest value is not -1: what is stored as -1 can be half of the
    // paper's gap and what it lacks of -1 away.
    private const double PaperGapAboveMinusOne = 0.0140626;

    protected abstract Codec Codec { get; }

    private Codebook Codebook => Codebook.For(Codec);

    private float[] Values => Codebook.Values.ToArray();

    // Codes in order of their values, but what would be -0.
    private byte[] AllCodes => CodecDefinition.Codes(Codec);

    [Theory, MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void Load_EveryCode_IsValueTimesAbsmax(Width width)
    {
        byte[] codes = [.. Enumerable.Range(0, Values.Length).Select(code => (byte)code)];
        foreach (float absmax in (float[])[1f, 0.3f, 1e-38f, 3e38f, 0f])
        {
            float[] expected = [.. codes.Select(code => Values[code] * absmax)];
            AssertSameBits(expected, CodecHarness.Load<TCodec>(width, codes, absmax));
        }
    }

    [Theory, MemberData(nameof(Widths.Vectors), MemberType = typeof(Widths))]
    public void Load_EveryLength_EqualsScalar(Width width)
    {
        var random = new Random(4);
        foreach (int length in Enumerable.Range(1, 600).Append(4096))
        {
            byte[] codes = RandomCodes(random, length);
            float[] expected = CodecHarness.Load<TCodec>(Width.Scalar, codes, 0.7f);
            AssertSameBits(expected, CodecHarness.Load<TCodec>(width, codes, 0.7f));
        }
    }

    [Theory, MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void Close_ThresholdsAndTheirNeighbours_GiveTheNearestCodes(Width width)
    {
        // The 1 makes absmax 1, so that nothing is scaled: every value is one that rounding could get wrong.
        float[] probes = [.. Probes.AroundThresholds(Codec).Where(u => MathF.Abs(u) <= 1f), 1f];
        foreach (float[] chunk in probes.Chunk(600))
        {
            float[] block = [.. chunk, 1f];
            (byte[] codes, float absmax) = CodecHarness.Close<TCodec>(width, block);
            Assert.Equal(1f, absmax);
            Assert.Equal(block.Select(u => CodecDefinition.Nearest(Codec, u)), codes);
        }
    }

    [Theory, MemberData(nameof(Widths.Vectors), MemberType = typeof(Widths))]
    public void Close_ThresholdOrNeighbourAmongOnes_GivesTheNearestCode(Width width)
    {
        // Encoders that know where arithmetic may be wrong look whole groups up: a neighbour would hide what is decided
        // wrong.
        const int Group = 64;
        const int Place = 21;
        float[] block = [.. Enumerable.Repeat(1f, Group)];
        foreach (float u in Probes.AroundThresholds(Codec).Where(u => MathF.Abs(u) <= 1f))
        {
            block[Place] = u;
            (byte[] codes, _) = CodecHarness.Close<TCodec>(width, block);
            if (codes[Place] != CodecDefinition.Nearest(Codec, u))
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
        foreach (float absmax in (float[])[1f, 1024f, 1.1754944E-38f * 16777216f])
        {
            float[] values = CodecHarness.Load<TCodec>(width, AllCodes, absmax);
            (byte[] again, float newAbsmax) = CodecHarness.Close<TCodec>(width, values);
            Assert.Equal(absmax, newAbsmax);
            Assert.Equal(AllCodes, again);
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
            Assert.Equal(values.Select(x => CodecDefinition.Nearest(Codec, x * (1f / scale))), codes);
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
        // The scaled value is rounded twice (1 / absmax, then the product), each time by at most 2^-24 of it.
        const double scalingError = 1.0 / (1 << 22);
        var random = new Random(3);
        bool isUnsigned = CodecDefinition.IsUnsigned(Codec);
        float[] inOrder = [.. AllCodes.Select(Codebook.Decode)];
        for (int repeat = 0; repeat < 50; repeat++)
        {
            float[] values = [.. RandomBlock(random, 272).Select(x => isUnsigned ? MathF.Abs(x) : x)];
            (byte[] codes, float absmax) = CodecHarness.Close<TCodec>(width, values);
            for (int i = 0; i < values.Length; i++)
            {
                double u = (double)values[i] / absmax;
                int place = Array.IndexOf(AllCodes, codes[i]);
                double gapBelow = place == 0 ? 0 : (double)inOrder[place] - inOrder[place - 1];
                double gapAbove = place == inOrder.Length - 1 ? 0 : (double)inOrder[place + 1] - inOrder[place];
                double mostBelow = isUnsigned && place == 1 ? gapBelow : gapBelow / 2;
                double mostAbove = Codec == Codec.Dynamic && place == 0 ? PaperGapAboveMinusOne : gapAbove / 2;
                Assert.InRange(u - inOrder[place], -mostBelow - scalingError, mostAbove + scalingError);
            }
        }
    }

    [Theory, MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void Close_LargestIsNegative_KeepsItWhereThereIsASign(Width width)
    {
        foreach (int length in (int[])[1, 15, 16, 33, 64, 100, 256, 600])
        {
            for (int place = 0; place < length; place += Math.Max(1, length / 7))
            {
                float[] values = RandomBlock(new Random(length), length);
                float largest = 1.5f * values.Max(MathF.Abs);
                values[place] = -largest;
                (byte[] codes, float absmax) = CodecHarness.Close<TCodec>(width, values);
                Assert.Equal(largest, absmax);
                Assert.Equal(CodecDefinition.IsUnsigned(Codec) ? 0f : -largest, Values[codes[place]] * absmax);
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
