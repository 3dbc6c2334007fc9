using System.Numerics;

namespace Requant.Ptx.Tests.Instructions;

public class ControlTests
{
    public static TheoryData<PtxOrder> Orders => [.. Enum.GetValues<PtxOrder>()];

    /// <summary>Lanes go round a loop as often as their number says, and take a side of a branch
    /// in each round.</summary>
    private const string Collatz = """
            add.u32 %r1, %r0, 1;
            mov.u32 %r2, 0;
        Next:
            setp.eq.u32 %p0, %r1, 1;
            @%p0 bra Done;
            add.u32 %r2, %r2, 1;
            and.b32 %r3, %r1, 1;
            setp.eq.u32 %p1, %r3, 1;
            @%p1 bra Odd;
            shr.u32 %r1, %r1, 1;
            bra.uni Next;
        Odd:
            mad.lo.u32 %r1, %r1, 3, 1;
            bra.uni Next;
        Done:
            st.global.u32 [%q2], %r2;
        """;

    [Theory]
    [MemberData(nameof(Orders))]
    public void Loops_ThatDiverge_EndInEveryLane(PtxOrder order)
    {
        uint[] output = new SmallKernel(Collatz).Run(order: order);

        Assert.Equal([.. Enumerable.Range(1, 32).Select(start => (uint)CollatzSteps(start))], output[..32]);
    }

    [Fact]
    public void Lanes_ThatTookASideBehindTheJumpBack_MeetAgainInTheLoop()
    {
        // Each round costs a warp both sides and no more: they join before the jump back, although one of them stands
        // behind it. Lane by lane the rounds in which that side is taken are the bits of the lane's number.
        const string Body = """
                mov.u32 %r1, 0;
                mov.u32 %r2, 0;
            Next:
                setp.ge.u32 %p0, %r1, 5;
                @%p0 bra Done;
                shr.u32 %r3, %r0, %r1;
                and.b32 %r3, %r3, 1;
                setp.eq.u32 %p1, %r3, 1;
                @%p1 bra Odd;
            Join:
                add.u32 %r1, %r1, 1;
                bra.uni Next;
            Odd:
                add.u32 %r2, %r2, 1;
                bra.uni Join;
            Done:
                st.global.u32 [%q2], %r2;
            """;
        const int Before = 7 + 2;
        const int Round = 6 + 2;
        const int OddSide = 2;
        const int After = 2 + 1 + 1;
        const int BitsOfAllNumbers = 5 * 16;
        var kernel = new SmallKernel(Body);

        uint[] output = kernel.Run();

        Assert.Equal(
            [.. Enumerable.Range(0, 32).Select(lane => (uint)BitOperations.PopCount((uint)lane))], output[..32]);
        Assert.Equal(Before + (5 * (Round + OddSide)) + After, kernel.Profile.WarpInstructions);
        Assert.Equal(
            (32 * (Before + (5 * Round) + After)) + (BitsOfAllNumbers * OddSide), kernel.Profile.LaneInstructions);
    }

    [Fact]
    public void Guards_OnInstructions_SelectLanes()
    {
        uint[] output = new SmallKernel("""
            setp.lt.u32 %p0, %r0, 5;
            mov.u32 %r1, 7;
            @%p0 mov.u32 %r1, 8;
            @!%p0 add.u32 %r1, %r1, 2;
            @%p0 st.global.u32 [%q2], %r1;
            @!%p0 bra Rest;
            @%p0 ret;
        Rest:
            st.global.u32 [%q2], %r1;
        """).Run();

        Assert.Equal([8u, 8, 8, 8, 8, 9, 9], output[..7]);
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public void IndexedBranch_ToSeveralTargets_SendsEachLaneToItsOwn(PtxOrder order)
    {
        uint[] output = new SmallKernel("""
            rem.u32 %r1, %r0, 3;
            Targets: .branchtargets Zero, One, Two;
            brx.idx %r1, Targets;
        Zero:
            st.global.u32 [%q2], 100;
            ret;
        One:
            st.global.u32 [%q2], 101;
            ret;
        Two:
            st.global.u32 [%q2], 102;
        """).Run(order: order);

        Assert.Equal([100u, 101, 102, 100, 101, 102], output[..6]);
    }

    [Fact]
    public void IndexedBranch_BeyondItsTargets_IsAnError()
    {
        var kernel = new SmallKernel("""
            Targets: .branchtargets Zero;
            brx.idx %r0, Targets;
        Zero:
        """);

        Assert.Contains(
            "lane 1 has index 1", Assert.Throws<PtxException>(() => kernel.Run()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("setp.lt.u32 %p0, %r0, 5; @%p0 bra.uni End; st.global.u32 [%q2], 1; End:", "bra.uni End")]
    [InlineData("T: .branchtargets A, B; and.b32 %r1, %r0, 1; brx.idx.uni %r1, T; A: B:", "brx.idx.uni %r1, T")]
    public void UniformBranch_ThatIsNot_IsAnError(string body, string text)
    {
        var kernel = new SmallKernel(body.Replace("A: B:", "A: mov.u32 %r1, 0; B:", StringComparison.Ordinal));

        PtxException error = Assert.Throws<PtxException>(() => kernel.Run());

        Assert.Equal(text, error.Text);
        Assert.Contains(".uni promises", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UniformBranch_ThatIs_IsTaken() =>
        Assert.Equal(0u, new SmallKernel(
            "setp.lt.u32 %p0, %r0, 50; @%p0 bra.uni End; st.global.u32 [%q2], 1; End:").Run()[0]);

    [Theory]
    [MemberData(nameof(Orders))]
    public void Loop_WithoutEnd_IsAnError(PtxOrder order)
    {
        var kernel = new SmallKernel("Again: add.u32 %r1, %r0, 1; bra.uni Again;");

        PtxException error = Assert.Throws<PtxException>(() => kernel.Run(order: order, limit: 1000));

        Assert.Contains("has not ended after 1000 instructions", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Kernel_WithFewThreads_RunsThoseOnly()
    {
        var kernel = new SmallKernel("st.global.u32 [%q2], 1;");

        uint[] output = kernel.Run(threads: 37);

        Assert.Equal(37u, output.Aggregate((sum, word) => sum + word));
        Assert.Equal(37 * 9, kernel.Profile.LaneInstructions);
        Assert.Equal(2 * 9, kernel.Profile.WarpInstructions);
        Assert.Equal(37, kernel.Profile.LaneInstructionsByOpcode["st.global.u32"]);
    }

    [Fact]
    public void Blocks_MoreThanThreadsOfTheKernel_AreRefused()
    {
        PtxKernel kernel = PtxModule.Parse(
            ".visible .entry k() .maxntid 64, 1, 1 { ret; }").Kernels.Single();

        Assert.Throws<ArgumentException>(() => kernel.Run(new PtxGrid(1, 96), new GlobalMemory(), []));
        Assert.Throws<ArgumentOutOfRangeException>(() => kernel.Run(new PtxGrid(0, 32), new GlobalMemory(), []));
        Assert.Throws<ArgumentOutOfRangeException>(() => kernel.Run(new PtxGrid(1, 1025), new GlobalMemory(), []));
        Assert.Equal(64, kernel.Run(new PtxGrid(1, 64), new GlobalMemory(), []).LaneInstructions);
    }

    private static int CollatzSteps(int value)
    {
        int steps = 0;
        for (; value != 1; steps++)
        {
            value = value % 2 == 1 ? (3 * value) + 1 : value / 2;
        }

        return steps;
    }
}
