using Requant.Codecs;
using Requant.CompilerServices;
using Requant.Numerics;

namespace Requant.Runtime.Tests.Numerics;

/// <summary>The random bytes that states are rounded by: what they are, and that nothing shows what they were made
/// of.</summary>
public class RandomByteTests
{
    /// <summary>Elements of each sample.</summary>
    private const int Count = 1 << 17;

    /// <summary>Bits of a byte.</summary>
    private const int Bits = 8;

    private const int FirstStep = 7;
    private const ulong Seed = 2026;
    private const string Name = "layers.0.weight";

    /// <summary>Elements whose words' numbers have one upper half.</summary>
    private const long ElementsOfKey = 1L << 34;

    /// <summary>Computed by another program, in Python. Checkpoints rest on them: training goes on with the same bits
    /// only while these stay.</summary>
    [Theory]
    [InlineData(0ul, "w", 1, 0, 0x0ad43d6f2e32b344ul, new[] { 0xb6, 0x4d, 0x4e, 0xb7, 0xc7, 0xf5, 0xd5, 0x59, 0x3c })]
    [InlineData(0ul, "w", 1, 1, 0xa88db7a4afec377bul, new[] { 0x29, 0xc7, 0xaf, 0x58, 0xa3, 0xe1, 0x90, 0x27, 0x4d })]
    [InlineData(1ul, "w", 2, 0, 0x27d3c331e41aa67ful, new[] { 0x6d, 0x81, 0x71, 0xf3, 0x24, 0x18, 0x9f, 0x76, 0xa7 })]
    [InlineData(
        0ul, "encoder.layers.0.attention.weight", 1, 3, 0x6fee8ae196e4b2ddul,
        new[] { 0x97, 0x2d, 0x62, 0xd6, 0xf1, 0x78, 0x3d, 0x11, 0x6d })]
    [InlineData(
        ulong.MaxValue, "", int.MaxValue, 2, 0xaa1b807044292f0aul,
        new[] { 0x8e, 0x5a, 0x79, 0x94, 0xf7, 0x8e, 0x2f, 0x9d, 0x81 })]
    public void At_OfSeedNameStepStateAndIndex_IsAlwaysTheSame(
        ulong seed, string name, int step, int state, ulong key, int[] expected)
    {
        long[] indices = [0, 1, 2, 3, 4, 12345, ElementsOfKey - 1, ElementsOfKey, (1L << 40) + 6];

        Assert.Equal(key, RoundingKey.OfState(RoundingKey.Of(seed, RoundingKey.OfName(name), step), state));
        Assert.Equal(expected, indices.Select(index => (int)At(key, index)));
    }

    /// <summary>A byte is its element's, wherever counting begins and whatever a vector takes at a time.</summary>
    [Fact]
    public void At_CountedFromAnywhere_IsTheSame()
    {
        ulong key = Key();
        foreach (long end in (long[])[64, ElementsOfKey, 3 * ElementsOfKey])
        {
            for (long first = end - 64; first < end; first += RandomBytes.ElementsOfWord)
            {
                var random = new RandomBytes(first, key);
                for (int i = 0; i < 128; i++)
                {
                    Assert.Equal(At(key, first + i), random.At(i));
                    Assert.Equal(At(key, first + i), random.Skip(i & ~3).At(i & 3));
                }
            }
        }
    }

    /// <summary>Vectors take words as they are: element 0 has the lowest byte of the first.</summary>
    [Fact]
    public void LengthOfKey_FromAnywhere_EndsWhereTheUpperHalfChanges()
    {
        foreach (long first in (long[])[0, 16, ElementsOfKey - 16, ElementsOfKey, (5 * ElementsOfKey) - 4096])
        {
            var random = new RandomBytes(first, Key());
            long end = first + random.LengthOfKey;
            Assert.Equal(0, end % ElementsOfKey);
            Assert.InRange(random.LengthOfKey, 1, ElementsOfKey);

            RandomBytes last = random.Skip(random.LengthOfKey - RandomBytes.ElementsOfWord);
            Assert.Equal((random.LowerKey, random.UpperKey), (last.LowerKey, last.UpperKey));
            RandomBytes next = random.Skip(random.LengthOfKey);
            Assert.NotEqual(random.LowerKey, next.LowerKey);
            Assert.NotEqual(random.UpperKey, next.UpperKey);

            uint word = RandomPairs.Word(random.Number ^ random.LowerKey, random.UpperKey);
            Assert.Equal(random.LowerNumber, random.Number ^ random.LowerKey);
            for (int i = 0; i < RandomBytes.ElementsOfWord; i++)
            {
                Assert.Equal((byte)(word >> (8 * i)), random.At(i));
            }
        }
    }

    [Fact]
    public void At_OfManyElements_IsEquallyOftenEachByte() => Independence.AssertUniform(Bits, [.. Sample()]);

    public static TheoryData<string> Others => [.. Samples.Keys];

    private static Dictionary<string, Func<IEnumerable<int>>> Samples { get; } = new()
    {
        ["the next element"] = () => Sample(first: 1),
        ["the next but one"] = () => Sample(first: 2),
        ["the next but two"] = () => Sample(first: 3),
        ["the next word"] = () => Sample(first: 4),
        ["the next block of 256"] = () => Sample(first: 256),
        ["the next row of 768"] = () => Sample(first: 768),
        ["2^17 elements on"] = () => Sample(first: 1 << 17),
        ["2^33 elements on"] = () => Sample(first: 1L << 33),
        ["2^34 elements on"] = () => Sample(first: ElementsOfKey),
        ["2^34 elements on, next word"] = () => Sample(first: ElementsOfKey + 4),
        ["3 * 2^34 elements on"] = () => Sample(first: 3 * ElementsOfKey),
        ["the next state"] = () => Sample(Key(state: 1)),
        ["the next state, next element"] = () => Sample(Key(state: 1), first: 1),
        ["the last state"] = () => Sample(Key(state: KernelArguments.MaxStates - 1)),
        ["the next step"] = () => Sample(Key(step: FirstStep + 1)),
        ["the next step, next word"] = () => Sample(Key(step: FirstStep + 1), first: 4),
        ["the next step, next state"] = () => Sample(Key(step: FirstStep + 1, state: 1)),
        ["256 steps on"] = () => Sample(Key(step: FirstStep + 256)),
        ["another name"] = () => Sample(Key("layers.1.weight")),
        ["the next seed"] = () => Sample(Key(seed: Seed + 1)),
        ["the parameter's number, upper half"] = () => OfParameter(i => i, _ => 8),
        ["the parameter's number, lower half"] = () => OfParameter(i => i, _ => 0),
        ["the same byte of the parameter's word of that number"] = () => OfParameter(
            i => (2 * (i / RandomBytes.ElementsOfWord)) + (i % RandomBytes.ElementsOfWord / 2), i => 8 * (i & 1)),
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void At_AndThatOfAnother_AreNotCorrelated(string other) =>
        Independence.AssertNotCorrelated(Bits, [.. Sample()], [.. Samples[other]()]);

    private static byte At(ulong key, long index)
    {
        long first = index & ~3L;
        return new RandomBytes(first, key).At((int)(index - first));
    }

    private static ulong Key(string name = Name, int step = FirstStep, ulong seed = Seed, int state = 0) =>
        RoundingKey.OfState(RoundingKey.Of(seed, RoundingKey.OfName(name), step), state);

    private static IEnumerable<int> Sample(ulong? key = null, long first = 0) =>
        Enumerable.Range(0, Count).Select(i => (int)At(key ?? Key(), first + i));

    // What the parameter of the same tensor is rounded by in the same step.
    private static IEnumerable<int> OfParameter(Func<int, int> index, Func<int, int> shift)
    {
        ulong key = RoundingKey.Of(Seed, RoundingKey.OfName(Name), FirstStep);
        return Enumerable.Range(0, Count).Select(i => (RandomPairs.Number(index(i), key) >> shift(i)) & byte.MaxValue);
    }
}
