using Requant.Numerics;
using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Numerics;

public class StochasticNarrowingTests
{
    private const int Margin = 64;
    private const ushort Canary = 0xa5a5;
    private const ulong Key = 0x94e344d65178cf51;

    /// <summary>Of a sum of independent roundings, one of 2 million samples is further off; the samples are
    /// always the same.</summary>
    private const double MostDeviations = 5;

    private const int MaxLength = 4096;

    /// <summary>Around every number of lanes.</summary>
    private static readonly int[] Lengths = [0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 255, 256, 257, MaxLength];

    /// <summary>Of blocks: multiples of 16; some around the end of what 32 bits count.</summary>
    private static readonly long[] Firsts =
        [0, 16, 48, 4096, (1L << 33) - 4096, (1L << 33) - 16, (1L << 33) - 48, 1L << 33, (1L << 33) + 16, 3L << 40];

    public static TheoryData<SimdWidth> Widths => [.. Enum.GetValues<SimdWidth>()];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Narrow_AnyPlaceAndLength_IsTheDefinitionElementByElement(SimdWidth width)
    {
        float[] probes =
            [.. SixteenBit.RoundingProbes(ElementType.BFloat16).Singles.Where((_, index) => index % 7 == 0)];
        foreach (long first in Firsts)
        {
            foreach (int length in Lengths)
            {
                float[] singles =
                    [.. Enumerable.Range(0, length).Select(i => probes[(i + (int)(first % 1000)) % probes.Length])];

                ushort[] rounded = Narrow(width, singles, first, Key);

                for (int i = 0; i < length; i++)
                {
                    int sum = BitConverter.SingleToInt32Bits(singles[i]) + RandomPairs.Number(first + i, Key);
                    Assert.True(rounded[i] == (ushort)(sum >>> 16), $"Element {i} of {length} from {first} on.");
                }

                Assert.False(rounded.AsSpan(length).ContainsAnyExcept(Canary));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Narrow_OfWidened_GivesEveryPatternBack(SimdWidth width)
    {
        ushort[] patterns = [.. Enumerable.Range(0, SixteenBit.PatternCount).Select(bits => (ushort)bits)];
        float[] singles = [.. patterns.Select(bits => BitConverter.Int32BitsToSingle(bits << 16))];

        for (ulong key = 0; key < 8; key++)
        {
            Assert.Equal(
                patterns, Narrow(width, singles, first: 0, key * 0x9e3779b97f4a7c15).AsSpan(0, patterns.Length));
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Narrow_AnyNumber_GivesOneOfTheTwoAroundIt(SimdWidth width)
    {
        float[] singles = [.. SixteenBit.RoundingProbes(ElementType.BFloat16).Singles];

        ushort[] rounded = Narrow(width, singles, first: 0, Key);

        for (int i = 0; i < singles.Length; i++)
        {
            int below = BitConverter.SingleToInt32Bits(singles[i]) >>> 16;
            bool isExact = (BitConverter.SingleToInt32Bits(singles[i]) & 0xffff) == 0;
            Assert.True(
                rounded[i] == below || (!isExact && rounded[i] == below + 1), $"{singles[i]:R} gave {rounded[i]:x4}.");
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Narrow_NaNOfAnyPayload_StaysNaNOfItsSign(SimdWidth width)
    {
        float[] singles =
        [
            .. from sign in (uint[])[0, 0x80000000]
               from payload in (uint[])[1, 0xfff, 0xffff, 0x10000, 0x3fffff, 0x400000, 0x7fffff]
               from copy in Enumerable.Range(0, 9)
               select BitConverter.UInt32BitsToSingle(sign | 0x7f800000 | payload),
        ];

        ushort[] rounded = Narrow(width, singles, first: 0, Key);

        for (int i = 0; i < singles.Length; i++)
        {
            Assert.True(
                SixteenBit.IsNaN(ElementType.BFloat16, rounded[i]),
                $"{BitConverter.SingleToUInt32Bits(singles[i]):x8} gave {rounded[i]:x4}.");
            Assert.Equal(float.IsNegative(singles[i]), (rounded[i] & 0x8000) != 0);
        }
    }

    /// <summary>Infinity takes the place of 2^128 there: 0x7f7f is 255 * 2^120.</summary>
    [Theory]
    [MemberData(nameof(Widths))]
    public void Narrow_BeyondTheLargest_IsInfiniteAsOftenAsItIsNear(SimdWidth width)
    {
        AssertShareOfUpper(width, 0x7f7f4000, 0.25);
        AssertShareOfUpper(width, 0x7f7fffff, 65535.0 / 65536);
    }

    /// <summary>The share of the value further from zero is the fraction: the mean is the number itself.</summary>
    [Theory]
    [InlineData(0x3f800001u), InlineData(0x3f800010u), InlineData(0x3f801000u), InlineData(0x3f804000u),
        InlineData(0x3f808000u)]
    [InlineData(0xbf80c000u), InlineData(0xc2f7ffffu), InlineData(0x00000001u), InlineData(0x00008000u),
        InlineData(0x80012345u)]
    [InlineData(0x007fabcdu), InlineData(0x7f7e9999u)]
    public void Narrow_ManyTimes_IsTheNumberOnAverage(uint bits)
    {
        double share = (bits & 0xffff) / 65536.0;

        AssertShareOfUpper(SimdWidths.Widest, bits, share);
    }

    private static void AssertShareOfUpper(SimdWidth width, uint bits, double share)
    {
        const int Count = 1 << 20;
        float[] singles = Enumerable.Repeat(BitConverter.UInt32BitsToSingle(bits), Count).ToArray();

        ushort[] rounded = Narrow(width, singles, first: 0, Key);

        int upper = rounded.AsSpan(0, Count).Count((ushort)((bits >> 16) + 1));
        Assert.Equal(Count - upper, rounded.AsSpan(0, Count).Count((ushort)(bits >> 16)));
        Assert.InRange(
            (upper - (share * Count)) / Math.Sqrt(Count * share * (1 - share)), -MostDeviations, MostDeviations);
    }

    /// <summary>Rounds, with a margin behind that must stay.</summary>
    private static unsafe ushort[] Narrow(SimdWidth width, float[] singles, long first, ulong key)
    {
        var bits = new ushort[singles.Length + Margin];
        bits.AsSpan().Fill(Canary);
        fixed (float* source = singles)
        fixed (ushort* target = bits)
        {
            StochasticNarrowing.For(width).Narrow(source, target, singles.Length, first, key);
        }

        return bits;
    }
}
