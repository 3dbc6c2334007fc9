namespace Requant.Ptx.Tests.Instructions;

public class MemoryTests
{
    private static readonly byte[] Ramp = [.. Enumerable.Range(0xf0, 64).Select(i => (byte)i)];

    [Theory]
    [InlineData("ld.global.u8 %r1, [%q0+1]; st.global.u32 [%q2], %r1;", 0xf1)]
    [InlineData("ld.global.s8 %r1, [%q0+1]; st.global.u32 [%q2], %r1;", 0xffff_fff1)]
    [InlineData("ld.global.b8 %h1, [%q0+1]; cvt.u32.u16 %r1, %h1; st.global.u32 [%q2], %r1;", 0xf1)]
    [InlineData("ld.global.s16 %r1, [%q0+2]; st.global.u32 [%q2], %r1;", 0xffff_f3f2)]
    [InlineData("ld.global.u16 %r1, [%q0+2]; st.global.u32 [%q2], %r1;", 0xf3f2)]
    [InlineData("ld.global.f32 %f1, [%q0+4]; st.global.f32 [%q2], %f1;", 0xf7f6_f5f4)]
    [InlineData("ld.global.u64 %q3, [%q0+8]; shr.u64 %q3, %q3, 32; st.global.u32 [%q2], %q3;", 0xfffe_fdfc)]
    [InlineData("ld.global.v2.u32 {%r1, %r2}, [%q0+8]; st.global.u32 [%q2], %r2;", 0xfffe_fdfc)]
    [InlineData("ld.global.v4.f32 {%f1, %f2, %f3, %f4}, [%q0]; st.global.f32 [%q2], %f3;", 0xfbfa_f9f8)]
    [InlineData("ld.global.v4.u8 {%r1, %r2, %r3, %r4}, [%q0]; st.global.u32 [%q2], %r4;", 0xf3)]
    [InlineData("ld.volatile.global.u32 %r1, [%q0]; st.global.cs.u32 [%q2], %r1;", 0xf3f2_f1f0)]
    [InlineData("ld.u32 %r1, [%q0]; st.u32 [%q2], %r1;", 0xf3f2_f1f0)]
    [InlineData("add.u64 %q3, %q0, 16; ld.global.u32 %r1, [%q3+-16]; st.global.u32 [%q2], %r1;", 0xf3f2_f1f0)]
    public void Load_OfEachWidth_ExtendsToTheRegister(string body, uint expected) =>
        Assert.Equal(expected, new SmallKernel(body, Ramp).Run(threads: 1)[0]);

    [Theory]
    [InlineData("mov.u32 %r1, 0x12345678; st.global.u8 [%q2+1], %r1;", 0x7800)]
    [InlineData("mov.u16 %h1, 0xabcd; st.global.b16 [%q2+2], %h1;", 0xabcd_0000)]
    [InlineData("mov.u16 %h1, 0xabcd; st.global.b8 [%q2], %h1;", 0xcd)]
    [InlineData("st.global.u32 [%q2], 7;", 7)]
    [InlineData("st.global.v2.u16 [%q2], {1, 2};", 0x2_0001)]
    [InlineData("st.global.v4.u8 [%q2], {1, 2, 3, 4};", 0x0403_0201)]
    public void Store_OfEachWidth_LeavesTheOthers(string body, uint expected) =>
        Assert.Equal(expected, new SmallKernel(body).Run(threads: 1)[0]);

    [Theory]
    [InlineData("L1")]
    [InlineData("L2")]
    public void Prefetch_OfMemoryThatIsThere_ChangesAndCountsNothing(string level)
    {
        var kernel = new SmallKernel($"prefetch.global.{level} [%q0+63];", Ramp);

        Assert.All(kernel.Run(), word => Assert.Equal(0u, word));
        Assert.Empty(kernel.Profile.GlobalAccesses);
    }

    [Fact]
    public void Prefetch_BehindTheEndOfABuffer_IsAFault() => Assert.Contains(
        "prefetches",
        Assert.Throws<PtxException>(() => new SmallKernel("prefetch.global.L2 [%q0+64];", Ramp).Run()).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Traffic_OfLoadsAndStores_CountsTheBytesOfActiveLanes()
    {
        var kernel = new SmallKernel("""
            ld.global.v2.u32 {%r1, %r2}, [%q0];
            setp.lt.u32 %p0, %r0, 10;
            @%p0 st.global.u16 [%q2], %r1;
            """, Ramp);

        kernel.Run();

        Assert.Equal((32 * 8, 0), (kernel.Input.BytesRead, kernel.Input.BytesWritten));
        Assert.Equal((0, 10 * 2), (kernel.Output.BytesRead, kernel.Output.BytesWritten));
    }

    [Theory]
    [InlineData("ld.global.u32 %r1, [%q0+64];", "4 bytes at byte 64 of 'input', which has 64")]
    [InlineData("ld.global.v4.u32 {%r1, %r2, %r3, %r4}, [%q0+64];", "16 bytes at byte 64 of 'input'")]
    [InlineData("ld.global.u32 %r1, [%q0-4];", "in no buffer")]
    [InlineData("ld.global.u32 %r1, [0];", "4 bytes at 0x0, which is in no buffer")]
    [InlineData("ld.u32 %r1, [%q0+64];", "4 bytes at byte 64 of 'input'")]
    [InlineData("ld.global.u32 %r1, [2];", "4 bytes at 0x2, which is no multiple of 4")]
    [InlineData("ld.global.u32 %r1, [%q0+2];",
        "4 bytes at byte 2 of 'input', address 0x7f0000000002, which is no multiple of 4")]
    [InlineData("ld.global.v2.u32 {%r1, %r2}, [%q0+4];",
        "byte 4 of 'input', address 0x7f0000000004, which is no multiple of 8")]
    [InlineData("ld.v4.u32 {%r1, %r2, %r3, %r4}, [%q0+8];",
        "byte 8 of 'input', address 0x7f0000000008, which is no multiple of 16")]
    [InlineData("st.global.v4.f32 [%q1+4], {%f1, %f2, %f3, %f4};", "16 bytes at byte 4 of 'output'")]
    [InlineData("red.global.add.u32 [%q1+1], 1;", "4 bytes at byte 1 of 'output'")]
    [InlineData("ld.shared.v4.f32 {%f1, %f2, %f3, %f4}, [8];",
        "16 bytes at byte 8 of shared memory, which is no multiple of 16")]
    [InlineData("st.local.u16 [3], %r1;", "2 bytes at byte 3 of local memory, which is no multiple of 2")]
    [InlineData("st.global.u32 [%q0], %r0;", "writes 'input', which is only for reading")]
    [InlineData("red.global.add.u32 [%q0], %r0;", "writes 'input', which is only for reading")]
    [InlineData("st.shared.u32 [4], %r0;", "4 bytes at byte 4 of shared memory, which has 0")]
    [InlineData("ld.local.u32 %r1, [0];", "4 bytes at byte 0 of local memory, which has 0")]
    public void Access_WhereThereIsNothing_IsAnErrorThatNamesTheInstruction(string body, string problem)
    {
        var kernel = new SmallKernel(body, Ramp);

        PtxException error = Assert.Throws<PtxException>(() => kernel.Run(threads: 1));

        Assert.Equal(body.TrimEnd(';'), error.Text);
        Assert.Contains("block 0, warp 0: lane 0", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Access_BeyondTheLastLane_NamesTheLane()
    {
        var kernel = new SmallKernel("st.global.u32 [%q2], %r0;", outputBytes: 4 * 20);

        PtxException error = Assert.Throws<PtxException>(() => kernel.Run());

        Assert.Contains("lane 20 accesses 4 bytes at byte 80 of 'output'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SharedMemory_BehindABarrier_HoldsWhatOtherWarpsWrote()
    {
        const string Body = """
            .shared .align 4 .b8 table[256];
            mov.u64 %q3, table;
            mad.wide.u32 %q4, %r0, 4, %q3;
            st.shared.u32 [%q4], %r0;
            bar.sync 0;
            mov.u32 %r1, 63;
            sub.u32 %r1, %r1, %r0;
            mad.wide.u32 %q4, %r1, 4, %q3;
            ld.shared.u32 %r2, [%q4];
            st.global.u32 [%q2], %r2;
            """;
        uint[] expected = [.. Enumerable.Range(0, 64).Select(i => (uint)(63 - i))];

        foreach (PtxOrder order in Enum.GetValues<PtxOrder>())
        {
            Assert.Equal(
                [.. expected, .. expected], new SmallKernel(Body, outputBytes: 512).Run(threads: 64, blocks: 2, order));
        }
    }

    [Fact]
    public void SharedMemory_WithoutTheBarrier_IsGarbageInOneOrderAtLeast()
    {
        const string Body = """
            .shared .align 4 .b8 table[256];
            mov.u64 %q3, table;
            mad.wide.u32 %q4, %r0, 4, %q3;
            st.shared.u32 [%q4], %r0;
            ld.shared.u32 %r2, [table+252];
            st.global.u32 [%q2], %r2;
            """;

        Assert.Equal(0xcdcd_cdcdu, new SmallKernel(Body).Run(threads: 64)[0]);
    }

    [Fact]
    public void GenericAddresses_OfSharedAndLocalMemory_ReachThem()
    {
        uint[] output = new SmallKernel("""
            .shared .align 8 .b8 table[16];
            .local .align 4 .b8 own[8];
            st.shared.u32 [table+4], 17;
            st.local.u32 [own+4], %r0;
            cvta.shared.u64 %q3, table;
            ld.u32 %r1, [%q3+4];
            mov.u64 %q4, own;
            cvta.local.u64 %q5, %q4;
            ld.u32 %r2, [%q5+4];
            cvta.to.shared.u64 %q6, %q3;
            ld.shared.u32 %r3, [%q6+4];
            add.u32 %r1, %r1, %r2;
            add.u32 %r1, %r1, %r3;
            st.global.u32 [%q2], %r1;
            """).Run();

        Assert.Equal([34u, 35, 36], output[..3]);
    }

    [Fact]
    public void ModuleVariables_WithInitialValues_AreThereAndConstantsAreReadOnly()
    {
        const string Variables = """
            .const .align 4 .u32 primes[4] = {2, 3, 0x5, 7};
            .global .f32 half = 0f3F000000;
            .global .align 8 .b8 rest[8];
            """;
        uint[] output = new SmallKernel("""
            mov.u64 %q3, primes;
            mad.wide.u32 %q3, %r0, 4, %q3;
            ld.const.u32 %r1, [%q3];
            ld.global.u32 %r2, [half];
            st.global.u32 [rest+4], %r1;
            ld.global.u32 %r3, [rest];
            add.u32 %r2, %r2, %r3;
            add.u32 %r1, %r1, %r2;
            st.global.u32 [%q2], %r1;
            """, moduleVariables: Variables).Run(threads: 4);

        Assert.Equal([0x3f00_0002u, 0x3f00_0003, 0x3f00_0005, 0x3f00_0007], output[..4]);
        var writer = new SmallKernel(
            "cvta.const.u64 %q3, primes; st.global.u32 [%q3], %r0;", moduleVariables: Variables);
        Assert.Contains(
            "only for reading", Assert.Throws<PtxException>(() => writer.Run()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("red.global.add.u32 [%q1], 2;", 64)]
    [InlineData("red.add.global.u32 [%q1], 2;", 64)]
    [InlineData("atom.global.add.u32 %r1, [%q1], %r0;", 496)]
    [InlineData("atom.relaxed.gpu.global.add.u32 %r1, [%q1], 1;", 32)]
    [InlineData("red.global.max.u32 [%q1], %r0;", 31)]
    [InlineData("red.global.or.b32 [%q1], %r0;", 31)]
    [InlineData("atom.global.exch.b32 %r1, [%q1], %r0;", 31)]
    [InlineData("atom.global.cas.b32 %r1, [%q1], %r0, 77;", 77)]
    [InlineData("mov.f32 %f1, 0f3F800000; red.global.add.f32 [%q1], %f1;", 0x4200_0000)]
    [InlineData("mov.u64 %q3, -1; red.global.add.u64 [%q1], %q3;", 0xffff_ffe0)]
    [InlineData("mov.u32 %r1, -1; red.global.min.s32 [%q1], %r1;", 0xffff_ffff)]
    public void Atomic_OfAWarp_TakesEveryLane(string body, uint expected) =>
        Assert.Equal(expected, new SmallKernel(body).Run()[0]);

    [Fact]
    public void Atomic_ThatReturns_GivesTheValueBefore()
    {
        uint[] output = new SmallKernel("""
            atom.global.add.u32 %r1, [%q1+1024], 3;
            st.global.u32 [%q2], %r1;
            """).Run();

        Assert.Equal([.. Enumerable.Range(0, 32).Select(i => (uint)(3 * i))], output[..32]);
        Assert.Equal(96u, output[256]);
    }

    [Fact]
    public void Parameters_OfStructs_AreReadAtTheirOffsets()
    {
        PtxKernel kernel = PtxModule.Parse("""
            .version 7.8
            .target sm_80
            .address_size 64
            .visible .entry k(.param .b32 first, .param .align 8 .b8 second[16])
            {
                .reg .b32 %r<3>;
                .reg .b64 %q<2>;
                ld.param.b64 %q0, [second];
                ld.param.s8 %r0, [second+8];
                ld.param.b32 %r1, [first];
                add.s32 %r0, %r0, %r1;
                st.global.u32 [%q0], %r0;
                ret;
            }
            """).Kernels.Single();
        var memory = new GlobalMemory();
        GlobalBuffer output = memory.Add("output", new byte[4], isWritable: true);
        byte[] second = [.. BitConverter.GetBytes(output.Address), 0xfe, .. new byte[7]];

        kernel.Run(new PtxGrid(1, 1), memory, [BitConverter.GetBytes(100), second]);

        Assert.Equal([4, 16], kernel.ParameterBytes);
        Assert.Equal(98, BitConverter.ToInt32(output.Bytes));
        Assert.Throws<ArgumentException>(() => kernel.Run(new PtxGrid(1, 1), memory, [BitConverter.GetBytes(100)]));
        ArgumentException wrong = Assert.Throws<ArgumentException>(
            () => kernel.Run(new PtxGrid(1, 1), memory, [BitConverter.GetBytes(100), new byte[24]]));
        Assert.Contains(
            "'second' of kernel 'k' has 16 bytes, and its argument 24", wrong.Message, StringComparison.Ordinal);
    }
}
