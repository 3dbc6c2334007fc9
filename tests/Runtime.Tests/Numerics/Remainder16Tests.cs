using System.Runtime.InteropServices;
using Requant.Numerics;
using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Numerics;

/// <summary>A float32 is one bfloat16, its nearest, and one remainder, on every width.</summary>
public unsafe class Remainder16Tests
{
    private const ushort Canary = 0xa5a5;
    private const int SignBit = 0x8000;
    private const int Infinity = 0x7f80;

    /// <summary>Around every number of lanes.</summary>
    private static readonly int[] Lengths = [0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 255, 256, 257];

    private static readonly short[] Remainders = [0, 1, -1, 255, -256, 0x7ffe, short.MaxValue, short.MinValue];

    public static TheoryData<SimdWidth> Widths => [.. Enum.GetValues<SimdWidth>()];

    [Fact]
    public void Split_OfAnyNumber_IsTheNearestAndJoinsToTheSameBits()
    {
        foreach (float single in Singles())
        {
            int bits = BitConverter.SingleToInt32Bits(single);

            ushort upper = Remainder16.Split(bits, out short remainder);

            Assert.Equal(bits, Remainder16.Join(upper, remainder));

            // Half way, the larger magnitude.
            bool isHalfWay = (bits & 0xffff) == SignBit;
            int nearest = BFloat16Format.Narrow(bits);
            Assert.Equal(isHalfWay ? (bits >>> 16) + 1 : nearest, upper);
        }
    }

    /// <summary>Also of NaN, whose elements a step may leave alone.</summary>
    [Fact]
    public void Join_OfAnyPair_SplitsToTheSameBits()
    {
        for (int upper = 0; upper < SixteenBit.PatternCount; upper++)
        {
            foreach (short remainder in Remainders)
            {
                int bits = Remainder16.Join(upper, remainder);

                Assert.Equal(upper, Remainder16.Split(bits, out short again));
                Assert.Equal(IsStale(upper, remainder) || IsNaN(upper) ? 0 : remainder, again);
            }
        }
    }

    /// <summary>Whoever sets a parameter to 0 or to infinity has it, whatever its remainder was.</summary>
    [Fact]
    public void Join_OfARemainderThatIsLeft_IsTheElement()
    {
        foreach (int sign in (int[])[0, SignBit])
        {
            foreach (short remainder in Remainders)
            {
                Assert.Equal(
                    remainder < 0 ? sign << 16 : (sign << 16) + remainder, Remainder16.Join(sign, remainder));
                Assert.Equal(
                    remainder > 0 ? (sign | Infinity) << 16 : ((sign | Infinity) << 16) + remainder,
                    Remainder16.Join(sign | Infinity, remainder));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Converter_OfAnyLength_IsTheDefinitionElementByElement(SimdWidth width)
    {
        RemainderConverter converter = RemainderConverter.For(width);
        float[] probes =
        [
            .. Singles().Where((_, index) => index % 1009 == 0), float.NaN, -float.NaN,
            BitConverter.Int32BitsToSingle(0x7f800001), BitConverter.Int32BitsToSingle(0x7fffffff),
        ];
        for (int first = 0; first < probes.Length; first += 37)
        {
            foreach (int length in Lengths)
            {
                float[] singles = [.. Enumerable.Range(0, length).Select(i => probes[(first + i) % probes.Length])];
                ushort[] upper = [.. Enumerable.Repeat(Canary, length + 1)];
                short[] remainders = [.. Enumerable.Repeat((short)7, length + 1)];
                float[] joined = [.. Enumerable.Repeat(0.5f, length + 1)];
                fixed (float* source = singles, target = joined)
                {
                    fixed (ushort* uppers = upper)
                    {
                        fixed (short* lowers = remainders)
                        {
                            converter.Split(source, uppers, lowers, length);
                            converter.Join(uppers, lowers, target, length);
                        }
                    }
                }

                for (int i = 0; i < length; i++)
                {
                    int bits = BitConverter.SingleToInt32Bits(singles[i]);
                    Assert.Equal(Remainder16.Split(bits, out short remainder), upper[i]);
                    Assert.Equal(remainder, remainders[i]);
                    Assert.Equal(
                        Remainder16.Join(upper[i], remainder), BitConverter.SingleToInt32Bits(joined[i]));
                }

                Assert.Equal((Canary, (short)7, 0.5f), (upper[length], remainders[length], joined[length]));
            }
        }
    }

    /// <summary>Elements that somebody has set, with remainders from before.</summary>
    [Theory]
    [MemberData(nameof(Widths))]
    public void Join_OfEveryElement_IsTheDefinition(SimdWidth width)
    {
        ushort[] upper = [.. Enumerable.Range(0, SixteenBit.PatternCount).Select(bits => (ushort)bits)];
        foreach (short remainder in Remainders)
        {
            short[] remainders = [.. Enumerable.Repeat(remainder, upper.Length)];
            float[] joined = new float[upper.Length];
            fixed (ushort* uppers = upper)
            {
                fixed (short* lowers = remainders)
                {
                    fixed (float* target = joined)
                    {
                        RemainderConverter.For(width).Join(uppers, lowers, target, upper.Length);
                    }
                }
            }

            Assert.Equal(
                upper.Select(bits => Remainder16.Join(bits, remainder)),
                MemoryMarshal.Cast<float, int>(joined).ToArray());
        }
    }

    private static IEnumerable<float> Singles() => SixteenBit.RoundingProbes(ElementType.BFloat16).Singles
        .Concat([float.MaxValue, float.MinValue, float.Epsilon, -0f, BitConverter.Int32BitsToSingle(0x00007fff)]);

    private static bool IsNaN(int upper) => (upper & ~SignBit) > Infinity;

    private static bool IsStale(int upper, short remainder) =>
        ((upper & ~SignBit) == 0 && remainder < 0) || ((upper & ~SignBit) == Infinity && remainder > 0);
}
