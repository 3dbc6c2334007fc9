using Requant.Tests;

namespace Requant.Ptx.Tests.Instructions;

public class IntegerTests
{
    private const ulong Least32 = 0x8000_0000;
    private const ulong Minus1 = 0xffff_ffff;

    [Theory]
    [InlineData("add.u32 %rd, %ra, %rb;", 0xffff_fffful, 2, 0, 1)]
    [InlineData("add.s64 %qd, %qa, %qb;", ulong.MaxValue, 2, 0, 1)]
    [InlineData("add.u16 %hd, %ha, %hb;", 0xffff, 2, 0, 1)]
    [InlineData("sub.s32 %rd, %ra, %rb;", 1, 2, 0, Minus1)]
    [InlineData("sub.s32 %rd, %ra, -1;", 1, 0, 0, 2)]
    [InlineData("mul.lo.s32 %rd, %ra, %rb;", Minus1, 3, 0, 0xffff_fffd)]
    [InlineData("mul.hi.s32 %rd, %ra, %rb;", Minus1, 3, 0, Minus1)]
    [InlineData("mul.hi.u32 %rd, %ra, %rb;", Minus1, 3, 0, 2)]
    [InlineData("mul.hi.u64 %qd, %qa, %qb;", ulong.MaxValue, ulong.MaxValue, 0, ulong.MaxValue - 1)]
    [InlineData("mul.hi.s64 %qd, %qa, %qb;", ulong.MaxValue, 5, 0, ulong.MaxValue)]
    [InlineData("mul.wide.u32 %qd, %ra, %rb;", Minus1, Minus1, 0, 0xffff_fffe_0000_0001)]
    [InlineData("mul.wide.s32 %qd, %ra, %rb;", Minus1, 4, 0, 0xffff_ffff_ffff_fffc)]
    [InlineData("mul.wide.s16 %rd, %ha, %hb;", 0xffff, 4, 0, 0xffff_fffc)]
    [InlineData("mad.lo.u64 %qd, %qa, 4, %qb;", 5, 100, 0, 120)]
    [InlineData("mad.lo.s32 %rd, %ra, %rb, %rc;", Minus1, 3, 5, 2)]
    [InlineData("mad.hi.u32 %rd, %ra, %rb, %rc;", Minus1, 3, 5, 7)]
    [InlineData("mad.wide.u32 %qd, %ra, %rb, %qc;", Minus1, 2, 2, 0x2_0000_0000)]
    [InlineData("div.s32 %rd, %ra, %rb;", 0xffff_fff9, 2, 0, 0xffff_fffd)]
    [InlineData("div.u32 %rd, %ra, %rb;", 0xffff_fff9, 2, 0, 0x7fff_fffc)]
    [InlineData("div.s64 %qd, %qa, %qb;", 100, 0xffff_ffff_ffff_fff9, 0, 0xffff_ffff_ffff_fff2)]
    [InlineData("rem.s32 %rd, %ra, %rb;", 0xffff_fff9, 2, 0, Minus1)]
    [InlineData("rem.u16 %hd, %ha, %hb;", 0xfff9, 10, 0, 9)]
    [InlineData("min.s32 %rd, %ra, %rb;", Minus1, 1, 0, Minus1)]
    [InlineData("min.u32 %rd, %ra, %rb;", Minus1, 1, 0, 1)]
    [InlineData("max.s64 %qd, %qa, %qb;", ulong.MaxValue, 1, 0, 1)]
    [InlineData("max.u16 %hd, %ha, %hb;", 0x8000, 1, 0, 0x8000)]
    [InlineData("abs.s32 %rd, %ra;", Minus1, 0, 0, 1)]
    [InlineData("abs.s32 %rd, %ra;", Least32, 0, 0, Least32)]
    [InlineData("neg.s16 %hd, %ha;", 1, 0, 0, 0xffff)]
    [InlineData("shr.s32 %rd, %ra, %rb;", Least32, 4, 0, 0xf800_0000)]
    [InlineData("shr.s32 %rd, %ra, %rb;", Least32, 32, 0, Minus1)]
    [InlineData("shr.s32 %rd, %ra, %rb;", 1, Minus1, 0, 0)]
    [InlineData("shr.s64 %qd, %qa, 63;", 0x8000_0000_0000_0000, 0, 0, ulong.MaxValue)]
    [InlineData("shr.u32 %rd, %ra, %rb;", Least32, 31, 0, 1)]
    [InlineData("shr.u32 %rd, %ra, %rb;", Least32, 32, 0, 0)]
    [InlineData("shr.b64 %qd, %qa, 64;", ulong.MaxValue, 0, 0, 0)]
    [InlineData("shr.s16 %hd, %ha, 15;", 0x8000, 0, 0, 0xffff)]
    [InlineData("shl.b32 %rd, %ra, %rb;", 3, 31, 0, Least32)]
    [InlineData("shl.b32 %rd, %ra, %rb;", 3, 32, 0, 0)]
    [InlineData("shl.b32 %rd, %ra, %rb;", 3, Minus1, 0, 0)]
    [InlineData("shl.b16 %hd, %ha, 8;", 0x1234, 0, 0, 0x3400)]
    [InlineData("bfe.u32 %rd, %ra, %rb, %rc;", 0xabcd_ef01, 8, 8, 0xef)]
    [InlineData("bfe.s32 %rd, %ra, %rb, %rc;", 0xabcd_ef01, 8, 8, 0xffff_ffef)]
    [InlineData("bfe.s32 %rd, %ra, %rb, %rc;", 0x8000_0000, 28, 16, 0xffff_fff8)]
    [InlineData("bfe.u32 %rd, %ra, %rb, %rc;", Minus1, 40, 8, 0)]
    [InlineData("bfe.s32 %rd, %ra, %rb, %rc;", Minus1, 40, 8, Minus1)]
    [InlineData("bfe.s32 %rd, %ra, %rb, %rc;", Minus1, 4, 0, 0)]
    [InlineData("bfe.u64 %qd, %qa, %rb, %rc;", 0xabcd_0000_0000_0000, 48, 16, 0xabcd)]
    [InlineData("bfe.s64 %qd, %qa, %rb, %rc;", 0x8000_0000_0000_0000, 0, 64, 0x8000_0000_0000_0000)]
    public void Integer_Evaluated_IsWhatPtxDefines(string instruction, ulong a, ulong b, ulong c, ulong expected) =>
        Assert.Equal(expected, Evaluation.Evaluate(instruction, a, b, c));

    [Theory]
    [InlineData("and.b32 %rd, %ra, %rb;", 0b1100, 0b1010, 0, 0b1000)]
    [InlineData("or.b64 %qd, %qa, %qb;", 0b1100, 0b1010, 0, 0b1110)]
    [InlineData("xor.b16 %hd, %ha, %hb;", 0b1100, 0b1010, 0, 0b0110)]
    [InlineData("not.b16 %hd, %ha;", 0, 0, 0, 0xffff)]
    [InlineData("not.b32 %rd, %ra;", 0xffff_0000, 0, 0, 0xffff)]
    [InlineData("and.pred %pd, %pa, %pb;", 1, 0, 0, 0)]
    [InlineData("or.pred %pd, %pa, %pb;", 1, 0, 0, 1)]
    [InlineData("xor.pred %pd, %pa, %pb;", 1, 1, 0, 0)]
    [InlineData("not.pred %pd, %pa;", 0, 0, 0, 1)]
    [InlineData("popc.b32 %rd, %ra;", 0xf00f, 0, 0, 8)]
    [InlineData("popc.b64 %rd, %qa;", ulong.MaxValue, 0, 0, 64)]
    [InlineData("clz.b32 %rd, %ra;", 0x0001_0000, 0, 0, 15)]
    [InlineData("clz.b32 %rd, %ra;", 0, 0, 0, 32)]
    [InlineData("clz.b64 %rd, %qa;", 1, 0, 0, 63)]
    [InlineData("brev.b32 %rd, %ra;", 0x0000_0003, 0, 0, 0xc000_0000)]
    [InlineData("brev.b64 %qd, %qa;", 1, 0, 0, 0x8000_0000_0000_0000)]
    [InlineData("prmt.b32 %rd, %ra, %rb, %rc;", 0x3322_1100, 0x7766_5544, 0x7531, 0x7755_3311)]
    [InlineData("prmt.b32 %rd, %ra, %rb, 0x4198;", 0x3322_1180, 0x7766_5544, 0, 0x4411_00ff)]
    [InlineData("prmt.b32 %rd, %ra, %rb, 0xfbfb;", 0x8000_0000, 0x7fff_ffff, 0, 0x00ff_00ff)]
    [InlineData("prmt.b32 %rd, %ra, 0, 47768;", 0x7f80_ff00, 0, 0, 0x00ff_ff00)]
    [InlineData("prmt.b32 %rd, %ra, 0, 0x4140;", 0x3322_1180, 0, 0, 0x0011_0080)]
    [InlineData("shf.l.clamp.b32 %rd, %ra, %rb, %rc;", 0x8000_0001, 0x1, 4, 0x18)]
    [InlineData("shf.l.clamp.b32 %rd, %ra, %rb, %rc;", 0x1234_5678, 0x1, 40, 0x1234_5678)]
    [InlineData("shf.l.wrap.b32 %rd, %ra, %rb, %rc;", 0x1234_5678, 0x1, 32, 1)]
    [InlineData("shf.r.clamp.b32 %rd, %ra, %rb, %rc;", 0x10, 0x3, 4, 0x3000_0001)]
    [InlineData("shf.r.clamp.b32 %rd, %ra, %rb, %rc;", 0x10, 0x3, 99, 3)]
    [InlineData("shf.r.wrap.b32 %rd, %ra, %rb, %rc;", 0x10, 0x3, 36, 0x3000_0001)]
    [InlineData("lop3.b32 %rd, %ra, %rb, %rc, 0xca;", 0xffff_0000, 0x1234_5678, 0x8765_4321, 0x1234_4321)]
    [InlineData("lop3.b32 %rd, %ra, %rb, %rc, 0x96;", 0b0101, 0b0011, 0b1111, 0b1001)]
    public void Bits_Evaluated_IsWhatPtxDefines(string instruction, ulong a, ulong b, ulong c, ulong expected) =>
        Assert.Equal(expected, Evaluation.Evaluate(instruction, a, b, c));

    [Theory]
    [InlineData("div.u32 %rd, %ra, %rb;", 1, 0)]
    [InlineData("rem.s64 %qd, %qa, %qb;", 1, 0)]
    [InlineData("div.s32 %rd, %ra, %rb;", Least32, Minus1)]
    public void Division_WithoutADefinedResult_IsAnErrorThatNamesIt(string instruction, ulong a, ulong b)
    {
        PtxException error = Assert.Throws<PtxException>(() => Evaluation.Evaluate(instruction, a, b));

        Assert.Equal(instruction.TrimEnd(';'), error.Text);
        Assert.Contains("leaves the result open", error.Message, StringComparison.Ordinal);
    }
}
