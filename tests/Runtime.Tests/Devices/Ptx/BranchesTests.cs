namespace Requant.Runtime.Tests.Devices.Ptx;

/// <summary>Branches that go nowhere or always one way, and what is known behind those that stay.</summary>
public class BranchesTests
{
    [Theory]
    [InlineData("bra.uni L_1;")]
    [InlineData("bra L_1;")]
    [InlineData("@%p1 bra L_1;")]
    [InlineData("@!%p1 bra L_1;\nL_2:")]
    public void Rewrite_BranchToWhatFollows_Goes(string branch)
    {
        string label = branch.Contains("L_2", StringComparison.Ordinal) ? "L_2:\n" : "";
        Body.AssertExact($"{branch}\nL_1:\nst.global.b32 [%rd1], %r1;", $"{label}L_1:\nst.global.b32 [%rd1], %r1;");
    }

    [Theory]
    [InlineData("@%p1", "@!%p1")]
    [InlineData("@!%p1", "@%p1")]
    public void Rewrite_BranchAroundABranch_IsThatOnTheOppositeCondition(
        string guard, string opposite) => Body.AssertExact(
        $"""
        {guard} bra L_1;
        bra L_2;
        L_1:
        st.global.b32 [%rd1], %r1;
        L_2:
        """,
        $"""
        {opposite} bra L_2;
        L_1:
        st.global.b32 [%rd1], %r1;
        L_2:
        """);

    [Theory]
    [InlineData("1", "@%p1")]
    [InlineData("0", "@!%p1")]
    public void Rewrite_BranchThatIsAlwaysTaken_LeavesNothingBehindIt(string value, string guard) => Body.AssertExact(
        $"""
        mov.pred %p1, {value};
        {guard} bra L_1;
        st.global.b32 [%rd1], %r1;
        L_1:
        st.global.b32 [%rd2], %r1;
        """,
        """
        L_1:
        st.global.b32 [%rd2], %r1;
        """);

    [Theory]
    [InlineData("0", "@%p1")]
    [InlineData("1", "@!%p1")]
    public void Rewrite_BranchThatIsNeverTaken_Goes(string value, string guard) => Body.AssertExact(
        $"""
        mov.pred %p1, {value};
        {guard} bra L_1;
        st.global.b32 [%rd1], %r1;
        L_1:
        st.global.b32 [%rd2], %r1;
        """,
        """
        st.global.b32 [%rd1], %r1;
        L_1:
        st.global.b32 [%rd2], %r1;
        """);

    [Fact]
    public void Rewrite_BranchOnAConditionThatMayHaveChanged_Stays() => Body.AssertUnchanged("""
        mov.pred %p1, 1;
        @%p2 setp.eq.s32 %p1, %r1, 0;
        @%p1 bra L_1;
        st.global.b32 [%rd1], %r1;
        L_1:
        st.global.b32 [%rd2], %r1;
        """);

    [Fact]
    public void Rewrite_SameOperationBehindTwoWaysFromOneBlock_IsDoneOnce() => Body.AssertExact(
        """
        ld.global.f32 %f1, [%rd1];
        mul.rn.f32 %f2, %f1, %f1;
        setp.lt.f32 %p1, %f1, %f2;
        @%p1 bra L_1;
        st.global.f32 [%rd1], %f2;
        L_1:
        mul.rn.f32 %f3, %f1, %f1;
        st.global.f32 [%rd2], %f3;
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

    /// <summary>On one of the ways the operand changes, or the result does.</summary>
    [Theory]
    [InlineData("%f1")]
    [InlineData("%f2")]
    public void Rewrite_SameOperationBehindAWayThatChangesARegister_Stays(string register) => Body.AssertUnchanged($"""
        ld.global.f32 %f1, [%rd1];
        mul.rn.f32 %f2, %f1, %f1;
        setp.lt.f32 %p1, %f1, %f2;
        @%p1 bra L_1;
        ld.global.f32 {register}, [%rd2];
        L_1:
        mul.rn.f32 %f3, %f1, %f1;
        st.global.f32 [%rd1], %f2;
        st.global.f32 [%rd2], %f3;
        """);

    /// <summary>The loop leads back to where the operand was read, not to where it is changed.</summary>
    [Fact]
    public void Rewrite_SameOperationInALoopThatChangesItsOperandLater_Stays() => Body.AssertUnchanged("""
        ld.global.f32 %f1, [%rd1];
        mul.rn.f32 %f2, %f1, %f1;
        L_1:
        mul.rn.f32 %f3, %f1, %f1;
        st.global.f32 [%rd2], %f3;
        add.rn.f32 %f1, %f1, %f2;
        setp.lt.f32 %p1, %f1, %f2;
        @%p1 bra L_1;
        """);

    [Fact]
    public void Rewrite_RegistersThatALoopOnlyHandsOn_Go() => Body.AssertExact(
        """
        mov.b64 %rd1, 0;
        mov.b32 %r1, 0;
        L_1:
        cvta.to.global.u64 %rd2, %rd1;
        add.s32 %r2, %r1, 1;
        setp.lt.s32 %p1, %r2, 9;
        st.global.b32 [%rd3], %r2;
        mov.b64 %rd1, %rd2;
        mov.b32 %r1, %r2;
        @%p1 bra L_1;
        """,
        """
        mov.b32 %r1, 0;
        L_1:
        add.s32 %r2, %r1, 1;
        setp.lt.s32 %p1, %r2, 9;
        st.global.b32 [%rd3], %r2;
        mov.b32 %r1, %r2;
        @%p1 bra L_1;
        """);
}
