using Requant.Codecs;

namespace Requant.Runtime.Tests.Codecs;

/// <summary>The two codecs without a table against their plain definition, on every width.</summary>
public class MiniFloatTests
{
    private const int BlockLength = 4096;

    /// <summary>The upper half of 1.</summary>
    private const int UpperHalfOfOne = 0x3f80;

    /// <summary>Around every border: a place drops the lowest 12 bits, the nearest magnitude is decided by bit 19, and
    /// what stochastic rounding adds carries out of bit 11.</summary>
    private static readonly int[] LowerHalves = [0, 1, 0x7ff, 0x800, 0xfff, 0x7fff, 0x8000, 0xffff];

    public static TheoryData<Codec, Width> Cases =>
    [
        .. from codec in (Codec[])[Codec.MiniFloat, Codec.MiniFloatUnsigned]
           from width in Enum.GetValues<Width>()
           select (codec, width),
    ];

    public static TheoryData<Codec> Codecs => [Codec.MiniFloat, Codec.MiniFloatUnsigned];

    [Theory, MemberData(nameof(Cases))]
    public void Close_EveryUpperHalfOfFloat_IsTheNearestMagnitude(Codec codec, Width width)
    {
        foreach (float[] block in Blocks(EveryNumber()))
        {
            (byte[] codes, float absmax) = CodecHarness.Close(codec, width, block);
            Assert.Equal(1f, absmax);
            for (int i = 0; i < block.Length; i++)
            {
                AssertCode(CodecDefinition.Nearest(codec, block[i]), codes[i], block[i]);
            }
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Close_EveryUpperHalfOfFloatStochastically_IsTheDefinition(Codec codec, Width width)
    {
        var randomness = new Randomness(First: 48, Key: 0xa88db7a4afec377b);
        foreach (float[] block in Blocks(EveryNumber()))
        {
            AssertStochastic(codec, width, block, randomness);
        }
    }

    /// <summary>Blocks of one value: each random byte is there.</summary>
    [Theory, MemberData(nameof(Cases))]
    public void Close_EveryRandomByte_IsTheDefinition(Codec codec, Width width)
    {
        var randomness = new Randomness(First: 0, Key: 0x27d3c331e41aa67f);
        byte[] bytes = RandomBytes(BlockLength - 1, randomness);
        Assert.Equal(CodecDefinition.RandomLimit, bytes.Distinct().Count());
        foreach (float u in Sample(codec))
        {
            float[] block = [.. Enumerable.Repeat(u, BlockLength - 1), 1f];
            AssertStochastic(codec, width, block, randomness);
        }
    }

    [Theory, MemberData(nameof(Codecs))]
    public void EncodeStochastic_EveryRandomByte_IsTheDefinition(Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        foreach (float u in Sample(codec).Concat(Probes.AroundThresholds(codec)))
        {
            for (int random = 0; random < CodecDefinition.RandomLimit; random++)
            {
                byte expected = CodecDefinition.StochasticMiniFloat(codec, u, (byte)random);
                AssertCode(expected, codebook.EncodeStochastic(u, (byte)random), u);
            }
        }
    }

    /// <summary>Where 1 / absmax is denormal the largest element can scale to two ulps more than 1.</summary>
    [Theory, MemberData(nameof(Cases))]
    public void Close_LargestThatScalesToMoreThanOne_HasTheCodeOfOne(Codec codec, Width width)
    {
        const int Steps = 1 << 10;
        IEnumerable<float> large = Enumerable.Range(0, Steps).Select(i => MathF.ScaleB(1f + ((float)i / Steps), 127));
        float[] above = [.. large.Where(x => x * (1f / x) > 1f)];
        Assert.Contains(above, x => x * (1f / x) == MathF.BitIncrement(MathF.BitIncrement(1f)));
        byte one = CodecDefinition.Nearest(codec, 1f);
        byte minusOne = CodecDefinition.Nearest(codec, -1f);
        foreach (float largest in above)
        {
            float[] block = [.. Enumerable.Range(0, 80).Select(i => i % 2 == 0 ? largest : -largest)];
            byte[] expected = [.. block.Select(x => x > 0 ? one : minusOne)];
            Assert.Equal(expected, CodecHarness.Close(codec, width, block).Codes);
            Assert.Equal(expected, CodecHarness.Close(codec, width, block, new Randomness(16, 1)).Codes);
        }
    }

    private static void AssertStochastic(Codec codec, Width width, float[] block, Randomness randomness)
    {
        (byte[] codes, float absmax) = CodecHarness.Close(codec, width, block, randomness);
        byte[] bytes = RandomBytes(block.Length, randomness);
        Assert.Equal(1f, absmax);
        for (int i = 0; i < block.Length; i++)
        {
            AssertCode(CodecDefinition.StochasticMiniFloat(codec, block[i], bytes[i]), codes[i], block[i]);
        }
    }

    private static byte[] RandomBytes(int length, Randomness randomness)
    {
        var random = new RandomBytes(randomness.First, randomness.Key);
        return [.. Enumerable.Range(0, length).Select(random.At)];
    }

    private static IEnumerable<float[]> Blocks(IEnumerable<float> numbers) =>
        numbers.Chunk(BlockLength - 1).Select(chunk => (float[])[.. chunk, 1f]);

    // All up to 1 of both signs: absmax stays 1, so that nothing is scaled.
    private static IEnumerable<float> EveryNumber() =>
        from upper in Enumerable.Range(0, UpperHalfOfOne)
        from lower in LowerHalves
        from sign in (int[])[0, int.MinValue]
        select BitConverter.Int32BitsToSingle(sign | (upper << 16) | lower);

    // Of every fourth octave some magnitudes, exact ones and such as have places around 1/256, a half and 255/256.
    private static IEnumerable<float> Sample(Codec codec)
    {
        double[] magnitudes = CodecDefinition.Magnitudes(codec);
        return
            from k in Enumerable.Range(0, magnitudes.Length - 1)
            where k < 3 || k % 29 == 0 || k == magnitudes.Length - 2
            from place in (double[])[0, 0.49, 0.51, 1.5, 77.3, 127.9, 128.1, 254.4, 255.4, 255.6]
            let gap = magnitudes[k + 1] - magnitudes[k]
            from sign in (int[])[1, -1]
            select (float)(sign * (magnitudes[k] + (place / CodecDefinition.RandomLimit * gap)));
    }

    private static void AssertCode(byte expected, byte actual, float u)
    {
        if (expected != actual)
        {
            Assert.Fail($"{u:R} has code {expected}, and was given {actual}.");
        }
    }
}
