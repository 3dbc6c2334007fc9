namespace Requant.Ptx.Tests.Instructions;

/// <summary>What launches count of global memory.</summary>
public class TrafficTests
{
    private const int SectorBytes = 32;

    private static readonly byte[] Input = [.. Enumerable.Range(0, 2048).Select(i => (byte)i)];

    [Theory]
    [InlineData("ld.global.u32 %r1, [%q0];", 128, 4, 1)]
    [InlineData("ld.global.v4.u32 {%r1, %r2, %r3, %r4}, [%q0+16];", 512, 16, 1)]
    [InlineData("mad.wide.u32 %q3, %r0, 4, %q0; ld.global.f32 %f1, [%q3];", 128, 128, 4)]
    [InlineData("mad.wide.u32 %q3, %r0, 4, %q0; ld.global.f32 %f1, [%q3+16];", 128, 128, 5)]
    [InlineData("mad.wide.u32 %q3, %r0, 4, %q0; ld.f32 %f1, [%q3];", 128, 128, 4)]
    [InlineData("mad.wide.u32 %q3, %r0, 16, %q0; ld.global.v4.f32 {%f1, %f2, %f3, %f4}, [%q3];", 512, 512, 16)]
    [InlineData("mad.wide.u32 %q3, %r0, 1, %q0; ld.global.u8 %r1, [%q3];", 32, 32, 1)]
    [InlineData("mad.wide.u32 %q3, %r0, 32, %q0; ld.global.u32 %r1, [%q3];", 128, 128, 32)]
    [InlineData("sub.u32 %r1, 31, %r0; mad.wide.u32 %q3, %r1, 4, %q0; ld.global.u32 %r1, [%q3];", 128, 128, 4)]
    [InlineData("and.b32 %r1, %r0, 7; mad.wide.u32 %q3, %r1, 4, %q0; ld.global.u32 %r1, [%q3];", 128, 32, 1)]
    [InlineData("shr.u32 %r1, %r0, 3; mad.wide.u32 %q3, %r1, 64, %q0; ld.global.u16 %r1, [%q3];", 64, 8, 4)]
    [InlineData("ld.global.u32 %r1, [%q0]; ld.global.u32 %r1, [%q0];", 256, 8, 2)]
    [InlineData("setp.eq.u32 %p0, %r0, 32; @%p0 ld.global.u32 %r1, [%q0];", 0, 0, 0)]
    public void Load_OfAWarp_CountsEachByteAndEachSectorOnce(string body, long bytes, long distinct, long sectors)
    {
        var kernel = new SmallKernel(body, Input);

        kernel.Run();

        Assert.Equal(
            (bytes, distinct, sectors),
            (kernel.Input.BytesRead, kernel.Input.DistinctBytesRead, kernel.Input.SectorsRead));
        Assert.Equal((0, 0, 0), Written(kernel.Input));
        Assert.Equal(0, kernel.Input.BytesUpdated);
    }

    [Theory]
    [InlineData("st.global.u32 [%q2], %r0;", 128, 128, 4)]
    [InlineData("st.global.u32 [%q1], 5;", 128, 4, 1)]
    [InlineData("mad.wide.u32 %q3, %r0, 16, %q1; st.global.v2.f32 [%q3], {%f0, %f1};", 256, 256, 16)]
    [InlineData("setp.lt.u32 %p0, %r0, 10; @%p0 st.global.u16 [%q2], %r0;", 20, 20, 2)]
    public void Store_OfAWarp_CountsEachByteAndEachSectorOnce(string body, long bytes, long distinct, long sectors)
    {
        var kernel = new SmallKernel(body, Input);

        kernel.Run();

        Assert.Equal((bytes, distinct, sectors), Written(kernel.Output));
        Assert.Equal((0, 0), (kernel.Output.SectorsRead, kernel.Output.BytesUpdated));
    }

    [Theory]
    [InlineData("red.global.add.u32 [%q1], 1;", 128, 4, 1)]
    [InlineData("atom.global.max.u32 %r1, [%q2], %r0;", 128, 128, 4)]
    public void Atomic_OfAWarp_CountsAsReadAndWrittenAndUpdated(string body, long bytes, long distinct, long sectors)
    {
        var kernel = new SmallKernel(body);

        kernel.Run();

        GlobalBuffer output = kernel.Output;
        Assert.Equal((bytes, distinct, sectors), (output.BytesRead, output.DistinctBytesRead, output.SectorsRead));
        Assert.Equal((bytes, distinct, sectors), Written(output));
        Assert.Equal(bytes, output.BytesUpdated);
        Assert.Equal(PtxAccessKind.Atomic, Assert.Single(kernel.Profile.GlobalAccesses).Kind);
    }

    [Theory]
    [InlineData("u8 %r2", 1)]
    [InlineData("u32 %r2", 4)]
    [InlineData("v2.u32 {%r2, %r3}", 8)]
    [InlineData("v4.u32 {%r2, %r3, %r4, %r5}", 16)]
    public void Load_FromAnywhere_CountsAsSetsDo(string access, int size)
    {
        // Half of the lanes read the other buffer; each has its place from the input.
        const int Warps = 8;
        var random = new Random(17);
        int[] places = [.. Enumerable.Range(0, 32 * Warps).Select(_ => random.Next(4096 / size / 8) * size)];
        var input = new byte[4096];
        Buffer.BlockCopy(places, 0, input, 0, places.Length * sizeof(int));
        var kernel = new SmallKernel($"""
            mad.wide.u32 %q3, %r0, 4, %q0;
            ld.global.u32 %r1, [%q3];
            and.b32 %r6, %r0, 1;
            setp.eq.u32 %p0, %r6, 0;
            selp.b64 %q4, %q0, %q1, %p0;
            cvt.u64.u32 %q5, %r1;
            add.u64 %q4, %q4, %q5;
            ld.global.{access}, [%q4];
            """, input);

        kernel.Run(threads: 32 * Warps);

        // The places themselves are 4 bytes in a row for each lane.
        int[] even = [.. Enumerable.Range(0, places.Length).Where(lane => lane % 2 == 0)];
        int[] odd = [.. Enumerable.Range(0, places.Length).Where(lane => lane % 2 == 1)];
        Assert.Equal(Distinct(even, places, 1) * size, kernel.Input.DistinctBytesRead - (places.Length * sizeof(int)));
        Assert.Equal(
            Distinct(even, places, SectorBytes),
            kernel.Input.SectorsRead - (places.Length * sizeof(int) / SectorBytes));
        Assert.Equal(Distinct(odd, places, 1) * size, kernel.Output.DistinctBytesRead);
        Assert.Equal(Distinct(odd, places, SectorBytes), kernel.Output.SectorsRead);
        PtxAccess last = kernel.Profile.GlobalAccesses[^1];
        Assert.Equal((places.Length, Warps, size), (last.Lanes, last.WarpInstructions, last.BytesPerLane));
        Assert.Equal((even.Length, odd.Length), (last.LanesByBuffer["input"], last.LanesByBuffer["output"]));
        Assert.Equal(Distinct(even, places, SectorBytes) + Distinct(odd, places, SectorBytes), last.Sectors);
        Assert.Equal((Distinct(even, places, 1) + Distinct(odd, places, 1)) * size, last.DistinctBytes);
    }

    [Fact]
    public void GlobalAccesses_OfALaunch_TellWidthsAndBuffers()
    {
        var kernel = new SmallKernel("""
            .shared .align 16 .b8 table[512];
            mad.wide.u32 %q3, %r0, 16, %q0;
            ld.global.v4.f32 {%f1, %f2, %f3, %f4}, [%q3];
            ld.global.v2.b16 {%h1, %h2}, [%q0];
            st.shared.f32 [table], %f1;
            setp.lt.u32 %p0, %r0, 4;
            @%p0 st.global.u64 [%q1], %q3;
            setp.gt.u32 %p0, %r0, 99;
            @%p0 st.global.u32 [%q1], %r0;
            ld.f32 %f1, [%q0];
            ld.const.u8 %r1, [one];
            """, Input, moduleVariables: ".const .u8 one = 1;");

        kernel.Run(threads: 64, blocks: 2);

        Assert.Equal(
            [
                ("ld.global.v4.f32", PtxSpace.Global, PtxAccessKind.Load, 16, 128, 4, "input"),
                ("ld.global.v2.b16", PtxSpace.Global, PtxAccessKind.Load, 4, 128, 4, "input"),
                ("st.global.u64", PtxSpace.Global, PtxAccessKind.Store, 8, 8, 2, "output"),
                ("ld.f32", PtxSpace.Generic, PtxAccessKind.Load, 4, 128, 4, "input"),
                ("ld.const.u8", PtxSpace.Const, PtxAccessKind.Load, 1, 128, 4, "one"),
            ],
            kernel.Profile.GlobalAccesses.Select(one => (
                one.Opcode, one.Space, one.Kind, one.BytesPerLane, one.Lanes, one.WarpInstructions,
                Assert.Single(one.Buffers))));
        PtxAccess store = kernel.Profile.GlobalAccesses.Single(access => access.IsStore);
        Assert.Equal("st.global.u64 [%q1], %q3", store.Text);
        Assert.Equal($"line {store.Line}: st.global.u64 [%q1], %q3 (8 lanes of 8 bytes in output)", store.ToString());
    }

    [Fact]
    public void GlobalAccesses_OfSeveralLaunches_AreJoinedByInstruction()
    {
        const string Body = "ld.global.u16 %r1, [%q0]; st.global.u32 [%q2], %r1;";
        var first = new SmallKernel(Body, Input);
        var second = new SmallKernel(Body, Input);
        var sum = new PtxProfile();
        foreach (SmallKernel kernel in (SmallKernel[])[first, second, first])
        {
            kernel.Run();
            sum.Add(kernel.Profile);
        }

        Assert.Equal(
            [
                ("ld.global.u16", 64, 4, 2), ("st.global.u32", 64, 256, 8),
                ("ld.global.u16", 32, 2, 1), ("st.global.u32", 32, 128, 4),
            ],
            sum.GlobalAccesses.Select(one => (one.Opcode, one.Lanes, one.DistinctBytes, one.Sectors)));
        Assert.Equal(64, sum.GlobalAccesses[0].LanesByBuffer["input"]);

        // What was summed does not change with the sum.
        Assert.Equal(32, first.Profile.GlobalAccesses[0].Lanes);
    }

    [Fact]
    public void Traffic_OfABuffer_HasItsCounts()
    {
        var kernel = new SmallKernel("""
            mad.wide.u32 %q3, %r0, 8, %q1;
            setp.lt.u32 %p0, %r0, 16;
            @%p0 ld.global.u16 %r1, [%q3];
            st.global.u32 [%q3], %r1;
            setp.lt.u32 %p0, %r0, 2;
            @%p0 red.global.add.u32 [%q1], 1;
            """);

        kernel.Run();

        var expected = new PtxTraffic(32 + 8, 128 + 8)
        {
            DistinctBytesRead = 32 + 4,
            DistinctBytesWritten = 128 + 4,
            SectorsRead = 4 + 1,
            SectorsWritten = 8 + 1,
            BytesUpdated = 8,
        };
        Assert.Equal(expected, PtxTraffic.Of(kernel.Output));
        Assert.Equal(expected, expected + expected - expected);
    }

    [Theory]
    [InlineData(".shared .align 16 .b8 table[48]; .local .align 4 .b8 own[20];", 48, 20, true)]
    [InlineData("ld.local.u32 %r1, [%q0];", 0, 0, true)]
    [InlineData("cvta.to.local.u64 %q3, %q0;", 0, 0, true)]
    [InlineData(".shared .align 4 .f32 one; .shared .align 16 .b8 two[16]; ld.shared.f32 %f1, [one];", 32, 0, false)]
    [InlineData("ld.global.u32 %r1, [%q0];", 0, 0, false)]
    public void Memory_ThatAKernelDeclares_IsKnownWithoutALaunch(string body, int shared, int local, bool usesLocal)
    {
        PtxKernel kernel = PtxModule.Parse(SmallKernel.Text(body)).Kernels.Single();

        Assert.Equal((shared, local, usesLocal), (kernel.SharedBytes, kernel.LocalBytes, kernel.UsesLocalMemory));
    }

    private static (long Bytes, long Distinct, long Sectors) Written(GlobalBuffer buffer) =>
        (buffer.BytesWritten, buffer.DistinctBytesWritten, buffer.SectorsWritten);

    /// <summary>Different units of that many bytes that lanes have places in, warp by warp.</summary>
    private static int Distinct(int[] lanes, int[] places, int unit) =>
        lanes.GroupBy(lane => lane / 32).Sum(warp => warp.Select(lane => places[lane] / unit).Distinct().Count());
}
