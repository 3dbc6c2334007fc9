namespace Requant.Ptx.Tests.Instructions;

/// <summary>Loads and stores of several elements.</summary>
public class VectorTests
{
    private const int Lanes = 32;

    private static readonly byte[] Bytes = RandomBytes();

    /// <summary>Types, the registers that hold them, and their bytes.</summary>
    private static readonly (string Type, string Register, int Bytes)[] Types =
    [
        ("f32", "f", 4), ("u32", "r", 4), ("s32", "r", 4), ("b32", "r", 4), ("b32", "f", 4), ("b16", "h", 2),
        ("u16", "h", 2),
        ("s16", "r", 2), ("u8", "h", 1), ("b8", "h", 1), ("s8", "r", 1), ("u8", "r", 1), ("b64", "q", 8),
        ("u64", "q", 8),
        ("s64", "q", 8), ("f64", "q", 8),
    ];

    public static TheoryData<string, string, int, int> Vectors => [.. Types.SelectMany(type =>
        ((int[])[2, 4]).Where(count => count * type.Bytes <= 16)
            .Select(count => (type.Type, type.Register, count, count * type.Bytes)))];

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Vector_CopiedThroughSharedMemory_KeepsTheBytesOfGuardedLanes(
        string type, string register, int count, int size)
    {
        const int Guarded = 20;
        string vector = "{" + string.Join(", ", Enumerable.Range(4, count).Select(i => $"%{register}{i}")) + "}";
        string other = "{" + string.Join(", ", Enumerable.Range(8, count).Select(i => $"%{register}{i}")) + "}";
        var kernel = new SmallKernel($"""
            .shared .align 16 .b8 table[512];
            setp.lt.u32 %p0, %r0, {Guarded};
            mov.u64 %q12, table;
            mad.wide.u32 %q13, %r0, {size}, %q0;
            mad.wide.u32 %q14, %r0, {size}, %q12;
            mad.wide.u32 %q15, %r0, {size}, %q1;
            @%p0 ld.global.v{count}.{type} {vector}, [%q13];
            @%p0 st.shared.v{count}.{type} [%q14], {vector};
            @%p0 ld.shared.v{count}.{type} {other}, [%q14];
            @!%p0 bra End;
            st.global.v{count}.{type} [%q15], {other};
            End:
            """, Bytes, outputBytes: Lanes * size);

        kernel.Run();

        Assert.Equal([.. Bytes[..(Guarded * size)], .. new byte[(Lanes - Guarded) * size]], kernel.Output.Bytes);
        Assert.Equal((Guarded * size, Guarded * size), (kernel.Input.BytesRead, kernel.Output.BytesWritten));
        Assert.All(
            kernel.Profile.GlobalAccesses,
            access => Assert.Equal((size, Guarded), (access.BytesPerLane, access.Lanes)));
    }

    [Theory]
    [InlineData("v2.s8", 2, 0x80, 0xffff_ff80)]
    [InlineData("v4.s16", 4, 0x8001, 0xffff_8001)]
    [InlineData("v4.u16", 4, 0x8001, 0x8001)]
    [InlineData("v2.u8", 2, 0x80, 0x80)]
    public void Vector_OfSmallElements_ExtendsEachToItsRegister(string type, int count, int element, uint expected)
    {
        int bytes = type.EndsWith('8') ? 1 : 2;
        byte[] input = [.. Enumerable.Repeat(BitConverter.GetBytes(element)[..bytes], count).SelectMany(one => one)];
        string registers = string.Join(", ", Enumerable.Range(1, count).Select(i => $"%r{i}"));
        var kernel = new SmallKernel(
            $"ld.global.{type} {{{registers}}}, [%q0]; "
            + string.Concat(Enumerable.Range(1, count).Select(i => $"st.global.u32 [%q1+{4 * i}], %r{i}; ")), input);

        Assert.Equal(Enumerable.Repeat(expected, count), kernel.Run(threads: 1)[1..(count + 1)]);
    }

    [Theory]
    [InlineData("v2.u8", 2)]
    [InlineData("v2.u16", 4)]
    [InlineData("v4.u8", 4)]
    [InlineData("v2.f32", 8)]
    [InlineData("v4.b16", 8)]
    [InlineData("v4.f32", 16)]
    [InlineData("v2.u64", 16)]
    public void Vector_AtHalfItsSize_IsAnErrorThatNamesBufferAndAlignment(string type, int size)
    {
        char register = type.EndsWith("64", StringComparison.Ordinal) ? 'q'
            : type.Contains('f', StringComparison.Ordinal) ? 'f'
                : type.EndsWith("16", StringComparison.Ordinal) ? 'h' : 'r';
        string vector = "{" + string.Join(", ", Enumerable.Range(4, type[1] - '0').Select(i => $"%{register}{i}"))
            + "}";
        string[] bodies =
            [$"ld.global.{type} {vector}, [%q0+{size / 2}];", $"st.global.{type} [%q1+{size / 2}], {vector};"];
        foreach ((string body, string buffer) in bodies.Zip((string[])["input", "output"]))
        {
            var kernel = new SmallKernel(body, Bytes);

            string message = Assert.Throws<PtxException>(() => kernel.Run()).Message;

            Assert.Contains(
                $"lane 0 accesses {size} bytes at byte {size / 2} of '{buffer}'", message, StringComparison.Ordinal);
            Assert.Contains($"which is no multiple of {size}.", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Vector_MisalignedInLanesWhoseGuardDoesNotHold_IsNoError()
    {
        var kernel = new SmallKernel("""
            mad.wide.u32 %q3, %r0, 8, %q0;
            and.b32 %r1, %r0, 1;
            setp.eq.u32 %p0, %r1, 0;
            @%p0 ld.global.v4.u32 {%r2, %r3, %r4, %r5}, [%q3];
            """, Bytes);

        kernel.Run();

        Assert.Equal(256, kernel.Input.DistinctBytesRead);
    }

    private static byte[] RandomBytes()
    {
        var bytes = new byte[512];
        new Random(3).NextBytes(bytes);
        return bytes;
    }
}
