using System.Numerics;
using static Requant.Tests.Evaluation;

namespace Requant.Ptx.Tests.Instructions;

public class ConversionTests
{
    private const ulong NaN = 0x7fc0_0001;
    private const int SampleCount = 1024;

    [Theory]
    [InlineData("cvt.s64.s32 %qd, %ra;", 0xffff_fffe, 0xffff_ffff_ffff_fffe)]
    [InlineData("cvt.u64.u32 %qd, %ra;", 0xffff_fffe, 0xffff_fffe)]
    [InlineData("cvt.s32.u8 %rd, %ha;", 0xabfe, 0xfe)]
    [InlineData("cvt.s32.s8 %rd, %ha;", 0xabfe, 0xffff_fffe)]
    [InlineData("cvt.u8.u32 %hd, %ra;", 0xabfe, 0xfe)]
    [InlineData("cvt.s8.s32 %hd, %ra;", 0xabfe, 0xfffe)]
    [InlineData("cvt.s32.s64 %rd, %qa;", 0x1_8000_0000, 0x8000_0000)]
    [InlineData("cvt.u16.u8 %rd, %ra;", 0x1ff, 0xff)]
    [InlineData("cvt.sat.u8.s32 %rd, %ra;", 0xffff_ff00, 0)]
    [InlineData("cvt.sat.u8.s32 %rd, %ra;", 0x1000, 0xff)]
    [InlineData("cvt.sat.s8.s32 %rd, %ra;", 0xffff_0000, 0xffff_ff80)]
    [InlineData("cvt.sat.s32.u64 %rd, %qa;", ulong.MaxValue, 0x7fff_ffff)]
    [InlineData("cvt.sat.u64.s64 %qd, %qa;", ulong.MaxValue, 0)]
    public void Convert_BetweenIntegers_ExtendsTruncatesOrClamps(string instruction, ulong a, ulong expected) =>
        Assert.Equal(expected, Evaluate(instruction, a));

    [Theory]
    [InlineData("rni", -2.5f, -2)]
    [InlineData("rni", 3.5f, 4)]
    [InlineData("rzi", -2.7f, -2)]
    [InlineData("rmi", -2.1f, -3)]
    [InlineData("rpi", -2.7f, -2)]
    [InlineData("rpi", 2.1f, 3)]
    [InlineData("rzi", 3e9f, int.MaxValue)]
    [InlineData("rzi", float.NegativeInfinity, int.MinValue)]
    [InlineData("rzi", float.NaN, 0)]
    public void Convert_FloatToInteger_RoundsAndClamps(string rounding, float value, int expected) =>
        Assert.Equal((ulong)(uint)expected, Evaluate($"cvt.{rounding}.s32.f32 %rd, %fa;", Bits(value)));

    [Theory]
    [InlineData("cvt.rzi.u8.f32 %rd, %fa;", 300.0, 255)]
    [InlineData("cvt.rzi.u32.f32 %rd, %fa;", -5.0, 0)]
    [InlineData("cvt.rzi.u64.f32 %qd, %fa;", 1e30, ulong.MaxValue)]
    [InlineData("cvt.rzi.s64.f32 %qd, %fa;", -1e30, 0x8000_0000_0000_0000)]
    [InlineData("cvt.rzi.s64.f32 %qd, %fa;", double.NaN, 0x8000_0000_0000_0000)]
    [InlineData("cvt.rzi.u64.f32 %qd, %fa;", 9223373136366403584.0, 0x8000_0100_0000_0000)]
    public void Convert_FloatToOtherIntegers_Clamps(string instruction, double value, ulong expected) =>
        Assert.Equal(expected, Evaluate(instruction, Bits((float)value)));

    [Theory]
    [InlineData("cvt.rzi.s32.f64 %rd, %da;", -2.7, 0xffff_fffe)]
    [InlineData("cvt.rzi.u32.f64 %rd, %da;", 4294967295.5, 0xffff_ffff)]
    [InlineData("cvt.rzi.s32.f64 %rd, %da;", double.NaN, 0x8000_0000)]
    [InlineData("cvt.rn.f32.f64 %fd, %da;", 16777217.0, 0x4b80_0000)]
    [InlineData("cvt.rn.f16.f64 %hd, %da;", 1.00048828125, 0x3c00)]
    [InlineData("cvt.rmi.f64.f64 %dd, %da;", -2.1, 0xc008_0000_0000_0000)]
    public void Convert_FromFloat64_RoundsOnce(string instruction, double value, ulong expected) =>
        Assert.Equal(expected, Evaluate(instruction, Bits(value)));

    [Theory]
    [InlineData("rmi", -2.5f, -3f)]
    [InlineData("rpi", -2.5f, -2f)]
    [InlineData("rni", 0.5f, 0f)]
    [InlineData("rzi", -0.5f, -0f)]
    [InlineData("rmi", 1e30f, 1e30f)]
    public void Convert_FloatToIntegral_RoundsAndKeepsTheSign(string rounding, float value, float expected) =>
        Assert.Equal(Bits(expected), Evaluate($"cvt.{rounding}.f32.f32 %fd, %fa;", Bits(value)));

    [Fact]
    public void Convert_IntegerToFloat_IsTheNearest()
    {
        var random = new Random(12);
        ulong[] values = [.. Enumerable.Range(0, SampleCount).Select(i => i switch
        {
            0 => 0x8000_0080_0000_0001ul,
            1 => 0x8000_0080_0000_0000ul,
            2 => ulong.MaxValue,
            3 => 0x0100_0001ul,
            _ => (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64),
        })];

        ulong[] unsigned = EvaluateLanes("cvt.rn.f32.u64 %fd, %qa;", values);
        ulong[] signed = EvaluateLanes("cvt.rn.f32.s64 %fd, %qa;", values);
        ulong[] words = EvaluateLanes("cvt.rn.f32.s32 %fd, %ra;", values);
        ulong[] doubles = EvaluateLanes("cvt.rn.f64.u64 %dd, %qa;", values);
        for (int i = 0; i < values.Length; i++)
        {
            Assert.Equal(Nearest(values[i], 24), BitConverter.UInt32BitsToSingle((uint)unsigned[i]));
            Assert.Equal(Nearest((long)values[i], 24), BitConverter.UInt32BitsToSingle((uint)signed[i]));
            Assert.Equal(Nearest((int)values[i], 24), BitConverter.UInt32BitsToSingle((uint)words[i]));
            Assert.Equal(Nearest(values[i], 53), BitConverter.UInt64BitsToDouble(doubles[i]));
        }
    }

    [Fact]
    public void Convert_Float16ToFloat32_IsExactForEveryCode()
    {
        for (int first = 0; first <= ushort.MaxValue; first += SampleCount)
        {
            ulong[] codes = [.. Enumerable.Range(first, SampleCount).Select(code => (ulong)code)];
            ulong[] wide = EvaluateLanes("cvt.f32.f16 %fd, %ha;", codes);
            ulong[] narrow = EvaluateLanes("cvt.rn.f16.f32 %hd, %fa;", wide);
            for (int i = 0; i < codes.Length; i++)
            {
                int exponent = (int)(codes[i] >> 10) & 31;
                int mantissa = (int)codes[i] & 1023;
                double magnitude = exponent == 0
                    ? Math.ScaleB(mantissa, -24)
                    : Math.ScaleB(1024 + mantissa, exponent - 25);
                bool isNaN = exponent == 31 && mantissa != 0;
                float expected = isNaN ? float.NaN : (float)(exponent == 31 ? double.PositiveInfinity : magnitude);
                expected = codes[i] >> 15 == 0 ? expected : -expected;
                Assert.Equal(isNaN ? 0x7fff_fffful : Bits(expected), wide[i]);
                Assert.Equal(isNaN ? 0x7ffful : codes[i], narrow[i]);
            }
        }
    }

    [Theory]
    [InlineData("cvt.rn.f16.f32 %hd, %fa;", 0x3f80_1000, 0x3c00)]
    [InlineData("cvt.rn.f16.f32 %hd, %fa;", 0x3f80_3000, 0x3c02)]
    [InlineData("cvt.rn.f16.f32 %hd, %fa;", 0x3f80_1001, 0x3c01)]
    [InlineData("cvt.rn.f16.f32 %hd, %fa;", 0x477f_f000, 0x7c00)]
    [InlineData("cvt.rn.f16.f32 %hd, %fa;", 0x477f_efff, 0x7bff)]
    [InlineData("cvt.rn.f16.f32 %hd, %fa;", 0x3300_0000, 0x0000)]
    [InlineData("cvt.rn.f16.f32 %hd, %fa;", 0x3300_0001, 0x0001)]
    [InlineData("cvt.rn.bf16.f32 %hd, %fa;", 0x3f80_8000, 0x3f80)]
    [InlineData("cvt.rn.bf16.f32 %hd, %fa;", 0x3f81_8000, 0x3f82)]
    [InlineData("cvt.rn.bf16.f32 %hd, %fa;", 0xbf80_8001, 0xbf81)]
    [InlineData("cvt.rn.bf16.f32 %hd, %fa;", 0x7f7f_ffff, 0x7f80)]
    [InlineData("cvt.rn.bf16.f32 %hd, %fa;", NaN, 0x7fff)]
    [InlineData("cvt.rn.bf16x2.f32 %rd, %fa, %fb;", 0x3f80_8000, 0x3f80_4000)]
    [InlineData("cvt.rn.bf16x2.f32 %rd, %fa, %fb;", 0x3f81_8000, 0x3f82_4000)]
    [InlineData("cvt.rn.bf16x2.f32 %rd, %fb, %fa;", 0x3f80_8001, 0x4000_3f81)]
    [InlineData("cvt.rn.bf16x2.f32 %rd, %fa, %fb;", 0xff7f_8000, 0xff80_4000)]
    [InlineData("cvt.rn.bf16x2.f32 %rd, %fa, %fb;", 0x7f7f_7fff, 0x7f7f_4000)]
    [InlineData("cvt.rn.bf16x2.f32 %rd, %fa, %fb;", 0x0000_8001, 0x0001_4000)]
    [InlineData("cvt.rn.bf16x2.f32 %rd, %fa, %fb;", 0x8000_8000, 0x8000_4000)]
    [InlineData("cvt.rn.bf16x2.f32 %rd, %fa, %fb;", 0x7f80_0001, 0x7fff_4000)]
    [InlineData("cvt.rn.f16x2.f32 %rd, %fa, %fb;", 0x3f80_1000, 0x3c00_4000)]
    [InlineData("cvt.rn.f16x2.f32 %rd, %fa, %fb;", 0x3f80_3000, 0x3c02_4000)]
    [InlineData("cvt.rn.f16x2.f32 %rd, %fb, %fa;", 0x477f_efff, 0x4000_7bff)]
    [InlineData("cvt.rn.f16x2.f32 %rd, %fa, %fb;", 0x477f_f000, 0x7c00_4000)]
    [InlineData("cvt.rn.f16x2.f32 %rd, %fa, %fb;", 0xb300_0001, 0x8001_4000)]
    [InlineData("cvt.rn.f16x2.f32 %rd, %fa, %fb;", 0x3300_0000, 0x0000_4000)]
    [InlineData("cvt.rn.f16x2.f32 %rd, %fa, %fb;", 0x7fc0_0001, 0x7fff_4000)]
    [InlineData("cvt.f32.bf16 %fd, %ha;", 0x3f81, 0x3f81_0000)]
    [InlineData("cvt.f32.bf16 %fd, %ha;", 0xff81, 0x7fff_ffff)]
    [InlineData("cvt.rn.f16.s32 %hd, %ra;", 2049, 0x6800)]
    [InlineData("cvt.rn.f16.s32 %hd, %ra;", 0xffff_0000, 0xfc00)]
    [InlineData("cvt.rn.f32.u8 %fd, %ha;", 0x1ff, 0x437f_0000)]
    [InlineData("cvt.rzi.s32.f16 %rd, %ha;", 0xc200, 0xffff_fffd)]
    [InlineData("cvt.f64.f16 %dd, %ha;", 0x3c00, 0x3ff0_0000_0000_0000)]
    [InlineData("cvt.f64.f32 %dd, %fa;", 0x0000_0001, 0x36a0_0000_0000_0000)]
    [InlineData("cvt.ftz.f64.f32 %dd, %fa;", 0x8000_0001, 0x8000_0000_0000_0000)]
    [InlineData("cvt.rn.ftz.f32.f64 %fd, %da;", 0x36a0_0000_0000_0000, 0)]
    [InlineData("cvt.ftz.f32.f32 %fd, %fa;", 0x8000_0001, 0x8000_0000)]
    [InlineData("cvt.f32.f32 %fd, %fa;", 0x8000_0001, 0x8000_0001)]
    public void Convert_BetweenFloats_RoundsToNearestEven(string instruction, ulong a, ulong expected) =>
        Assert.Equal(expected, Evaluate(instruction, a, 0x4000_0000));

    [Theory]
    [InlineData("cvt.f32.s32 %fd, %ra;")]
    [InlineData("cvt.s32.f32 %rd, %fa;")]
    [InlineData("cvt.rn.s32.f32 %rd, %fa;")]
    [InlineData("cvt.f16.f32 %hd, %fa;")]
    [InlineData("cvt.rz.f16.f32 %hd, %fa;")]
    [InlineData("cvt.rn.f64.f32 %dd, %fa;")]
    [InlineData("cvt.rn.s64.s32 %qd, %ra;")]
    [InlineData("cvt.rn.sat.f16.f32 %hd, %fa;")]
    [InlineData("cvt.ftz.s64.s32 %qd, %ra;")]
    [InlineData("cvt.rn.bf16.f64 %hd, %da;")]
    public void Convert_WithAWrongOrUnknownRounding_IsAnError(string instruction) =>
        Assert.Equal(instruction.TrimEnd(';'), Assert.Throws<PtxException>(() => Evaluate(instruction)).Text);

    /// <summary>The nearest number of that many bits, ties to even, by integer arithmetic.</summary>
    private static double Nearest(BigInteger value, int bits)
    {
        BigInteger magnitude = BigInteger.Abs(value);
        int excess = (int)Math.Max(0, (long)magnitude.GetBitLength() - bits);
        BigInteger kept = magnitude >> excess;
        BigInteger lost = magnitude - (kept << excess);
        BigInteger half = excess == 0 ? 1 : BigInteger.One << (excess - 1);
        kept += lost > half || (lost == half && !kept.IsEven) ? 1 : 0;
        double result = Math.ScaleB((double)(long)kept, excess);
        return value.Sign < 0 ? -result : result;
    }
}
