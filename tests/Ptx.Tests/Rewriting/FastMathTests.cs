namespace Requant.Ptx.Tests.Rewriting;

/// <summary>What <see cref="Precision.Fast"/> changes in small kernels.</summary>
public class FastMathTests
{
    [Theory]
    [InlineData("div.rn.f32 %f2, %f1, %f1;", "div.full.f32 %f2, %f1, %f1;")]
    [InlineData("sqrt.rn.f32 %f2, %f1;", "sqrt.approx.f32 %f2, %f1;")]
    [InlineData("rcp.rn.f32 %f2, %f1;", "rcp.approx.f32 %f2, %f1;")]
    [InlineData("mul.f32 %f2, %f1, %f1;", "mul.rn.f32 %f2, %f1, %f1;")]
    public void Fast_OneOperation_IsApproximateOrRounded(string operation, string expected) => Body.AssertFast(
        $"""
        ld.global.f32 %f1, [%rd1];
        {operation}
        st.global.f32 [%rd1], %f2;
        """,
        $"""
        ld.global.f32 %f1, [%rd1];
        {expected}
        st.global.f32 [%rd1], %f2;
        """);

    [Theory]
    [InlineData("add.f32 %f4, %f3, %f2;", "fma.rn.f32 %f4, %f1, 0f40000000, %f2;")]
    [InlineData("add.f32 %f4, %f2, %f3;", "fma.rn.f32 %f4, %f1, 0f40000000, %f2;")]
    [InlineData("sub.f32 %f4, %f3, %f2;", "neg.f32 %f3, %f2; fma.rn.f32 %f4, %f1, 0f40000000, %f3;")]
    [InlineData("sub.f32 %f4, %f2, %f3;", "neg.f32 %f3, %f1; fma.rn.f32 %f4, %f3, 0f40000000, %f2;")]
    public void Fast_ProductThatOneSumUses_IsFused(string sum, string expected) => Body.AssertFast(
        $"""
        ld.global.f32 %f1, [%rd1];
        ld.global.f32 %f2, [%rd1+4];
        mul.f32 %f3, %f1, 0f40000000;
        {sum}
        st.global.f32 [%rd1], %f4;
        """,
        $"""
        ld.global.f32 %f1, [%rd1];
        ld.global.f32 %f2, [%rd1+4];
        {expected.Replace("; ", ";\n", StringComparison.Ordinal)}
        st.global.f32 [%rd1], %f4;
        """);

    [Fact]
    public void Fast_ProductWithTwoUses_IsRounded() => Body.AssertFast(
        """
        ld.global.f32 %f1, [%rd1];
        mul.f32 %f3, %f1, %f1;
        add.f32 %f4, %f3, %f1;
        st.global.f32 [%rd1], %f3;
        st.global.f32 [%rd1], %f4;
        """,
        """
        ld.global.f32 %f1, [%rd1];
        mul.rn.f32 %f3, %f1, %f1;
        add.rn.f32 %f4, %f3, %f1;
        st.global.f32 [%rd1], %f3;
        st.global.f32 [%rd1], %f4;
        """);

    [Fact]
    public void Fast_SumOfTwoProducts_FusesOneOfThem() => Body.AssertFast(
        """
        ld.global.f32 %f1, [%rd1];
        mul.f32 %f2, %f1, 0f40000000;
        mul.f32 %f3, %f1, 0f40400000;
        add.f32 %f4, %f2, %f3;
        st.global.f32 [%rd1], %f4;
        """,
        """
        ld.global.f32 %f1, [%rd1];
        mul.rn.f32 %f3, %f1, 0f40400000;
        fma.rn.f32 %f4, %f1, 0f40000000, %f3;
        st.global.f32 [%rd1], %f4;
        """);

    /// <summary>The loop over blocks is fast, and a loop over elements in it is exact.</summary>
    [Fact]
    public void Fast_LoopInALoop_IsExact() => Body.AssertFast(
        """
        L_1:
        ld.global.f32 %f1, [%rd1];
        sqrt.rn.f32 %f2, %f1;
        L_2:
        ld.global.f32 %f3, [%rd2];
        sqrt.rn.f32 %f4, %f3;
        mul.f32 %f5, %f4, %f4;
        add.f32 %f6, %f5, %f2;
        st.global.f32 [%rd2], %f6;
        setp.lt.f32 %p1, %f6, %f2;
        @%p1 bra L_2;
        @%p2 bra L_1;
        """,
        """
        L_1:
        ld.global.f32 %f1, [%rd1];
        sqrt.approx.f32 %f2, %f1;
        L_2:
        ld.global.f32 %f3, [%rd2];
        sqrt.rn.f32 %f4, %f3;
        mul.rn.f32 %f5, %f4, %f4;
        add.rn.f32 %f6, %f5, %f2;
        st.global.f32 [%rd2], %f6;
        setp.lt.f32 %p1, %f6, %f2;
        @%p1 bra L_2;
        @%p2 bra L_1;
        """);

    [Fact]
    public void Fast_LoopEnteredAtTwoPlaces_IsExact() => Body.AssertFast(
        """
        @%p1 bra L_2;
        L_1:
        ld.global.f32 %f1, [%rd1];
        sqrt.rn.f32 %f2, %f1;
        st.global.f32 [%rd1], %f2;
        L_2:
        @%p2 bra L_1;
        """,
        """
        @%p1 bra L_2;
        L_1:
        ld.global.f32 %f1, [%rd1];
        sqrt.rn.f32 %f2, %f1;
        st.global.f32 [%rd1], %f2;
        L_2:
        @%p2 bra L_1;
        """);
}
