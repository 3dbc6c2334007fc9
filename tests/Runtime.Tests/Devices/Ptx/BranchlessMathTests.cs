using System.Buffers.Binary;
using Requant.Devices.Ptx;
using Requant.Ptx;

namespace Requant.Runtime.Tests.Devices.Ptx;

/// <summary>Roots, quotients and reciprocals that are computed without a branch each leave the bits of the instructions
/// that they replace.</summary>
public class BranchlessMathTests
{
    private const int Threads = 32;
    private const int Lanes = 4;
    private const int Rounds = 150;
    private const int Seed = 71;

    /// <summary>Where ranges begin and end, and the neighbours; zeros, denormals, infinities, NaN, the ends
    /// of a binade.</summary>
    private static readonly float[] Edges =
    [
        .. new[] { -126, -125, -101, -100, -60, 0, 24, 66, 125, 126, 127 }
            .Select(exponent => MathF.ScaleB(1f, exponent))
            .SelectMany(edge =>
                new[] { edge, MathF.BitDecrement(edge), MathF.BitIncrement(edge), -edge, MathF.BitDecrement(-edge) }),
        0f, -0f, float.Epsilon, -float.Epsilon, float.MaxValue, float.MinValue, float.PositiveInfinity,
        float.NegativeInfinity, float.NaN,
        1.9999999f, 1.9999998f,
    ];

    /// <summary>Each kind alone, so that the range of one does not hide that of another; then all, with results that
    /// are operands.</summary>
    public static TheoryData<string> Bodies =>
    [
        "sqrt.rn.f32 %f1, %f11; sqrt.rn.f32 %f5, %f12;",
        "div.rn.f32 %f1, %f11, %f12; div.rn.f32 %f5, %f12, %f11;",
        "rcp.rn.f32 %f1, %f11; rcp.rn.f32 %f5, %f12;",
        "div.rn.f32 %f1, %f11, 0f40400000; div.rn.f32 %f5, 0f3F800000, %f12;",
        """
        sqrt.rn.f32 %f1, %f11;
        sqrt.rn.f32 %f2, %f12;
        div.rn.f32 %f3, %f11, %f12;
        add.rn.f32 %f4, %f3, %f1;
        div.rn.f32 %f5, %f12, %f4;
        rcp.rn.f32 %f6, %f11;
        mul.rn.f32 %f7, %f6, %f2;
        """,
    ];

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Branchless_RandomAndExtremeOperands_EqualRoundedInstructions(string body)
    {
        string text = Kernel(body.Replace("; ", ";\n", StringComparison.Ordinal));
        string branchless = PtxRewriter.Rewrite(text, "sm_90");
        Assert.Contains("approx.ftz.f32", branchless, StringComparison.Ordinal);
        Assert.Contains("M_exact0", branchless, StringComparison.Ordinal);
        var random = new Random(Seed);

        for (int round = 0; round < Rounds; round++)
        {
            float[] operands = [.. Enumerable.Range(0, 2 * Threads).Select(_ => Operand(random, round))];

            Assert.Equal(Run(text, operands), Run(branchless, operands));
        }
    }

    [Fact]
    public void Rewrite_OneQuotient_Stays() => Body.AssertDevice(
        "div.rn.f32 %f1, %f2, %f3;\nst.global.f32 [%rd1], %f1;",
        "div.rn.f32 %f1, %f2, %f3;\nst.global.f32 [%rd1], %f1;");

    [Fact]
    public void Rewrite_ForAnArchitectureThatNobodyChecked_Stays() => Assert.DoesNotContain(
        Body.RewriteDevice(
            "div.rn.f32 %f1, %f2, %f3;\ndiv.rn.f32 %f4, %f5, %f6;\nst.global.v2.f32 [%rd1], {%f1, %f4};", "sm_89"),
        line => line.Contains("approx", StringComparison.Ordinal));

    [Fact]
    public void Rewrite_StoreBetweenQuotients_WaitsForTheTest()
    {
        string[] lines = Body.RewriteDevice("""
            div.rn.f32 %f1, %f2, %f3;
            st.global.f32 [%rd1], %f1;
            div.rn.f32 %f4, %f5, %f6;
            st.global.f32 [%rd1+4], %f4;
            """);

        int back = Array.IndexOf(lines, "M_back0:");
        Assert.True(back > 0);
        Assert.Equal(["st.global.f32 [%rd1], %f1;", "st.global.f32 [%rd1+4], %f4;"], lines[(back + 1)..(back + 3)]);
        Assert.Equal(["div.rn.f32 %f1, %f2, %f3;", "div.rn.f32 %f4, %f5, %f6;", "bra M_back0;"], lines[^3..]);
    }

    [Theory]
    [InlineData("div.rn.f32 %f1, %f2, %f3;\nld.global.f32 %f2, [%rd1];\ndiv.rn.f32 %f4, %f5, %f6;")]
    [InlineData(
        "div.rn.f32 %f1, %f2, %f3;\nst.global.f32 [%rd1], %f1;\nld.global.f32 %f5, [%rd1];\ndiv.rn.f32 %f4, %f5, %f6;")]
    [InlineData("div.rn.f32 %f1, %f2, %f3;\n@%p1 mov.f32 %f1, %f5;\ndiv.rn.f32 %f4, %f5, %f6;")]
    [InlineData("div.rn.f32 %f1, %f1, %f3;\ndiv.rn.f32 %f4, %f5, %f6;")]
    public void Rewrite_WhatCannotBeComputedAgain_Stays(string body) => Assert.DoesNotContain(
        Body.RewriteDevice(body + "\nst.global.v2.f32 [%rd2], {%f1, %f4};"),
        line => line.Contains("approx", StringComparison.Ordinal));

    private static float Operand(Random random, int round) => (round % 4) switch
    {
        0 => Edges[random.Next(Edges.Length)],
        1 => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)),
        _ => BitConverter.Int32BitsToSingle(random.Next(0x3000_0000, 0x4200_0000)),
    };

    private static string Kernel(string body) => $$"""
        .version 7.8
        .target sm_80
        .address_size 64
        .visible .entry k(.param .u64 input, .param .u64 output)
        {
        .reg .b32 %r<9>; .reg .b64 %rd<9>; .reg .f32 %f<30>; .reg .pred %p<9>;
        ld.param.u64 %rd1, [input];
        ld.param.u64 %rd2, [output];
        mov.b32 %r1, %tid.x;
        mad.wide.u32 %rd3, %r1, 8, %rd1;
        mad.wide.u32 %rd4, %r1, 16, %rd2;
        ld.global.v2.f32 {%f11, %f12}, [%rd3];
        mov.f32 %f6, 0f00000000;
        mov.f32 %f7, 0f00000000;
        {{body}}
        st.global.v4.f32 [%rd4], {%f1, %f5, %f6, %f7};
        ret;
        }
        """;

    private static byte[] Run(string text, float[] operands)
    {
        var input = new byte[operands.Length * sizeof(float)];
        for (int i = 0; i < operands.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(input.AsSpan(i * sizeof(float)), operands[i]);
        }

        var memory = new GlobalMemory();
        GlobalBuffer source = memory.Add("input", input, isWritable: false);
        GlobalBuffer target = memory.Add("output", new byte[Threads * Lanes * sizeof(float)], isWritable: true);
        PtxModule.Parse(text).Kernels.Single().Run(
            new PtxGrid(1, Threads), memory,
            [BitConverter.GetBytes(source.Address), BitConverter.GetBytes(target.Address)]);
        return target.Bytes;
    }
}
