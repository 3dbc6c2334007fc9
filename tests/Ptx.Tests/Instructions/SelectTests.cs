using static Requant.Tests.Evaluation;

namespace Requant.Ptx.Tests.Instructions;

public class SelectTests
{
    private const ulong One = 0x3f80_0000;
    private const ulong Two = 0x4000_0000;
    private const ulong NaN = 0x7fc0_0000;
    private const ulong Minus1 = 0xffff_ffff;

    [Theory]
    [InlineData("eq", 0, 0, 1, 0)]
    [InlineData("ne", 1, 1, 0, 0)]
    [InlineData("lt", 1, 0, 0, 0)]
    [InlineData("le", 1, 0, 1, 0)]
    [InlineData("gt", 0, 1, 0, 0)]
    [InlineData("ge", 0, 1, 1, 0)]
    [InlineData("equ", 0, 0, 1, 1)]
    [InlineData("neu", 1, 1, 0, 1)]
    [InlineData("ltu", 1, 0, 0, 1)]
    [InlineData("leu", 1, 0, 1, 1)]
    [InlineData("gtu", 0, 1, 0, 1)]
    [InlineData("geu", 0, 1, 1, 1)]
    [InlineData("num", 1, 1, 1, 0)]
    [InlineData("nan", 0, 0, 0, 1)]
    public void Compare_Floats_HoldsForLessGreaterEqualUnordered(
        string comparison, ulong less, ulong greater, ulong equal, ulong unordered)
    {
        string instruction = $"setp.{comparison}.f32 %pd, %fa, %fb;";

        Assert.Equal(
            [less, greater, equal, unordered, unordered],
            EvaluateLanes(instruction, [One, Two, Two, NaN, One], [Two, One, Two, One, NaN]));
    }

    [Theory]
    [InlineData("setp.lt.s32 %pd, %ra, %rb;", Minus1, 1, 1)]
    [InlineData("setp.lt.u32 %pd, %ra, %rb;", Minus1, 1, 0)]
    [InlineData("setp.lo.u32 %pd, %ra, %rb;", 1, Minus1, 1)]
    [InlineData("setp.ls.u32 %pd, %ra, %rb;", 1, 1, 1)]
    [InlineData("setp.hi.u64 %pd, %qa, %qb;", Minus1, 1, 1)]
    [InlineData("setp.hs.u16 %pd, %ha, %hb;", 0xffff, 0xffff, 1)]
    [InlineData("setp.ge.s64 %pd, %qa, %qb;", ulong.MaxValue, 0, 0)]
    [InlineData("setp.gt.s16 %pd, %ha, %hb;", 0, 0xffff, 1)]
    [InlineData("setp.eq.b64 %pd, %qa, %qb;", 5, 5, 1)]
    [InlineData("setp.lt.f64 %pd, %da, %db;", 0x3ff0_0000_0000_0000, 0x4000_0000_0000_0000, 1)]
    public void Compare_Integers_HasTheSignOfItsType(string instruction, ulong a, ulong b, ulong expected) =>
        Assert.Equal(expected, Evaluate(instruction, a, b));

    [Theory]
    [InlineData("and", "%pc", 1, 1, 1)]
    [InlineData("and", "%pc", 1, 0, 0)]
    [InlineData("and", "!%pc", 1, 0, 1)]
    [InlineData("or", "%pc", 0, 1, 1)]
    [InlineData("or", "!%pc", 0, 1, 0)]
    [InlineData("xor", "%pc", 1, 1, 0)]
    public void Compare_Joined_TakesTheThirdPredicate(string join, string third, ulong a, ulong c, ulong expected) =>
        Assert.Equal(expected, Evaluate($"setp.eq.{join}.s32 %pd, %ra, 1, {third};", a, 0, c));

    [Theory]
    [InlineData("selp.b32 %rd, %ra, %rb, %pc;", 1, 10)]
    [InlineData("selp.b32 %rd, %ra, %rb, %pc;", 0, 20)]
    [InlineData("selp.f32 %fd, %fa, %fb, %pc;", 0, 20)]
    [InlineData("selp.b64 %qd, 3, %qb, %pc;", 1, 3)]
    [InlineData("slct.b32.s32 %rd, %ra, %rb, %rc;", 0, 10)]
    [InlineData("slct.b32.s32 %rd, %ra, %rb, %rc;", Minus1, 20)]
    [InlineData("slct.f32.f32 %fd, %fa, %fb, %fc;", 0x8000_0000, 10)]
    [InlineData("slct.f32.f32 %fd, %fa, %fb, %fc;", NaN, 20)]
    [InlineData("slct.b32.f32 %rd, %ra, %rb, %fc;", 0x8000_0001, 20)]
    [InlineData("slct.ftz.b32.f32 %rd, %ra, %rb, %fc;", 0x8000_0001, 10)]
    public void Select_ByPredicateOrSign_TakesTheRightSide(string instruction, ulong c, ulong expected) =>
        Assert.Equal(expected, Evaluate(instruction, 10, 20, c));

    [Theory]
    [InlineData("mov.b32 %rd, %fa;", One, One)]
    [InlineData("mov.f32 %fd, 0f40000000;", 0, Two)]
    [InlineData("mov.u64 %qd, -1;", 0, ulong.MaxValue)]
    [InlineData("mov.u16 %hd, 0xffff;", 0, 0xffff)]
    [InlineData("mov.pred %pd, %pa;", 1, 1)]
    [InlineData("mov.pred %pd, 0;", 1, 0)]
    [InlineData("mov.pred %pd, -1;", 0, 1)]
    [InlineData("mov.b32 %rd, {%ha, %hb};", 0x1234, 0xabcd_1234)]
    [InlineData("mov.b64 %qd, {%ra, %rb};", 0x1234, 0xabcd_0000_1234)]
    [InlineData("mov.b64 %qd, {%ha, %hb, %hc, %ha};", 0x1234, 0x1234_0000_abcd_1234)]
    public void Move_OfEachKind_KeepsTheBits(string instruction, ulong a, ulong expected) =>
        Assert.Equal(expected, Evaluate(instruction, a, 0xabcd));

    [Fact]
    public void Move_ToParts_SplitsTheRegister() =>
        Assert.Equal(
            0x5678_1234ul, Evaluate("mov.b32 %rd, 0; mov.b32 {%ha, %hb}, %ra; mov.b32 %rd, {%hb, %ha};", 0x1234_5678));

    [Fact]
    public void Move_SpecialRegisters_AreThoseOfTheLane()
    {
        ulong[] a = new ulong[40];

        Assert.Equal([.. Enumerable.Range(0, 40).Select(i => (ulong)i)], EvaluateLanes("mov.u32 %rd, %tid.x;", a));
        Assert.Equal(
            [.. Enumerable.Range(0, 40).Select(i => (ulong)i % 32)], EvaluateLanes("mov.u32 %rd, %laneid;", a));
        Assert.Equal(
            [.. Enumerable.Range(0, 40).Select(i => (ulong)i / 32)], EvaluateLanes("mov.u32 %rd, %warpid;", a));
        Assert.Equal(40ul, EvaluateLanes("mov.u32 %rd, %ntid.x;", a)[7]);
        Assert.Equal(1ul, EvaluateLanes("mov.u32 %rd, %nctaid.x;", a)[7]);
        Assert.Equal(0ul, EvaluateLanes("mov.u32 %rd, %ctaid.x;", a)[7]);
        Assert.Equal(0x7ful, EvaluateLanes("mov.u32 %rd, %lanemask_lt;", a)[7]);
        Assert.Equal(0xffff_ff00ul, EvaluateLanes("mov.u32 %rd, %lanemask_gt;", a)[7]);
    }

    [Fact]
    public void Register_BeforeItsFirstWrite_IsNotZero() => Assert.Equal(0xcdcd_cdcdul, Evaluate("mov.b32 %rd, %rd;"));
}
