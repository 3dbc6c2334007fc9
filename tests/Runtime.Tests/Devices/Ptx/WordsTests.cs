using System.Globalization;
using Requant.Devices.Ptx;
using Requant.Tests;

namespace Requant.Runtime.Tests.Devices.Ptx;

/// <summary>What becomes one instruction of words, and what must stay.</summary>
public class WordsTests
{
    [Theory]
    [InlineData("shl.b32 %r2, %r1, 4;", "16")]
    [InlineData("mul.lo.s32 %r2, %r1, 100;", "100")]
    public void Rewrite_ProductAndSum_AreOne(string product, string factor) => Body.AssertExact(
        $"""
        ld.global.b32 %r1, [%rd1];
        {product}
        add.s32 %r3, %r2, 7;
        st.global.b32 [%rd1], %r3;
        """,
        $"""
        ld.global.b32 %r1, [%rd1];
        mad.lo.u32 %r3, %r1, {factor}, 7;
        st.global.b32 [%rd1], %r3;
        """);

    [Fact]
    public void Rewrite_ProductThatOthersReadToo_Stays() => Body.AssertUnchanged("""
        ld.global.b32 %r1, [%rd1];
        shl.b32 %r2, %r1, 4;
        add.s32 %r3, %r2, 7;
        st.global.b32 [%rd1], %r3;
        st.global.b32 [%rd1], %r2;
        """);

    [Theory]
    [InlineData("and", "or", "234")]
    [InlineData("or", "and", "168")]
    [InlineData("xor", "xor", "150")]
    [InlineData("and", "xor", "106")]
    public void Rewrite_TwoOperationsOfBits_AreOne(string first, string second, string table) => Body.AssertExact(
        $"""
        ld.global.v2.b32 {"{%r1, %r2}"}, [%rd1];
        {first}.b32 %r3, %r1, %r2;
        {second}.b32 %r4, %r3, 255;
        st.global.b32 [%rd1], %r4;
        """,
        $"""
        ld.global.v2.b32 {"{%r1, %r2}"}, [%rd1];
        lop3.b32 %r4, %r1, %r2, 255, {table};
        st.global.b32 [%rd1], %r4;
        """);

    [Fact]
    public void Rewrite_OperationsOfTwoConstants_Stay() => Body.AssertUnchanged("""
        ld.global.b32 %r1, [%rd1];
        and.b32 %r2, %r1, 252645135;
        xor.b32 %r3, %r2, 286331153;
        st.global.b32 [%rd1], %r3;
        """);

    /// <summary>Trees of operations at random leave the same bits.</summary>
    [Fact]
    public void Rewrite_RandomOperations_KeepTheirBits()
    {
        string[] names = ["and", "or", "xor"];
        var random = new Random(11);
        int joined = 0;
        for (int round = 0; round < 100; round++)
        {
            var lines = new List<string> { "mov.b32 %r0, %ra;", "mov.b32 %r1, %rb;", "mov.b32 %r2, %rc;" };
            for (int i = 3; i < 9; i++)
            {
                lines.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{names[random.Next(3)]}.b32 %r{i}, %r{i - 1}, "
                    + $"{(random.Next(4) == 0 ? $"{random.Next()}" : $"%r{random.Next(i - 1)}")};"));
            }

            string text = Evaluation.Text(string.Join('\n', [.. lines, "mov.b32 %rd, %r8;"]))
                .Replace("%rd, %t;", "%rd, %t; .reg .b32 %r<9>;", StringComparison.Ordinal);
            string rewritten = PtxRewriter.Rewrite(text);
            joined += rewritten.Contains("lop3", StringComparison.Ordinal) ? 1 : 0;
            byte[] words = new byte[3 * sizeof(ulong)];
            random.NextBytes(words);
            Assert.Equal(BytesTests.Run(text, words), BytesTests.Run(rewritten, words));
        }

        Assert.True(joined > 50, $"only {joined} were joined");
    }

    [Fact]
    public void Rewrite_BytesOfWhatOthersReadToo_ArePermutedFromThere() => Body.AssertExact(
        """
        ld.global.v4.b32 {%r1, %r2, %r3, %r4}, [%rd1];
        shr.u32 %r5, %r1, 16;
        and.b32 %r6, %r2, 4294901760;
        or.b32 %r7, %r5, %r6;
        shr.u32 %r8, %r3, 16;
        and.b32 %r9, %r4, 4294901760;
        or.b32 %r10, %r8, %r9;
        shr.u32 %r11, %r7, 8;
        and.b32 %r12, %r11, 255;
        shr.u32 %r13, %r7, 16;
        and.b32 %r14, %r13, 65280;
        or.b32 %r15, %r12, %r14;
        and.b32 %r16, %r10, 65280;
        shl.b32 %r17, %r16, 8;
        or.b32 %r18, %r15, %r17;
        and.b32 %r19, %r10, 4278190080;
        or.b32 %r20, %r18, %r19;
        st.global.v4.b32 [%rd1], {%r7, %r10, %r20, %r20};
        """,
        """
        ld.global.v4.b32 {%r1, %r2, %r3, %r4}, [%rd1];
        prmt.b32 %r7, %r1, %r2, 30258;
        prmt.b32 %r10, %r3, %r4, 30258;
        prmt.b32 %r20, %r7, %r10, 30001;
        st.global.v4.b32 [%rd1], {%r7, %r10, %r20, %r20};
        """);

    [Fact]
    public void Rewrite_LargestOfMagnitudes_ComparesFloats() => Body.AssertExact(
        """
        ld.global.v2.f32 {%f1, %f2}, [%rd1];
        mov.b32 %r1, %f1;
        and.b32 %r2, %r1, 2147483647;
        max.u32 %r3, %r2, 0;
        mov.b32 %r4, %f2;
        and.b32 %r5, %r4, 2147483647;
        max.u32 %r6, %r3, %r5;
        st.global.b32 [%rd1], %r6;
        """,
        """
        .reg .f32 %mm<3>;
        ld.global.v2.f32 {%f1, %f2}, [%rd1];
        abs.f32 %mm1, %f1;
        abs.f32 %mm2, %f2;
        max.NaN.f32 %mm0, %mm1, %mm2;
        mov.b32 %r6, %mm0;
        st.global.b32 [%rd1], %r6;
        """);

    /// <summary>Not a magnitude, or one that is needed as a word too.</summary>
    [Theory]
    [InlineData("and.b32 %r5, %r4, 2147483647;", "and.b32 %r5, %r4, 2147483646;")]
    [InlineData("and.b32 %r5, %r4, 2147483647;", "mov.b32 %r5, %r4;")]
    [InlineData("max.u32", "max.s32")]
    [InlineData("st.global", "st.global.b32 [%rd2], %r5;\nst.global")]
    public void Rewrite_LargestOfOtherWords_Stays(string text, string other) => Body.AssertWithout("max.NaN", """
        ld.global.v2.f32 {%f1, %f2}, [%rd1];
        mov.b32 %r1, %f1;
        and.b32 %r2, %r1, 2147483647;
        mov.b32 %r4, %f2;
        and.b32 %r5, %r4, 2147483647;
        max.u32 %r6, %r2, %r5;
        st.global.b32 [%rd1], %r6;
        """.Replace(text, other, StringComparison.Ordinal));

    [Fact]
    public void Rewrite_ProductOfWordsIn64Bits_IsOneOfWords() => Body.AssertExact(
        """
        ld.global.v2.b32 {%r1, %r2}, [%rd1];
        cvt.u64.u32 %rd2, %r1;
        cvt.u64.u32 %rd3, %r2;
        mul.lo.s64 %rd4, %rd2, %rd3;
        add.s64 %rd5, %rd1, %rd4;
        prefetch.global.L2 [%rd5];
        """,
        """
        ld.global.v2.b32 {%r1, %r2}, [%rd1];
        mad.wide.u32 %rd5, %r1, %r2, %rd1;
        prefetch.global.L2 [%rd5];
        """);

    [Theory]
    [InlineData("655360", "10", "[%rd3+-40]", "%r3")]
    [InlineData("655359", "10", "[%rd3]", "%r4")]
    public void Rewrite_TableWithoutItsFirstCells_IsThatFarBefore(
        string least, string first, string address, string index) => Body.AssertExact(
        $"""
        ld.global.b32 %r1, [%rd1];
        max.s32 %r2, %r1, {least};
        shr.s32 %r3, %r2, 16;
        sub.s32 %r4, %r3, {first};
        mad.wide.u32 %rd3, %r4, 4, %rd2;
        ld.shared.b32 %r5, [%rd3];
        st.global.b32 [%rd1], %r5;
        """,
        $"""
        ld.global.b32 %r1, [%rd1];
        max.s32 %r2, %r1, {least};
        shr.s32 %r3, %r2, 16;
        {(index == "%r4" ? $"sub.s32 %r4, %r3, {first};" : "")}
        mad.wide.u32 %rd3, {index}, 4, %rd2;
        ld.shared.b32 %r5, {address};
        st.global.b32 [%rd1], %r5;
        """);
}
