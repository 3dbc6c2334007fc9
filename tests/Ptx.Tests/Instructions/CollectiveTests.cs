namespace Requant.Ptx.Tests.Instructions;

public class CollectiveTests
{
    private const string All = "0xffffffff";

    public static TheoryData<PtxOrder> Orders => [.. Enum.GetValues<PtxOrder>()];

    [Theory]
    [InlineData("bfly", 16, 31)]
    [InlineData("bfly", 1, 31)]
    [InlineData("down", 3, 31)]
    [InlineData("up", 5, 0)]
    [InlineData("idx", 9, 31)]
    [InlineData("down", 3, 0x181f)]
    [InlineData("idx", 2, 0x1c1f)]
    [InlineData("up", 1, 0x1800)]
    [InlineData("bfly", 8, 0x181f)]
    public void Shuffle_OfEachMode_ReadsTheLaneThatPtxDefines(string mode, int operand, int control)
    {
        var kernel = new SmallKernel($"""
            mad.lo.u32 %r1, %r0, 10, 7;
            shfl.sync.{mode}.b32 %r2|%p0, %r1, {operand}, {control}, {All};
            selp.u32 %r3, 0x10000, 0, %p0;
            or.b32 %r2, %r2, %r3;
            st.global.u32 [%q2], %r2;
            """);

        uint[] output = kernel.Run();

        Assert.Equal([.. Enumerable.Range(0, 32).Select(lane => Expected(mode, lane, operand, control))], output[..32]);
    }

    [Fact]
    public void Shuffle_InPlace_ReadsTheValuesOfBefore()
    {
        uint[] output = new SmallKernel($"""
            shfl.sync.bfly.b32 %r0, %r0, 1, 31, {All};
            st.global.u32 [%q2], %r0;
            """).Run();

        Assert.Equal([1u, 0, 3, 2], output[..4]);
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public void Shuffle_BehindADivergedBranch_WaitsForAllLanes(PtxOrder order)
    {
        // The side of lane 0 stands behind the shuffle and jumps back to it.
        uint[] output = new SmallKernel($"""
                mov.u32 %r1, 5;
                setp.eq.u32 %p0, %r0, 0;
                @%p0 bra First;
            Back:
                shfl.sync.idx.b32 %r2, %r1, 0, 31, {All};
                st.global.u32 [%q2], %r2;
                ret;
            First:
                mov.u32 %r1, 42;
                bra.uni Back;
            """).Run(order: order);

        Assert.All(output[..32], word => Assert.Equal(42u, word));
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public void Shuffle_OfHalfAWarp_MeetsThatHalf(PtxOrder order)
    {
        uint[] output = new SmallKernel("""
                setp.lt.u32 %p0, %r0, 16;
                @%p0 bra Low;
                shfl.sync.idx.b32 %r1, %r0, 20, 31, 0xffff0000;
                bra.uni Join;
            Low:
                shfl.sync.idx.b32 %r1, %r0, 3, 31, 0x0000ffff;
            Join:
                st.global.u32 [%q2], %r1;
            """).Run(order: order);

        Assert.All(output[..16], word => Assert.Equal(3u, word));
        Assert.All(output[16..32], word => Assert.Equal(20u, word));
    }

    [Theory]
    [InlineData(
        "setp.lt.u32 %p0, %r0, 16; @%p0 shfl.sync.idx.b32 %r1, %r0, 0, 31, 0xff;", "is not a member of the mask")]
    [InlineData(
        "setp.lt.u32 %p0, %r0, 16; @%p0 ret; shfl.sync.idx.b32 %r1, %r0, 0, 31, 0xffffffff;",
        "reads lane 0, which does not take part")]
    [InlineData(
        "setp.lt.u32 %p0, %r0, 16; @%p0 shfl.sync.idx.b32 %r1, %r0, 0, 31, 0xffffffff; "
        + "@!%p0 shfl.sync.idx.b32 %r1, %r0, 0, 31, 0xffffffff;",
        "waits here forever")]
    public void Shuffle_OfLanesThatCannotMeet_IsAnError(string body, string problem)
    {
        var kernel = new SmallKernel(body);

        foreach (PtxOrder order in Enum.GetValues<PtxOrder>())
        {
            PtxException error = Assert.Throws<PtxException>(() => kernel.Run(order: order));

            Assert.StartsWith("shfl.sync", error.Text, StringComparison.Ordinal);
            Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("vote.sync.ballot.b32 %r1, %p0, 0xffffffff;", 0b11111)]
    [InlineData("vote.sync.ballot.b32 %r1, !%p0, 0xffffffff;", 0xffff_ffe0)]
    [InlineData("vote.sync.any.pred %p1, %p0, 0xffffffff; selp.u32 %r1, 1, 0, %p1;", 1)]
    [InlineData("vote.sync.all.pred %p1, %p0, 0xffffffff; selp.u32 %r1, 1, 0, %p1;", 0)]
    [InlineData("vote.sync.uni.pred %p1, %p0, 0xffffffff; selp.u32 %r1, 1, 0, %p1;", 0)]
    public void Vote_OfEachKind_CountsThePredicates(string vote, uint expected)
    {
        uint[] output = new SmallKernel($"setp.lt.u32 %p0, %r0, 5; {vote} st.global.u32 [%q2], %r1;").Run();

        Assert.All(output[..32], word => Assert.Equal(expected, word));
    }

    public static TheoryData<string, Func<uint, uint, uint>> Reductions => new()
    {
        { "add.u32", (a, b) => unchecked(a + b) },
        { "add.s32", (a, b) => unchecked(a + b) },
        { "min.u32", Math.Min },
        { "max.u32", Math.Max },
        { "min.s32", (a, b) => (uint)Math.Min((int)a, (int)b) },
        { "max.s32", (a, b) => (uint)Math.Max((int)a, (int)b) },
        { "and.b32", (a, b) => a & b },
        { "or.b32", (a, b) => a | b },
        { "xor.b32", (a, b) => a ^ b },
    };

    [Theory]
    [MemberData(nameof(Reductions))]
    public void Reduction_OfMembers_IsThatOfTheirValues(string kind, Func<uint, uint, uint> function)
    {
        // Some bits are the same in all values, so that and, or and xor differ from 0 and from each other.
        var random = new Random(5);
        uint[] values = [.. Enumerable.Range(0, 32)
            .Select(_ => ((uint)random.Next(int.MinValue, int.MaxValue) & 0x8000_ffff) | 0x000f_0000)];
        var input = new byte[values.Length * sizeof(uint)];
        Buffer.BlockCopy(values, 0, input, 0, input.Length);
        var kernel = new SmallKernel($"""
                mad.wide.u32 %q3, %r0, 4, %q0;
                ld.global.u32 %r1, [%q3];
                setp.lt.u32 %p0, %r0, 11;
                @%p0 bra Low;
                redux.sync.{kind} %r1, %r1, 0xfffff800;
                bra.uni Join;
            Low:
                redux.sync.{kind} %r1, %r1, 0x000007ff;
            Join:
                st.global.u32 [%q2], %r1;
            """, input);

        foreach (PtxOrder order in Enum.GetValues<PtxOrder>())
        {
            uint[] output = kernel.Run(order: order);

            Assert.All(output[..11], word => Assert.Equal(values[..11].Aggregate(function), word));
            Assert.All(output[11..32], word => Assert.Equal(values[11..].Aggregate(function), word));
        }
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public void WarpBarrier_BetweenLanes_OrdersTheirStores(PtxOrder order)
    {
        uint[] output = new SmallKernel($"""
            .shared .align 4 .b8 cell[4];
            setp.eq.u32 %p0, %r0, 13;
            @%p0 st.shared.u32 [cell], 99;
            bar.warp.sync {All};
            ld.shared.u32 %r1, [cell];
            st.global.u32 [%q2], %r1;
            """).Run(order: order);

        Assert.All(output[..32], word => Assert.Equal(99u, word));
    }

    [Theory]
    [InlineData("setp.lt.u32 %p0, %r0, 32; @%p0 bar.sync 0;", "warp 1 has ended")]
    [InlineData("setp.eq.u32 %p0, %r0, 0; @%p0 ret; bar.sync 0;", "lane 0 has ended")]
    [InlineData("setp.lt.u32 %p0, %r0, 32; @%p0 bra A; bar.sync 0; ret; A: bar.sync 1;", "warp 1 waits at line")]
    [InlineData("setp.eq.u32 %p0, %r0, 0; @%p0 bra A; bar.sync 0; ret; A: bar.sync 0;", "waits here forever")]
    [InlineData(
        "setp.eq.u32 %p0, %r0, 0; @%p0 bar.sync 0; @!%p0 shfl.sync.idx.b32 %r1, %r0, 1, 31, 0xffffffff;",
        "waits here forever")]
    public void Barrier_OfThreadsThatCannotMeet_IsAnError(string body, string problem)
    {
        var kernel = new SmallKernel(body);

        Assert.Contains(
            problem, Assert.Throws<PtxException>(() => kernel.Run(threads: 64)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fences_OfEachKind_AreKnown() =>
        new SmallKernel("membar.gl; membar.cta; membar.sys; fence.acq_rel.gpu; fence.sc.sys; barrier.sync.aligned 3;")
            .Run();

    private static uint Expected(string mode, int lane, int operand, int control)
    {
        // Written from the rules of segments: a segment is the lanes that agree in the bits of its mask.
        int mask = (control >> 8) & 31;
        int clamp = control & 31;
        int segment = lane & mask;
        int from = mode switch
        {
            "up" => lane - operand,
            "down" => lane + operand,
            "bfly" => lane ^ operand,
            _ => segment + (operand % (32 - mask)),
        };
        int bound = segment + (clamp % (32 - mask));
        bool isInRange = mode == "up" ? from >= bound : from <= bound;
        return (uint)(((isInRange ? from : lane) * 10) + 7) | (isInRange ? 0x10000u : 0);
    }
}
