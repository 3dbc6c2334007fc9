using static Requant.Tests.Evaluation;

namespace Requant.Ptx.Tests.Instructions;

/// <summary>Instructions whose bits PTX leaves open; the interpreter returns the correctly rounded result.</summary>
public class ApproximateTests
{
    private const ulong NaN = 0x7fff_ffff;
    private const ulong Infinity = 0x7f80_0000;
    private const ulong MinusInfinity = 0xff80_0000;
    private const ulong MinusZero = 0x8000_0000;
    private const ulong One = 0x3f80_0000;
    private const ulong Subnormal = 0x0000_1234;
    private const ulong MinusSubnormal = 0x8000_1234;
    private const int SampleCount = 1024;

    public static TheoryData<string, Func<double, double, double>> Operations => new()
    {
        { "div.full.f32 %fd, %fa, %fb;", (a, b) => a / b },
        { "div.approx.f32 %fd, %fa, %fb;", (a, b) => a / b },
        { "rcp.approx.f32 %fd, %fa;", (a, _) => 1 / a },
        { "sqrt.approx.f32 %fd, %fa;", (a, _) => Math.Sqrt(a) },
        { "rsqrt.approx.f32 %fd, %fa;", (a, _) => 1 / Math.Sqrt(a) },
    };

    [Theory]
    [MemberData(nameof(Operations))]
    public void Approximation_OfRandomValues_IsTheNearest(string instruction, Func<double, double, double> exact)
    {
        // Divisors stay below 2^126, above which div.approx has rules of its own.
        var random = new Random(41);
        ulong[] a = [.. Enumerable.Range(0, SampleCount).Select(_ => (ulong)random.Next((int)Infinity))];
        ulong[] b = [.. Enumerable.Range(0, SampleCount).Select(_ => (ulong)random.Next(0x7e80_0000))];

        ulong[] results = EvaluateLanes(instruction, a, b);

        for (int i = 0; i < results.Length; i++)
        {
            Assert.Equal(Bits((float)exact(Value(a[i]), Value(b[i]))), results[i]);
        }
    }

    [Theory]
    [InlineData("rsqrt.approx.f32 %fd, %fa;", 0, 0, Infinity)]
    [InlineData("rsqrt.approx.f32 %fd, %fa;", MinusZero, 0, MinusInfinity)]
    [InlineData("rsqrt.approx.f32 %fd, %fa;", Infinity, 0, 0)]
    [InlineData("rsqrt.approx.f32 %fd, %fa;", 0xbf80_0000, 0, NaN)]
    [InlineData("rsqrt.approx.ftz.f32 %fd, %fa;", MinusSubnormal, 0, MinusInfinity)]
    [InlineData("rsqrt.approx.ftz.f32 %fd, %fa;", 0x4080_0000, 0, 0x3f00_0000)]
    [InlineData("sqrt.approx.f32 %fd, %fa;", MinusZero, 0, MinusZero)]
    [InlineData("sqrt.approx.f32 %fd, %fa;", MinusInfinity, 0, NaN)]
    [InlineData("sqrt.approx.ftz.f32 %fd, %fa;", Subnormal, 0, 0)]
    [InlineData("sqrt.approx.ftz.f32 %fd, %fa;", MinusSubnormal, 0, MinusZero)]
    [InlineData("rcp.approx.f32 %fd, %fa;", MinusZero, 0, MinusInfinity)]
    [InlineData("rcp.approx.ftz.f32 %fd, %fa;", MinusSubnormal, 0, MinusInfinity)]
    [InlineData("rcp.approx.f32 %fd, %fa;", 0x7f00_0000, 0, 0x0040_0000)]
    [InlineData("rcp.approx.ftz.f32 %fd, %fa;", 0x7f00_0000, 0, 0)]
    [InlineData("div.full.f32 %fd, %fa, %fb;", One, 0x7f00_0000, 0x0040_0000)]
    [InlineData("div.full.ftz.f32 %fd, %fa, %fb;", One, 0x7f00_0000, 0)]
    [InlineData("div.full.f32 %fd, %fa, %fb;", 0, 0, NaN)]
    [InlineData("div.approx.f32 %fd, %fa, %fb;", One, 0x7e80_0000, 0x0080_0000)]
    [InlineData("div.approx.f32 %fd, %fa, %fb;", One, 0x7e80_0001, 0)]
    [InlineData("div.approx.f32 %fd, %fa, %fb;", One, 0xfe80_0001, MinusZero)]
    [InlineData("div.approx.f32 %fd, %fa, %fb;", MinusInfinity, 0x7f7f_ffff, NaN)]
    [InlineData("div.approx.f32 %fd, %fa, %fb;", NaN, 0x7f7f_ffff, NaN)]
    [InlineData("div.approx.f32 %fd, %fa, %fb;", One, MinusInfinity, MinusZero)]
    [InlineData("div.approx.ftz.f32 %fd, %fa, %fb;", One, MinusSubnormal, MinusInfinity)]
    public void Approximation_OfSpecialValues_IsWhatPtxDefines(string instruction, ulong a, ulong b, ulong expected) =>
        Assert.Equal(expected, Evaluate(instruction, a, b));

    [Fact]
    public void Pairs_OfRandomFloats_AreBothRounded()
    {
        var random = new Random(8);
        ulong[] a = [.. Enumerable.Range(0, SampleCount).Select(_ => (ulong)random.Next(0x7f00_0000))];
        ulong[] b = [.. Enumerable.Range(0, SampleCount)
            .Select(i => i % 2 == 0 ? a[i] ^ 0xffff : (ulong)random.Next(0x4700_0000))];

        ulong[] brains = EvaluateLanes("cvt.rn.bf16x2.f32 %rd, %fa, %fb;", a, b);
        ulong[] halves = EvaluateLanes("cvt.rn.f16x2.f32 %rd, %fa, %fb;", a, b);

        for (int i = 0; i < SampleCount; i++)
        {
            Assert.Equal((Brain(a[i]) << 16) | Brain(b[i]), brains[i]);
            Assert.Equal((HalfBits(a[i]) << 16) | HalfBits(b[i]), halves[i]);
        }
    }

    /// <summary>The nearer of the two bfloat16 neighbours, the even one in the middle.</summary>
    private static ulong Brain(ulong bits)
    {
        ulong below = bits >> 16;
        double lost = Value(bits) - Value(below << 16);
        double missing = Value((below + 1) << 16) - Value(bits);
        return lost < missing || (lost == missing && below % 2 == 0) ? below : below + 1;
    }

    private static ulong HalfBits(ulong bits) => BitConverter.HalfToUInt16Bits((Half)(float)Value(bits));

    private static double Value(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);
}
