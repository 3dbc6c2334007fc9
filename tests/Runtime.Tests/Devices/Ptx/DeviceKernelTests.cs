namespace Requant.Runtime.Tests.Devices.Ptx;

/// <summary>What is rewritten in kernels for devices alone: their memory begins at 0, and their groups have
/// 256 threads.</summary>
public class DeviceKernelTests
{
    private const string Maximum = """
        ld.global.b32 %r0, [%rd1];
        shfl.sync.bfly.b32 %r1, %r0, 16, 31, 4294967295;
        max.u32 %r2, %r0, %r1;
        shfl.sync.bfly.b32 %r3, %r2, 8, 31, 4294967295;
        max.u32 %r4, %r2, %r3;
        shfl.sync.bfly.b32 %r5, %r4, 4, 31, 4294967295;
        max.u32 %r6, %r5, %r4;
        shfl.sync.bfly.b32 %r7, %r6, 2, 31, 4294967295;
        max.u32 %r8, %r6, %r7;
        shfl.sync.bfly.b32 %r9, %r8, 1, 31, 4294967295;
        max.u32 %r10, %r8, %r9;
        st.global.b32 [%rd2], %r10;
        """;

    [Fact]
    public void Rewrite_MaximumOfAWarp_IsOneInstruction() => Body.AssertExact(Maximum, """
        ld.global.b32 %r0, [%rd1];
        redux.sync.max.u32 %r10, %r0, 4294967295;
        st.global.b32 [%rd2], %r10;
        """);

    [Theory]
    [InlineData("%r4, 4, 31", "%r4, 3, 31")]
    [InlineData("max.u32 %r6", "max.s32 %r6")]
    [InlineData("%r5, %r4", "%r5, %r2")]
    [InlineData("%r8, 1, 31, 4294967295", "%r8, 1, 31, 65535")]
    [InlineData("[%rd2], %r10", "[%rd2], %r10;\nst.global.b32 [%rd2+4], %r6")]
    [InlineData("[%rd2], %r10", "[%rd2], %r10;\nst.global.b32 [%rd2+4], %r7")]
    public void Rewrite_AlmostTheMaximumOfAWarp_Stays(string text, string other) =>
        Body.AssertWithout("redux", Maximum.Replace(text, other, StringComparison.Ordinal));

    [Fact]
    public void Rewrite_MaximumOfAWarpBefore80_Stays() => Body.AssertUnchanged(Maximum, "sm_75");

    [Fact]
    public void Rewrite_PositionOfMemory_IsAnAddress() => Body.AssertDevice(
        """
        ld.param.b64 %rd1, [p];
        cvta.to.global.u64 %rd2, %rd1;
        ld.param.b64 %rd3, [p+8];
        mad.lo.u64 %rd4, %rd3, 1, %rd2;
        st.global.b64 [%rd4], %rd3;
        """,
        """
        ld.param.b64 %rd1, [p];
        ld.param.b64 %rd3, [p+8];
        st.global.b64 [%rd3], %rd3;
        """);

    [Fact]
    public void Rewrite_BaseThatALoopHandsOn_IsTakenOutToo()
    {
        string[] lines = Body.RewriteDevice("""
            ld.param.b64 %rd1, [p];
            cvta.to.global.u64 %rd2, %rd1;
            mov.b64 %rd3, 0;
            LOOP:
            ld.param.b64 %rd5, [p+8];
            add.u64 %rd4, %rd5, %rd3;
            ld.global.b32 %r1, [%rd4];
            mov.b64 %rd3, %rd2;
            setp.eq.s32 %p1, %r1, 0;
            @%p1 bra LOOP;
            """);

        Assert.Contains("ld.global.b32 %r1, [%rd5];", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("add", StringComparison.Ordinal));
    }

    [Fact]
    public void Rewrite_BaseThatALoopChanges_Stays()
    {
        string[] lines = Body.RewriteDevice("""
            ld.param.b64 %rd1, [p];
            mov.b64 %rd3, %rd1;
            LOOP:
            ld.param.b64 %rd5, [p+8];
            add.u64 %rd4, %rd5, %rd3;
            ld.global.b32 %r1, [%rd4];
            add.u64 %rd3, %rd3, 4;
            setp.eq.s32 %p1, %r1, 0;
            @%p1 bra LOOP;
            """);

        Assert.Contains("add.u64 %rd4, %rd5, %rd3;", lines);
    }

    [Fact]
    public void Rewrite_SameTextOfAnotherKernel_KeepsItsBase() => Body.AssertUnchanged("""
        ld.param.b64 %rd1, [p];
        ld.param.b64 %rd3, [p+8];
        add.u64 %rd4, %rd3, %rd1;
        st.global.b64 [%rd4], %rd3;
        """);

    [Fact]
    public void Rewrite_ThreadAndLane_AreReadOnce() => Body.AssertDevice(
        """
        mov.b32 %r1, %tid.x;
        and.b32 %r2, %r1, 31;
        mov.b32 %r3, %ntid.x;
        st.global.b32 [%rd1], %r1;
        st.global.b32 [%rd1], %r2;
        st.global.b32 [%rd1], %r3;
        """,
        """
        .reg .b32 %mi<2>;
        mov.u32 %mi0, %tid.x;
        and.b32 %mi1, %mi0, 31;
        mov.b32 %r1, %mi0;
        mov.b32 %r2, %mi1;
        mov.b32 %r3, 256;
        st.global.b32 [%rd1], %r1;
        st.global.b32 [%rd1], %r2;
        st.global.b32 [%rd1], %r3;
        """);

    [Fact]
    public void Rewrite_ScaledIndexOfTwoAddresses_IsMultipliedTwice() => Body.AssertDevice(
        """
        cvt.u64.u32 %rd3, %r1;
        shl.b64 %rd4, %rd3, 4;
        add.s64 %rd5, %rd1, %rd4;
        add.s64 %rd6, %rd4, %rd2;
        st.global.b64 [%rd5], %rd6;
        """,
        """
        .reg .b32 %ms<9>;
        mov.u32 %ms8, %ntid.x;
        shr.u32 %ms4, %ms8, 4;
        mad.wide.u32 %rd5, %r1, %ms4, %rd1;
        mad.wide.u32 %rd6, %r1, %ms4, %rd2;
        st.global.b64 [%rd5], %rd6;
        """);

    [Theory]
    [InlineData("cvt.u64.u32 %rd3, %r1;", "cvt.s64.s32 %rd3, %r1;")]
    [InlineData("shl.b64 %rd4, %rd3, 4;", "shl.b64 %rd4, %rd3, 9;")]
    [InlineData("shl.b64 %rd4, %rd3, 4;", "shl.b64 %rd4, %rd3, 4;\nld.global.b32 %r1, [%rd1];")]
    public void Rewrite_OtherIndices_StayAsTheyAre(string text, string other) => Assert.DoesNotContain(
        Body.RewriteDevice("""
            cvt.u64.u32 %rd3, %r1;
            shl.b64 %rd4, %rd3, 4;
            add.s64 %rd5, %rd1, %rd4;
            st.global.b32 [%rd5], %r1;
            """.Replace(text, other, StringComparison.Ordinal)),
        line => line.StartsWith("mad.wide", StringComparison.Ordinal));
}
