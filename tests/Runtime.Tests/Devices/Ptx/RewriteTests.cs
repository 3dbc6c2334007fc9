namespace Requant.Runtime.Tests.Devices.Ptx;

/// <summary>What is rewritten in small kernels, and what must stay.</summary>
public class RewriteTests
{
    [Fact]
    public void Rewrite_MultiplicationBy1_IsAnAddition() => Body.AssertExact(
        """
        ld.param.b64 %rd1, [p];
        ld.param.b64 %rd2, [p+8];
        mad.lo.u64 %rd3, %rd1, 1, %rd2;
        st.global.b64 [%rd3], %rd1;
        """,
        """
        ld.param.b64 %rd1, [p];
        ld.param.b64 %rd2, [p+8];
        add.u64 %rd3, %rd1, %rd2;
        st.global.b64 [%rd3], %rd1;
        """);

    [Fact]
    public void Rewrite_MultiplicationBy2_Stays() => Body.AssertUnchanged("""
        ld.param.b64 %rd1, [p];
        mad.lo.u64 %rd3, %rd1, 2, %rd1;
        st.global.b64 [%rd3], %rd1;
        """);

    [Fact]
    public void Rewrite_ConstantBehindAnAddress_GoesIntoTheOperand() => Body.AssertExact(
        """
        ld.param.b64 %rd1, [p];
        ld.param.b64 %rd2, [p+8];
        add.s64 %rd3, %rd1, %rd2;
        ld.global.v4.f32 {%f1, %f2, %f3, %f4}, [%rd3];
        add.s64 %rd4, %rd1, 512;
        mad.lo.u64 %rd5, %rd4, 1, %rd2;
        st.global.v4.f32 [%rd5], {%f1, %f2, %f3, %f4};
        """,
        """
        ld.param.b64 %rd1, [p];
        ld.param.b64 %rd2, [p+8];
        add.s64 %rd3, %rd1, %rd2;
        ld.global.v4.f32 {%f1, %f2, %f3, %f4}, [%rd3];
        st.global.v4.f32 [%rd3+512], {%f1, %f2, %f3, %f4};
        """);

    [Theory]
    [InlineData("-8")]
    [InlineData("8388608")]
    [InlineData("9223372036854775807")]
    public void Rewrite_ConstantThatAddressesHaveNoRoomFor_Stays(string constant) => Body.AssertUnchanged($"""
        ld.param.b64 %rd1, [p];
        add.s64 %rd2, %rd1, {constant};
        st.global.b64 [%rd2], %rd1;
        """);

    [Fact]
    public void Rewrite_AddressWhoseStartIsOverwritten_Stays() => Body.AssertUnchanged("""
        ld.param.b64 %rd1, [p];
        add.s64 %rd2, %rd1, 512;
        ld.global.b64 %rd1, [%rd1];
        st.global.b64 [%rd2], %rd1;
        """);

    [Fact]
    public void Rewrite_SumIn32Bits_IsNoAddress() => Body.AssertUnchanged("""
        ld.param.b32 %r1, [p];
        add.s32 %r2, %r1, 8;
        cvt.s64.s32 %rd1, %r2;
        st.global.b32 [%rd1], %r1;
        """);

    [Fact]
    public void Rewrite_SameOperationTwice_IsDoneOnce() => Body.AssertExact(
        """
        ld.global.f32 %f1, [%rd1];
        mul.f32 %f2, %f1, %f1;
        mul.f32 %f3, %f1, %f1;
        add.f32 %f4, %f2, %f3;
        st.global.f32 [%rd1], %f4;
        """,
        """
        ld.global.f32 %f1, [%rd1];
        mul.rn.f32 %f2, %f1, %f1;
        add.rn.f32 %f4, %f2, %f2;
        st.global.f32 [%rd1], %f4;
        """);

    [Theory]
    [InlineData("mul.rn.f32 %f3, %f1, %f2;", "mul.rn.f32 %f4, %f2, %f1;")]
    [InlineData("add.rn.f32 %f3, %f1, %f2;", "sub.rn.f32 %f4, %f1, %f2;")]
    [InlineData("ld.global.f32 %f3, [%rd1];", "ld.global.f32 %f4, [%rd1];")]
    [InlineData("shfl.sync.bfly.b32 %f3, %f1, 16, 31, 4294967295;", "shfl.sync.bfly.b32 %f4, %f1, 16, 31, 4294967295;")]
    public void Rewrite_OperationsThatAreNotTheSame_Stay(string first, string second) => Body.AssertUnchanged($"""
        ld.global.f32 %f1, [%rd1];
        ld.global.f32 %f2, [%rd1+4];
        {first}
        {second}
        st.global.f32 [%rd1], %f3;
        st.global.f32 [%rd1], %f4;
        """);

    [Fact]
    public void Rewrite_SameOperationOfAChangedOperand_Stays() => Body.AssertUnchanged("""
        ld.global.f32 %f1, [%rd1];
        mul.rn.f32 %f2, %f1, %f1;
        ld.global.f32 %f1, [%rd2];
        mul.rn.f32 %f3, %f1, %f1;
        st.global.f32 [%rd1], %f2;
        st.global.f32 [%rd1], %f3;
        """);

    [Fact]
    public void Rewrite_SameOperationBehindALabelThatOthersLeadTo_Stays() => Body.AssertUnchanged("""
        ld.global.f32 %f1, [%rd1];
        mul.rn.f32 %f2, %f1, %f1;
        L_1:
        mul.rn.f32 %f3, %f1, %f1;
        ld.global.f32 %f1, [%rd2];
        st.global.f32 [%rd1], %f2;
        st.global.f32 [%rd1], %f3;
        setp.lt.f32 %p1, %f1, %f3;
        @%p1 bra L_1;
        """);

    [Fact]
    public void Rewrite_SameOperationWhereOnlyOneWayLeads_IsDoneOnce() => Body.AssertExact(
        """
        ld.global.f32 %f1, [%rd1];
        mul.rn.f32 %f2, %f1, %f1;
        setp.lt.f32 %p1, %f1, %f2;
        @%p1 bra L_1;
        mul.rn.f32 %f3, %f1, %f1;
        st.global.f32 [%rd1], %f3;
        L_1:
        st.global.f32 [%rd2], %f2;
        """,
        """
        ld.global.f32 %f1, [%rd1];
        mul.rn.f32 %f2, %f1, %f1;
        setp.lt.f32 %p1, %f1, %f2;
        @%p1 bra L_1;
        st.global.f32 [%rd1], %f2;
        L_1:
        st.global.f32 [%rd2], %f2;
        """);

    [Fact]
    public void Rewrite_GuardedWrite_IsNoDuplicateAndKillsNothing() => Body.AssertUnchanged("""
        ld.global.f32 %f1, [%rd1];
        setp.lt.f32 %p1, %f1, 0f00000000;
        neg.f32 %f2, %f1;
        @%p1 mul.rn.f32 %f2, %f1, %f1;
        mul.rn.f32 %f3, %f1, %f1;
        st.global.f32 [%rd1], %f2;
        st.global.f32 [%rd1], %f3;
        """);

    [Fact]
    public void Rewrite_ResultThatNothingReads_GoesWithWhatOnlyItRead() => Body.AssertExact(
        """
        ld.global.f32 %f1, [%rd1];
        mul.rn.f32 %f2, %f1, %f1;
        sqrt.rn.f32 %f3, %f2;
        ld.global.f32 %f4, [%rd2];
        """,
        """
        ld.global.f32 %f1, [%rd1];
        ld.global.f32 %f4, [%rd2];
        """);

    [Fact]
    public void Rewrite_ResultThatALoopReads_Stays() => Body.AssertUnchanged("""
        mov.b32 %r1, 0;
        L_1:
        add.s32 %r2, %r1, 1;
        mov.b32 %r1, %r2;
        setp.lt.s32 %p1, %r2, 9;
        st.global.b32 [%rd1], %r2;
        @%p1 bra L_1;
        """);

    [Fact]
    public void Rewrite_IndexTimesSize_IsAddedInOneGo() => Body.AssertExact(
        """
        ld.param.b64 %rd1, [p];
        mul.wide.u32 %rd2, %r1, 4;
        add.u64 %rd3, %rd1, %rd2;
        ld.shared.f32 %f1, [%rd3];
        st.global.f32 [%rd1], %f1;
        """,
        """
        ld.param.b64 %rd1, [p];
        mad.wide.u32 %rd3, %r1, 4, %rd1;
        ld.shared.f32 %f1, [%rd3];
        st.global.f32 [%rd1], %f1;
        """);

    [Theory]
    [InlineData("st.global.b64 [%rd1], %rd2;", "")]
    [InlineData("", "st.global.b64 [%rd1], %rd2;")]
    [InlineData("ld.global.b32 %r1, [%rd1];", "")]
    public void Rewrite_IndexTimesSizeThatIsReadElsewhereOrWhoseIndexChanges_Stays(
        string between, string behind) => Body.AssertUnchanged($"""
        mul.wide.u32 %rd2, %r1, 4;
        {between}
        add.u64 %rd3, %rd1, %rd2;
        ld.shared.f32 %f1, [%rd3];
        st.global.f32 [%rd1], %f1;
        {behind}
        """);

    [Fact]
    public void Rewrite_IndexTimesSizeThatALaterBlockReads_Stays() => Body.AssertUnchanged("""
        mul.wide.u32 %rd2, %r1, 4;
        add.u64 %rd3, %rd1, %rd2;
        ld.shared.f32 %f1, [%rd3];
        L_1:
        st.global.f32 [%rd2], %f1;
        ld.global.f32 %f1, [%rd2];
        setp.lt.f32 %p1, %f1, 0f00000000;
        @%p1 bra L_1;
        """);

    [Theory]
    [InlineData("@%p1 bra.uni L_1;", "@%p1 bra L_1;")]
    [InlineData("@!%p1 bra.uni L_1;", "@!%p1 bra L_1;")]
    [InlineData("bra.uni L_1;", "bra.uni L_1;")]
    public void Rewrite_GuardedBranch_PromisesNothing(string branch, string expected) => Body.AssertExact(
        $"""
        L_1:
        st.global.b32 [%rd1], %r1;
        {branch}
        """,
        $"""
        L_1:
        st.global.b32 [%rd1], %r1;
        {expected}
        """);

    [Theory]
    [InlineData("call.uni helper;")]
    [InlineData("{ .reg .b32 %r9; }")]
    [InlineData("frobnicate.b32 %r1, %r2;")]
    [InlineData("bra L_nowhere;")]
    [InlineData("setp.lt.s32 %p1|%p2, %r1, %r2;")]
    [InlineData("mov.b32 %r1, %r2; mov.b32 %r3, %r4;")]
    public void Rewrite_TextWithSomethingUnknown_IsOnlyRounded(string line) => Body.AssertExact(
        $"""
        {line}
        mul.f32 %f1, %f2, %f3;
        @%p1 bra.uni L_1;
        L_1:
        """,
        $"""
        {line}
        mul.rn.f32 %f1, %f2, %f3;
        @%p1 bra L_1;
        L_1:
        """);
}
