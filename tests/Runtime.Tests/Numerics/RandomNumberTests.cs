using Requant.Numerics;

namespace Requant.Runtime.Tests.Numerics;

/// <summary>The random numbers of stochastic rounding: what they are, and that nothing shows what they were made
/// of.</summary>
public class RandomNumberTests
{
    /// <summary>Elements of each sample.</summary>
    private const int Count = 1 << 17;

    /// <summary>Bits of a number.</summary>
    private const int Bits = 16;

    private const int FirstStep = 7;
    private const ulong Seed = 2026;
    private const long ElementsOfUpperHalf = 1L << 33;

    /// <summary>Computed by another program, in Python. Checkpoints rest on them: training goes on with the same bits
    /// only while these stay.</summary>
    [Theory]
    [InlineData(0ul, "w", 1, 0x94e344d65178cf51ul, new[] { 0x5491, 0x9b41, 0x12a9, 0xeca5, 0x0cfe, 0x6da3 })]
    [InlineData(0ul, "w", 2, 0xbfa65c2a0ece7ff9ul, new[] { 0x68bb, 0xbd7e, 0x1db1, 0xaf4b, 0xc093, 0xeb06 })]
    [InlineData(1ul, "w", 1, 0x587c47057de2a518ul, new[] { 0xdc28, 0x6d8b, 0x1236, 0x8d59, 0xb47f, 0x5284 })]
    [InlineData(0ul, "encoder.layers.0.attention.weight", 1, 0x17336c046bcd4289ul,
        new[] { 0x3186, 0x35ef, 0x33dd, 0xde47, 0x5e07, 0x6aef })]
    [InlineData(ulong.MaxValue, "", int.MaxValue, 0x70bded5c39f65b35ul,
        new[] { 0x2bcc, 0xec4f, 0x1e29, 0x9806, 0x6cc9, 0xa2f8 })]
    public void Number_OfSeedNameStepAndIndex_IsAlwaysTheSame(
        ulong seed, string name, int step, ulong key, int[] expected)
    {
        long[] indices = [0, 1, 2, 12345, (1L << 33) + 1, (1L << 40) - 2];

        Assert.Equal(key, RoundingKey.Of(seed, RoundingKey.OfName(name), step));
        Assert.Equal(expected, indices.Select(index => RandomPairs.Number(index, key)));
    }

    [Fact]
    public void Number_OfManyElements_IsEquallyOftenInEveryRange()
    {
        Independence.AssertUniform(Bits, [.. Sample()]);
    }

    public static TheoryData<string> Others => [.. Samples.Keys];

    private static Dictionary<string, Func<IEnumerable<int>>> Samples { get; } = new()
    {
        ["the next element"] = () => Sample(first: 1),
        ["the next pair"] = () => Sample(first: 2),
        ["the next but one"] = () => Sample(first: 3),
        ["the next block of 256"] = () => Sample(first: 256),
        ["the next row of 768"] = () => Sample(first: 768),
        ["2^17 elements on"] = () => Sample(first: 1 << 17),
        ["2^32 elements on"] = () => Sample(first: 1L << 32),
        ["2^33 elements on"] = () => Sample(first: ElementsOfUpperHalf),
        ["2^33 elements on, other pair"] = () =>
            Enumerable.Range(0, Count).Select(i => RandomPairs.Number(ElementsOfUpperHalf + (i ^ 2), Key())),
        ["2^33 elements on, next pair"] = () => Sample(first: ElementsOfUpperHalf + 2),
        ["2^34 elements on"] = () => Sample(first: 2 * ElementsOfUpperHalf),
        ["3 * 2^33 elements on"] = () => Sample(first: 3 * ElementsOfUpperHalf),
        ["the next step"] = () => Sample(Key(step: FirstStep + 1)),
        ["the next step, next element"] = () => Sample(Key(step: FirstStep + 1), first: 1),
        ["256 steps on"] = () => Sample(Key(step: FirstStep + 256)),
        ["another name"] = () => Sample(Key("layers.1.weight")),
        ["a name of the same letters"] = () => Sample(Key("layers.0.weigth")),
        ["the empty name"] = () => Sample(Key("")),
        ["the next seed"] = () => Sample(Key(seed: Seed + 1)),
        ["seed 0"] = () => Sample(Key(seed: 0)),
        ["a seed with another upper half"] = () => Sample(Key(seed: Seed | (1ul << 63))),
        ["another seed, another step"] = () => Sample(Key(seed: Seed + 1, step: FirstStep - 1)),
    };

    /// <summary>Each bit of either is compared with each bit of the other, and the numbers as such: rounding compares
    /// them with a fraction.</summary>
    [Theory]
    [MemberData(nameof(Others))]
    public void Number_AndThatOfAnother_AreNotCorrelated(string other)
    {
        Independence.AssertNotCorrelated(Bits, [.. Sample()], [.. Samples[other]()]);
    }

    /// <summary>Changing one bit of the index changes each bit of a pair's word in half of all cases.</summary>
    [Fact]
    public void Word_WithOneBitOfTheIndexChanged_ChangesEachBitInHalfOfAllCases()
    {
        const int Words = 1 << 12;
        for (int changed = 0; changed < 32; changed++)
        {
            int[] changes = new int[32];
            for (int sample = 0; sample < Words; sample++)
            {
                ulong key = Key(step: sample);
                uint difference = RandomPairs.Word((uint)sample ^ (uint)key, (uint)(key >> 32))
                    ^ RandomPairs.Word((uint)sample ^ (1u << changed) ^ (uint)key, (uint)(key >> 32));
                for (int bit = 0; bit < 32; bit++)
                {
                    changes[bit] += (int)(difference >> bit) & 1;
                }
            }

            // 1024 counts: a sixth deviation more, since each of them may be the furthest.
            const double Most = Independence.MostDeviations + 1;
            Assert.All(changes, count => Assert.InRange((count - (Words / 2.0)) / (Math.Sqrt(Words) / 2), -Most, Most));
        }
    }

    private static ulong Key(string name = "layers.0.weight", int step = FirstStep, ulong seed = Seed) =>
        RoundingKey.Of(seed, RoundingKey.OfName(name), step);

    private static IEnumerable<int> Sample(ulong? key = null, long first = 0) =>
        Enumerable.Range(0, Count).Select(i => RandomPairs.Number(first + i, key ?? Key()));
}
