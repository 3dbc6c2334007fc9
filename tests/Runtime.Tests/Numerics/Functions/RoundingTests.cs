using Requant.CompilerServices;
using Requant.Numerics.Functions;
using Requant.Tests;

namespace Requant.Runtime.Tests.Numerics.Functions;

/// <summary>What devices compute exactly, against .NET.</summary>
public class RoundingTests
{
    private const int TripleSeed = 3;

    private static readonly int TripleCount = LongRun.Of(500_000, 1_000_000);

    public static TheoryData<string> Names { get; } = ["Floor", "Ceiling", "Round", "Truncate"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Rounding_OfAnyFloat_GivesTheBitsOfDotNet(string name)
    {
        (Func<float, float> actual, Func<float, float> expected) = name switch
        {
            "Floor" => ((Func<float, float>)DeviceMath.Floor, (Func<float, float>)MathF.Floor),
            "Ceiling" => (DeviceMath.Ceiling, MathF.Ceiling),
            "Round" => (DeviceMath.Round, MathF.Round),
            _ => (DeviceMath.Truncate, MathF.Truncate),
        };
        foreach (float x in Arguments.Spread.Concat(Enumerable.Range(-4000, 8001).Select(i => i * 0.25f)))
        {
            AssertSame($"{name}({x:R})", expected(x), actual(x));
        }
    }

    [Fact]
    public void CopySign_OfAnyPair_GivesTheBitsOfDotNet()
    {
        foreach ((float x, float y) in Arguments.Pairs)
        {
            AssertSame($"CopySign({x:R}, {y:R})", MathF.CopySign(x, y), DeviceMath.CopySign(x, y));
            AssertSame($"CopySign({x:R}, {-y:R})", MathF.CopySign(x, -y), DeviceMath.CopySign(x, -y));
        }
    }

    [Fact]
    public void MultiplyAdd_OfEdges_IsRoundedOnce()
    {
        foreach (float x in Arguments.Edges)
        {
            foreach (float y in Arguments.Edges)
            {
                foreach (float z in Arguments.Edges)
                {
                    AssertFused(x, y, z);
                }
            }
        }
    }

    [Fact]
    public void MultiplyAdd_OfRandomTriples_IsRoundedOnce()
    {
        var random = new Random(TripleSeed);
        for (int i = 0; i < TripleCount; i++)
        {
            (float x, float y) = (AnyFloat(random), AnyFloat(random));

            // Addends of any size, and those that all but cancel the product.
            float product = x * y;
            float z = random.Next(4) switch
            {
                0 => AnyFloat(random),
                1 => -product,
                2 => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(-product) + random.Next(-3, 4)),
                _ => product * MathF.ScaleB(random.Next(2) == 0 ? 1f : 1.5f, random.Next(-26, 27)),
            };
            AssertFused(x, y, z);
        }
    }

    /// <summary>A product just beside half of the addend's last place: rounded to a double, it
    /// would be a tie.</summary>
    [Fact]
    public void MultiplyAdd_BesideTies_IsRoundedOnce()
    {
        var random = new Random(TripleSeed);
        for (int i = 0; i < TripleCount; i++)
        {
            float offset = MathF.ScaleB(1f, -random.Next(13, 24)) * (random.Next(2) == 0 ? 1 : -1);
            float z = AnyFloat(random);
            int halfOfLastPlace = Math.Max(MathF.ILogB(z), -126) - 24;
            int part = random.Next(-20, 20);
            float x = MathF.ScaleB(1 + offset, (halfOfLastPlace / 2) + part) * (random.Next(2) == 0 ? 1 : -1);
            float y = MathF.ScaleB(
                random.Next(2) == 0 ? 1 - offset : 1 + offset, halfOfLastPlace - (halfOfLastPlace / 2) - part);
            AssertFused(x, y, z);
        }
    }

    /// <summary>Products and sums in the range of denormal results.</summary>
    [Fact]
    public void MultiplyAdd_OfTinyProducts_IsRoundedOnce()
    {
        var random = new Random(TripleSeed);
        for (int i = 0; i < TripleCount; i++)
        {
            float x = MathF.ScaleB(1 + random.NextSingle(), random.Next(-80, -60));
            float y = MathF.ScaleB(1 + random.NextSingle(), random.Next(-80, -60));
            float z = BitConverter.Int32BitsToSingle(random.Next(1 << 24)) * (random.Next(2) == 0 ? 1 : -1);
            AssertFused(x, y, z);
        }
    }

    private static float AnyFloat(Random random) => BitConverter.UInt32BitsToSingle((uint)random.NextInt64(1L << 32));

    private static void AssertFused(float x, float y, float z)
    {
        float expected = MathF.FusedMultiplyAdd(x, y, z);
        float actual = ExactMultiplyAdd.Of(x, y, z);
        Assert.True(IsSame(expected, actual), $"{x:R} * {y:R} + {z:R} is {actual:R} instead of {expected:R}");
    }

    private static void AssertSame(string what, float expected, float actual) =>
        Assert.True(IsSame(expected, actual), $"{what} is {actual:R} instead of {expected:R}");

    /// <summary>Any NaN is as good as another: hardware makes a signalling one quiet.</summary>
    private static bool IsSame(float expected, float actual) =>
        BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(actual)
        || (float.IsNaN(expected) && float.IsNaN(actual));
}
