using System.Globalization;
using Requant.Devices.Ptx;
using Requant.Ptx;
using Requant.Tests;

namespace Requant.Runtime.Tests.Devices.Ptx;

/// <summary>What becomes a permutation of bytes, and what must stay.</summary>
public class BytesTests
{
    [Fact]
    public void Rewrite_ThirdBytesOfFourWords_ArePermutedInThree() => Body.AssertExact(
        """
        ld.global.v4.b32 {%r1, %r2, %r3, %r4}, [%rd1];
        shr.u32 %r5, %r1, 16;
        and.b32 %r6, %r5, 255;
        shr.u32 %r7, %r2, 8;
        and.b32 %r8, %r7, 65280;
        or.b32 %r9, %r6, %r8;
        and.b32 %r10, %r3, 16711680;
        or.b32 %r11, %r9, %r10;
        shl.b32 %r12, %r4, 8;
        and.b32 %r13, %r12, 4278190080;
        or.b32 %r14, %r11, %r13;
        st.global.b32 [%rd1], %r14;
        """,
        """
        ld.global.v4.b32 {%r1, %r2, %r3, %r4}, [%rd1];
        prmt.b32 %r11, %r1, %r2, 98;
        prmt.b32 %r13, %r3, %r4, 25088;
        prmt.b32 %r14, %r11, %r13, 30224;
        st.global.b32 [%rd1], %r14;
        """);

    [Fact]
    public void Rewrite_SignsOfThreeWords_ArePermutedInTwo() => Body.AssertExact(
        """
        ld.global.v4.b32 {%r1, %r2, %r3, %r4}, [%rd1];
        shr.s32 %r5, %r1, 31;
        and.b32 %r6, %r5, 255;
        shr.s32 %r7, %r2, 31;
        and.b32 %r8, %r7, 65280;
        or.b32 %r9, %r6, %r8;
        shr.s32 %r10, %r3, 31;
        and.b32 %r11, %r10, 4294901760;
        or.b32 %r12, %r9, %r11;
        st.global.v2.b32 [%rd1], {%r12, %r4};
        """,
        """
        ld.global.v4.b32 {%r1, %r2, %r3, %r4}, [%rd1];
        prmt.b32 %r9, %r1, %r2, 251;
        prmt.b32 %r12, %r9, %r3, 65296;
        st.global.v2.b32 [%rd1], {%r12, %r4};
        """);

    [Fact]
    public void Rewrite_TopBitsTimes255_IsOnePermutation() => Body.AssertExact(
        """
        ld.global.b32 %r1, [%rd1];
        shr.u32 %r2, %r1, 7;
        and.b32 %r3, %r2, 16843009;
        mul.lo.s32 %r4, %r3, 255;
        st.global.b32 [%rd1], %r4;
        """,
        """
        ld.global.b32 %r1, [%rd1];
        prmt.b32 %r4, %r1, 0, 47768;
        st.global.b32 [%rd1], %r4;
        """);

    [Fact]
    public void Rewrite_BytesOfOneWordAndZeros_TakeZerosFromTheConstant() => Body.AssertExact(
        """
        ld.global.b32 %r1, [%rd1];
        shr.u32 %r2, %r1, 24;
        shl.b32 %r3, %r1, 16;
        or.b32 %r4, %r2, %r3;
        st.global.b32 [%rd1], %r4;
        """,
        """
        ld.global.b32 %r1, [%rd1];
        prmt.b32 %r4, %r1, 0, 4163;
        st.global.b32 [%rd1], %r4;
        """);

    [Theory]
    [InlineData("shr.u32 %r3, %r1, 16;", "and.b32 %r4, %r3, 127;", "and.b32 %r5, %r2, 4294967040;")]
    [InlineData("shr.u32 %r3, %r1, 16;", "and.b32 %r4, %r3, 65535;", "and.b32 %r5, %r2, 4294967040;")]
    [InlineData("shr.s32 %r3, %r1, 31;", "and.b32 %r4, %r3, 255;", "and.b32 %r5, %r2, 65280;")]
    public void Rewrite_OtherThanBytesOfKnownPlaces_Stays(
        string shift, string mask, string other) => Body.AssertWithout("prmt", $"""
        ld.global.v2.b32 {"{%r1, %r2}"}, [%rd1];
        {shift}
        {mask}
        {other}
        or.b32 %r6, %r4, %r5;
        st.global.b32 [%rd1], %r6;
        """);

    [Fact]
    public void Rewrite_WordThatHasChangedSince_Stays() => Body.AssertWithout("prmt", """
        ld.global.v2.b32 {%r1, %r2}, [%rd1];
        shr.u32 %r3, %r1, 16;
        and.b32 %r4, %r2, 4294901760;
        ld.global.b32 %r1, [%rd1+8];
        or.b32 %r5, %r3, %r4;
        st.global.v2.b32 [%rd1], {%r1, %r5};
        """);

    [Fact]
    public void Rewrite_PartsThatOthersReadToo_Stay() => Body.AssertUnchanged("""
        ld.global.v2.b32 {%r1, %r2}, [%rd1];
        shr.u32 %r3, %r1, 16;
        and.b32 %r4, %r2, 4294901760;
        or.b32 %r5, %r3, %r4;
        st.global.v4.b32 [%rd1], {%r1, %r3, %r4, %r5};
        """);

    /// <summary>Selections of bytes and signs at random, from one to four words: the permutations leave
    /// the same bits.</summary>
    [Fact]
    public void Rewrite_RandomSelections_KeepTheirBits()
    {
        var random = new Random(7);
        int permuted = 0;
        for (int round = 0; round < 200; round++)
        {
            string body = Selection(random);
            string text = Evaluation.Text(body)
                .Replace("%rd, %t;", "%rd, %t; .reg .b32 %r<40>;", StringComparison.Ordinal);
            string rewritten = PtxRewriter.Rewrite(text);
            permuted += rewritten.Contains("prmt", StringComparison.Ordinal) ? 1 : 0;
            byte[] words = new byte[3 * sizeof(ulong)];
            random.NextBytes(words);
            Assert.Equal(Run(text, words), Run(rewritten, words));
        }

        Assert.True(permuted > 100, $"only {permuted} were permuted");
    }

    internal static ulong Run(string text, byte[] words)
    {
        var memory = new GlobalMemory();
        GlobalBuffer input = memory.Add("input", words, isWritable: false);
        GlobalBuffer result = memory.Add("result", new byte[sizeof(ulong)], isWritable: true);
        PtxModule.Parse(text).Kernels[0].Run(
            new PtxGrid(1, 1), memory, [BitConverter.GetBytes(input.Address), BitConverter.GetBytes(result.Address)]);
        return BitConverter.ToUInt64(result.Bytes);
    }

    private static string Selection(Random random)
    {
        string[] words = ["%r31", "%r32", "%r33", "%r34"];
        int count = random.Next(1, 5);
        var lines = new List<string>
        {
            "mov.b32 %rd, 0;", "mov.b32 %r31, %ra;", "mov.b32 %r32, %rb;", "mov.b32 %r33, %rc;", "not.b32 %r34, %ra;",
        };
        for (int place = 0; place < 4; place++)
        {
            string word = words[random.Next(count)];
            int from = random.Next(4);
            bool isSign = random.Next(3) == 0;
            (string shift, int bits) = isSign ? ("shr.s32", 31)
                : from >= place ? ("shr.u32", 8 * (from - place))
                : ("shl.b32", 8 * (place - from));
            lines.Add($"{shift} %r{2 * place}, {word}, {bits};");
            lines.Add($"and.b32 %r{(2 * place) + 1}, %r{2 * place}, "
                + $"{(0xffL << (8 * place)).ToString(CultureInfo.InvariantCulture)};");
        }

        lines.AddRange(
            ["or.b32 %r10, %r1, %r3;", "or.b32 %r11, %r10, %r5;", "or.b32 %r12, %r11, %r7;", "mov.b32 %rd, %r12;"]);
        return string.Join('\n', lines);
    }
}
