namespace Requant.Runtime.Tests.Devices.Ptx;

/// <summary>Which pairs are rounded to 16 bits in one instruction.</summary>
public class NarrowingTests
{
    private const string BFloat16 = """
        ld.global.v2.f32 {%f1, %f2}, [%rd1];
        mov.b32 %r1, %f1;
        add.s32 %r2, %r1, 32767;
        shr.u32 %r3, %r1, 16;
        and.b32 %r4, %r3, 1;
        add.s32 %r5, %r2, %r4;
        and.b32 %r14, %r1, 2147483647;
        setp.hi.u32 %p1, %r14, 2139095040;
        or.b32 %r15, %r1, 4194304;
        selp.b32 %r16, %r15, %r5, %p1;
        shr.u32 %r6, %r16, 16;
        mov.b32 %r7, %f2;
        add.s32 %r8, %r7, 32767;
        shr.u32 %r9, %r7, 16;
        and.b32 %r10, %r9, 1;
        add.s32 %r11, %r8, %r10;
        and.b32 %r17, %r7, 2147483647;
        setp.hi.u32 %p2, %r17, 2139095040;
        or.b32 %r18, %r7, 4194304;
        selp.b32 %r19, %r18, %r11, %p2;
        and.b32 %r12, %r19, 4294901760;
        or.b32 %r13, %r6, %r12;
        st.global.b32 [%rd2], %r13;
        """;

    private const string Float16 = """
        ld.global.v2.f32 {%f1, %f2}, [%rd1];
        cvt.rn.f16.f32 %rs1, %f1;
        cvt.s32.u16 %r1, %rs1;
        cvt.rn.f16.f32 %rs2, %f2;
        cvt.s32.u16 %r2, %rs2;
        shl.b32 %r3, %r2, 16;
        or.b32 %r4, %r1, %r3;
        st.global.b32 [%rd2], %r4;
        """;

    [Fact]
    public void Rewrite_TwoBFloat16RoundedWithIntegers_AreOneConversion() => Body.AssertExact(BFloat16, """
        ld.global.v2.f32 {%f1, %f2}, [%rd1];
        cvt.rn.bf16x2.f32 %r13, %f2, %f1;
        st.global.b32 [%rd2], %r13;
        """);

    [Fact]
    public void Rewrite_TwoFloat16_AreOneConversion() => Body.AssertExact(Float16, """
        ld.global.v2.f32 {%f1, %f2}, [%rd1];
        cvt.rn.f16x2.f32 %r4, %f2, %f1;
        st.global.b32 [%rd2], %r4;
        """);

    [Theory]
    [InlineData("%r3, %r1, 16", "%r3, %r1, 15")]
    [InlineData("%r4, %r3, 1", "%r4, %r3, 3")]
    [InlineData("%r2, %r1, 32767", "%r2, %r1, 32768")]
    [InlineData("%r9, %r7, 16", "%r9, %r1, 16")]
    [InlineData("%r14, 2139095040", "%r14, 2139095039")]
    [InlineData("%r14, %r1, 2147483647", "%r14, %r7, 2147483647")]
    [InlineData("%r15, %r1, 4194304", "%r15, %r1, 8388608")]
    [InlineData("%r18, %r7, 4194304", "%r18, %r1, 4194304")]
    [InlineData("%r16, %r15, %r5, %p1", "%r16, %r5, %r15, %p1")]
    [InlineData("mov.b32 %r7, %f2;", "ld.global.b32 %r7, [%rd1+4];")]
    [InlineData("or.b32 %r13", "ld.global.f32 %f2, [%rd3];\nst.global.f32 [%rd2+4], %f2;\nor.b32 %r13")]
    public void Rewrite_AlmostThatOfBFloat16_IsNoConversion(string text, string other) =>
        Body.AssertWithout("bf16x2", BFloat16.Replace(text, other, StringComparison.Ordinal));

    [Theory]
    [InlineData("cvt.s32.u16 %r1", "cvt.s32.s16 %r1")]
    [InlineData("%r3, %r2, 16", "%r3, %r2, 15")]
    public void Rewrite_AlmostThatOfFloat16_Stays(string text, string other) =>
        Body.AssertUnchanged(Float16.Replace(text, other, StringComparison.Ordinal));

    [Fact]
    public void Rewrite_ForADeviceWithoutPairs_RoundsOneByOne() => Body.AssertUnchanged(Float16, "sm_75");
}
