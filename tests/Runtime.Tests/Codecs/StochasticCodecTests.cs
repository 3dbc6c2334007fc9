using Requant.Codecs;
using Requant.Numerics;

namespace Requant.Runtime.Tests.Codecs;

/// <summary>Stochastic rounding by every codec.</summary>
public class StochasticCodecTests
{
    /// <summary>Elements whose fours' numbers have one upper half, and with it one key.</summary>
    private const long ElementsOfKey = 1L << 34;

    /// <summary>Of a mean of independent roundings, one of 2 million samples is further off; the samples are always the
    /// same.</summary>
    private const double MostDeviations = 5;

    /// <summary>A place is rounded to 1/256 of a gap, half of which a mean can be off, and computed in
    /// float32.</summary>
    private const double MostOffPlace = 0.501 / CodecDefinition.RandomLimit;

    private const ulong Key = 0x0ad43d6f2e32b344;

    public static TheoryData<Codec> Codecs => [.. CodecDefinition.Codecs];

    public static TheoryData<Codec, Width> Cases =>
    [
        .. from codec in CodecDefinition.Codecs
           from width in Enum.GetValues<Width>()
           select (codec, width),
    ];

    [Theory, MemberData(nameof(Cases))]
    public void Close_EveryLengthFromAnywhere_IsTheCodebooksElementByElement(Codec codec, Width width)
    {
        var random = new Random(1);
        foreach (int length in Enumerable.Range(1, 600).Append(4096))
        {
            // Blocks begin at multiples of 16.
            var randomness = new Randomness(16 * random.NextInt64(1L << 40), (ulong)random.NextInt64());
            AssertIsDefinition(codec, width, Block(random, length), randomness);
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Close_AcrossTheEndOfAKey_IsTheCodebooksElementByElement(Codec codec, Width width)
    {
        var random = new Random(2);
        foreach (long end in (long[])[ElementsOfKey, 2 * ElementsOfKey, 5 * ElementsOfKey])
        {
            for (int before = 16; before <= 272; before += 16)
            {
                AssertIsDefinition(codec, width, Block(random, 272), new Randomness(end - before, Key));
            }
        }
    }

    [Theory, MemberData(nameof(Codecs))]
    public void EncodeStochastic_EveryRandomByte_GoesUpByThePlaceBetweenTwoValues(Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        byte[] codes = CodecDefinition.Codes(codec);
        float[] values = [.. codes.Select(codebook.Decode)];
        foreach ((int below, float u) in Between(codec, values))
        {
            int[] places = [.. Enumerable.Range(0, CodecDefinition.RandomLimit)
                .Select(random => Array.IndexOf(codes, codebook.EncodeStochastic(u, (byte)random)))];
            Assert.All(places, place => Assert.InRange(place, below, below + 1));

            // Larger bytes go to larger magnitudes, and as many as the place says.
            bool isMirrored = u < 0 && CodecDefinition.IsMiniFloat(codec);
            Assert.Equal(isMirrored ? places.OrderDescending() : places.Order(), places);
            double place = ((double)u - values[below]) / ((double)values[below + 1] - values[below]);
            double up = (double)places.Count(place => place > below) / places.Length;
            Assert.InRange(up - place, -MostOffPlace, MostOffPlace);
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Close_ValuesOfCodes_StaySo(Codec codec, Width width)
    {
        byte[] codes = CodecDefinition.Codes(codec);
        float[] values = [.. codes.Select(Codebook.For(codec).Decode)];
        foreach (Randomness randomness in ManyKeys())
        {
            // An absmax whose inverse is not exact moves what is scaled by an ulp or two.
            foreach (float absmax in (float[])[1f, 1024f, 0.7f, 3e-7f, 1.9e30f])
            {
                float[] block = [.. values.Select(value => value * absmax)];
                (byte[] again, float newAbsmax) = CodecHarness.Close(codec, width, block, randomness);
                Assert.Equal(absmax, newAbsmax);
                Assert.Equal(codes, again);
            }
        }
    }

    [Theory, MemberData(nameof(Codecs))]
    public void EncodeStochastic_ManyKeys_IsRightInTheMean(Codec codec)
    {
        const int Keys = 1 << 12;
        Codebook codebook = Codebook.For(codec);
        float[] values = [.. CodecDefinition.Codes(codec).Select(codebook.Decode)];
        ulong name = RoundingKey.OfName("layers.0.weight");
        IEnumerable<ulong> keys = Enumerable.Range(1, Keys)
            .Select(step => RoundingKey.OfState(RoundingKey.Of(2026, name, step), 1));
        byte[] bytes = [.. keys.Select(key => new RandomBytes(256, key).At(77))];
        foreach ((int below, float u) in Between(codec, values))
        {
            double mean = bytes.Average(random => (double)codebook.Decode(codebook.EncodeStochastic(u, random)));
            double gap = (double)values[below + 1] - values[below];
            double place = (u - values[below]) / gap;
            double tolerance = gap * ((MostDeviations * Math.Sqrt(place * (1 - place) / Keys)) + MostOffPlace);
            Assert.InRange(mean - u, -tolerance, tolerance);
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Close_EndsZerosAndTinyValues_AreNeverRandom(Codec codec, Width width)
    {
        Codebook codebook = Codebook.For(codec);
        bool isUnsigned = CodecDefinition.IsUnsigned(codec);
        float smallest = isUnsigned ? codebook.Decode(1) * 3f : 0f;
        float[] values = [.. Enumerable.Repeat((float[])[0f, 3f, -3f, 1e-40f], 75).SelectMany(four => four)];
        float[] stored = [0f, 3f, isUnsigned ? 0f : -3f, smallest];
        float[] expected = [.. Enumerable.Repeat(stored, 75).SelectMany(four => four)];
        foreach (Randomness randomness in ManyKeys())
        {
            (byte[] codes, float absmax) = CodecHarness.Close(codec, width, values, randomness);
            Assert.Equal(3f, absmax);
            Assert.Equal(expected, codes.Select(code => codebook.Decode(code) * absmax));
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Close_BlockBelowTheSmallestNormal_StoresZeros(Codec codec, Width width)
    {
        (byte[] codes, float absmax) = CodecHarness.Close(
            codec, width, [.. Enumerable.Range(0, 100).Select(i => i * 1e-40f)], new Randomness(0, Key));
        Assert.Equal(0f, absmax);
        Assert.All(codes, code => Assert.Equal(Codebook.For(codec).ZeroCode, code));
    }

    private static void AssertIsDefinition(Codec codec, Width width, float[] block, Randomness randomness)
    {
        Codebook codebook = Codebook.For(codec);
        (byte[] codes, float absmax) = CodecHarness.Close(codec, width, block, randomness);
        float inverse = 1f / absmax;
        byte[] expected = [.. block.Select((value, i) => codebook.EncodeStochastic(value * inverse, RandomByte(i)))];
        Assert.Equal(block.Max(MathF.Abs), absmax);
        if (!expected.AsSpan().SequenceEqual(codes))
        {
            int i = codes.AsSpan().CommonPrefixLength(expected);
            Assert.Fail($"Element {i} of {block.Length} from {randomness.First} on: {codes[i]}, not {expected[i]}.");
        }

        byte RandomByte(int i) => new RandomBytes(randomness.First + (i & ~3), randomness.Key).At(i & 3);
    }

    private static IEnumerable<Randomness> ManyKeys() =>
        Enumerable.Range(0, 64).Select(i => new Randomness(0, (ulong)i * 0x9e3779b97f4a7c15));

    // Numbers between neighbouring values, but what is stored as the nearest code: MiniFloat's below its smallest, and
    // positive ones of codecs without a sign there.
    private static IEnumerable<(int Below, float Number)> Between(Codec codec, float[] values) =>
        from below in Enumerable.Range(0, values.Length - 1)
        where below < 3 || below % 17 == 0 || below > values.Length - 5
        where below > 0 || !CodecDefinition.IsUnsigned(codec)
        where !CodecDefinition.IsMiniFloat(codec) || (values[below] != 0f && values[below + 1] != 0f)
        from place in (double[])[0, 0.0017, 0.003, 0.25, 0.49, 0.5, 0.77, 0.997, 0.9983]
        select (below, (float)(values[below] + (place * ((double)values[below + 1] - values[below]))));

    // Elements up to eight decades apart, a few zeros.
    private static float[] Block(Random random, int length)
    {
        float scale = MathF.Pow(10f, random.Next(-30, 30));
        int decades = random.Next(1, 9);
        float[] block =
        [
            .. Enumerable.Range(0, length).Select(_ => random.Next(50) == 0
                ? 0f
                : scale * (random.NextSingle() - 0.5f) * MathF.Pow(10f, -decades * random.NextSingle())),
        ];
        block[random.Next(length)] = scale;
        return block;
    }
}
