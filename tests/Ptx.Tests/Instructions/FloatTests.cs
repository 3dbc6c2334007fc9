using static Requant.Tests.Evaluation;

namespace Requant.Ptx.Tests.Instructions;

public class FloatTests
{
    private const ulong NaN = 0x7fff_ffff;
    private const ulong OtherNaN = 0xffc0_0001;
    private const ulong Smallest = 1;
    private const ulong MinusSmallest = 0x8000_0001;
    private const ulong MinusZero = 0x8000_0000;
    private const int SampleCount = 4096;

    /// <summary>Rounding an operation in double to float once more is rounding once: double has more than twice float's
    /// bits, and two more.</summary>
    public static TheoryData<string, Func<double, double, double>> Operations => new()
    {
        { "add.rn.f32 %fd, %fa, %fb;", (a, b) => a + b },
        { "add.f32 %fd, %fa, %fb;", (a, b) => a + b },
        { "sub.rn.f32 %fd, %fa, %fb;", (a, b) => a - b },
        { "mul.rn.f32 %fd, %fa, %fb;", (a, b) => a * b },
        { "div.rn.f32 %fd, %fa, %fb;", (a, b) => a / b },
        { "sqrt.rn.f32 %fd, %fa;", (a, _) => Math.Sqrt(a) },
        { "rcp.rn.f32 %fd, %fa;", (a, _) => 1 / a },
    };

    [Theory]
    [MemberData(nameof(Operations))]
    public void Float32_RandomBits_IsRoundedOnce(string instruction, Func<double, double, double> exact)
    {
        var random = new Random(93);
        ulong[] a =
            [.. Enumerable.Range(0, SampleCount).Select(_ => (ulong)(uint)random.Next(int.MinValue, int.MaxValue))];
        ulong[] b = [.. Enumerable.Range(0, SampleCount).Select(i => i % 3 == 0
            ? a[i] ^ (uint)random.Next(1 << 24)
            : (uint)random.Next(int.MinValue, int.MaxValue))];
        const int BlockThreads = 1024;
        for (int first = 0; first < SampleCount; first += BlockThreads)
        {
            ulong[] results = EvaluateLanes(
                instruction, a[first..(first + BlockThreads)], b[first..(first + BlockThreads)]);
            for (int i = 0; i < results.Length; i++)
            {
                float expected = (float)exact(Value(a[first + i]), Value(b[first + i]));
                Assert.Equal(float.IsNaN(expected) ? NaN : Bits(expected), results[i]);
            }
        }
    }

    [Fact]
    public void Fma_WhereTheProductRounds_RoundsOnce()
    {
        // (1 + 2^-12)^2 needs 25 bits; the last one decides.
        ulong factor = Bits(1f + MathF.ScaleB(1f, -12));
        ulong addend = Bits(-1f);

        ulong once = Bits((float)(Math.ScaleB(1, -11) + Math.ScaleB(1, -24)));
        ulong twice = Bits(MathF.ScaleB(1f, -11));

        Assert.Equal(once, Evaluate("fma.rn.f32 %fd, %fa, %fb, %fc;", factor, factor, addend));
        Assert.Equal(once, Evaluate("mad.rn.f32 %fd, %fa, %fb, %fc;", factor, factor, addend));
        Assert.Equal(
            twice, Evaluate("mul.rn.f32 %fd, %fa, %fb; add.rn.f32 %fd, %fd, %fc;", factor, factor, addend));
    }

    [Theory]
    [InlineData("min.f32 %fd, %fa, %fb;", OtherNaN, 0x3f80_0000, 0x3f80_0000)]
    [InlineData("max.f32 %fd, %fa, %fb;", 0x3f80_0000, OtherNaN, 0x3f80_0000)]
    [InlineData("max.f32 %fd, %fa, %fb;", OtherNaN, OtherNaN, NaN)]
    [InlineData("min.NaN.f32 %fd, %fa, %fb;", OtherNaN, 0x3f80_0000, NaN)]
    [InlineData("max.NaN.f32 %fd, %fa, %fb;", 0x3f80_0000, OtherNaN, NaN)]
    [InlineData("min.f32 %fd, %fa, %fb;", 0, MinusZero, MinusZero)]
    [InlineData("max.f32 %fd, %fa, %fb;", MinusZero, 0, 0)]
    [InlineData("add.rn.f32 %fd, %fa, %fb;", OtherNaN, 0, NaN)]
    [InlineData("sub.rn.f32 %fd, %fa, %fb;", 0x7f80_0000, 0x7f80_0000, NaN)]
    [InlineData("sqrt.rn.f32 %fd, %fa;", 0xbf80_0000, 0, NaN)]
    [InlineData("sqrt.rn.f32 %fd, %fa;", MinusZero, 0, MinusZero)]
    [InlineData("rcp.rn.f32 %fd, %fa;", MinusZero, 0, 0xff80_0000)]
    [InlineData("abs.f32 %fd, %fa;", MinusSmallest, 0, Smallest)]
    [InlineData("neg.f32 %fd, %fa;", 0, 0, MinusZero)]
    [InlineData("copysign.f32 %fd, %fa, %fb;", MinusZero, 0x3f80_0000, 0xbf80_0000)]
    [InlineData("add.rn.f32 %fd, %fa, 0f3F800000;", 0x3f80_0000, 0, 0x4000_0000)]
    public void Float32_SpecialValues_AreWhatPtxDefines(string instruction, ulong a, ulong b, ulong expected) =>
        Assert.Equal(expected, Evaluate(instruction, a, b));

    [Theory]
    [InlineData("add.rn.f32 %fd, %fa, %fb;", Smallest, Smallest, 2)]
    [InlineData("add.rn.ftz.f32 %fd, %fa, %fb;", Smallest, Smallest, 0)]
    [InlineData("add.ftz.f32 %fd, %fa, %fb;", MinusSmallest, MinusSmallest, MinusZero)]
    [InlineData("mul.ftz.f32 %fd, %fa, %fb;", 0x0080_0000, 0x3f00_0000, 0)]
    [InlineData("mul.ftz.f32 %fd, %fa, %fb;", 0x8080_0000, 0x3f00_0000, MinusZero)]
    [InlineData("mul.f32 %fd, %fa, %fb;", 0x0080_0000, 0x3f00_0000, 0x0040_0000)]
    [InlineData("max.ftz.f32 %fd, %fa, %fb;", MinusSmallest, Smallest, 0)]
    [InlineData("abs.ftz.f32 %fd, %fa;", MinusSmallest, 0, 0)]
    [InlineData("rcp.rn.ftz.f32 %fd, %fa;", Smallest, 0, 0x7f80_0000)]
    [InlineData("setp.gt.ftz.f32 %pd, %fa, %fb;", Smallest, 0, 0)]
    [InlineData("setp.gt.f32 %pd, %fa, %fb;", Smallest, 0, 1)]
    public void Float32_FlushedToZero_KeepsTheSign(string instruction, ulong a, ulong b, ulong expected) =>
        Assert.Equal(expected, Evaluate(instruction, a, b));

    [Theory]
    [InlineData("add.rn.f64 %dd, %da, %db;", 0.1, 0.2, 0.1 + 0.2)]
    [InlineData("mul.f64 %dd, %da, %db;", 0.1, 0.2, 0.1 * 0.2)]
    [InlineData("div.rn.f64 %dd, %da, %db;", 1.0, 3.0, 1.0 / 3.0)]
    [InlineData("sqrt.rn.f64 %dd, %da;", 2.0, 0.0, 1.4142135623730951)]
    [InlineData("rcp.rn.f64 %dd, %da;", 3.0, 0.0, 1.0 / 3.0)]
    [InlineData("fma.rn.f64 %dd, %da, %db, %da;", 0.1, 0.2, 0.12000000000000001)]
    [InlineData("max.f64 %dd, %da, %db;", double.NaN, 2.0, 2.0)]
    [InlineData("neg.f64 %dd, %da;", 2.0, 0.0, -2.0)]
    [InlineData("add.f64 %dd, %da, 0d3FF0000000000000;", 2.0, 0.0, 3.0)]
    public void Float64_Evaluated_IsRoundedOnce(string instruction, double a, double b, double expected) =>
        Assert.Equal(Bits(expected), Evaluate(instruction, Bits(a), Bits(b)));

    [Theory]
    [InlineData("testp.finite.f32 %pd, %fa;", 0x7f7f_ffff, 1)]
    [InlineData("testp.finite.f32 %pd, %fa;", OtherNaN, 0)]
    [InlineData("testp.infinite.f32 %pd, %fa;", 0xff80_0000, 1)]
    [InlineData("testp.notanumber.f32 %pd, %fa;", OtherNaN, 1)]
    [InlineData("testp.number.f32 %pd, %fa;", 0x7f80_0000, 1)]
    [InlineData("testp.subnormal.f32 %pd, %fa;", Smallest, 1)]
    [InlineData("testp.normal.f32 %pd, %fa;", Smallest, 0)]
    public void Test_OfAKind_HoldsForIt(string instruction, ulong a, ulong expected) =>
        Assert.Equal(expected, Evaluate(instruction, a));

    private static double Value(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);
}
