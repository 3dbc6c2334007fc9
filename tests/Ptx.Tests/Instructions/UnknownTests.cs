namespace Requant.Ptx.Tests.Instructions;

/// <summary>What the interpreter does not know is an error that names line and text, never skipped.</summary>
public class UnknownTests
{
    [Theory]
    [InlineData("frobnicate.u32 %r1, %r2;", "does not know instruction 'frobnicate'")]
    [InlineData("call.uni other, (%r1);", "")]
    [InlineData("ex2.approx.f32 %f1, %f2;", "does not know instruction 'ex2'")]
    [InlineData("div.f32 %f1, %f2, %f3;", "needs one of the modifiers rn, approx, full")]
    [InlineData("div.approx.f64 %q1, %q2, %q3;", "does not know this instruction for this type")]
    [InlineData("sqrt.full.f32 %f1, %f2;", "needs one of the modifiers rn, approx")]
    [InlineData("rcp.rz.f32 %f1, %f2;", "needs one of the modifiers rn, approx")]
    [InlineData("rcp.approx.ftz.f64 %q1, %q2;", "does not know modifier '.ftz'")]
    [InlineData("rsqrt.f32 %f1, %f2;", "needs one of the modifiers approx")]
    [InlineData("rsqrt.rn.f32 %f1, %f2;", "needs one of the modifiers approx")]
    [InlineData("rsqrt.approx.f64 %q1, %q2;", "does not know this instruction for this type")]
    [InlineData("redux.sync.add.b32 %r1, %r2, 0xffffffff;", "does not know this instruction for this type")]
    [InlineData("redux.sync.xor.u32 %r1, %r2, 0xffffffff;", "does not know this instruction for this type")]
    [InlineData("redux.sync.max.u64 %q1, %q2, 0xffffffff;", "does not know this instruction for this type")]
    [InlineData("redux.add.u32 %r1, %r2, 0xffffffff;", "needs one of the modifiers sync")]
    [InlineData("fma.f32 %f1, %f2, %f3, %f4;", "needs one of the modifiers rn")]
    [InlineData("add.rz.f32 %f1, %f2, %f3;", "does not know modifier '.rz' of add")]
    [InlineData("add.sat.f32 %f1, %f2, %f3;", "does not know modifier '.sat'")]
    [InlineData("add.ftz.u32 %r1, %r2, %r3;", "does not know modifier '.ftz'")]
    [InlineData("add.f16 %h1, %h2, %h3;", "does not know this instruction for this type")]
    [InlineData("mul.u32 %r1, %r2, %r3;", "needs one of the modifiers lo, hi, wide")]
    [InlineData("mul.wide.u64 %q1, %q2, %q3;", ".wide is for 16 and 32 bits")]
    [InlineData("neg.u32 %r1, %r2;", "does not know this instruction for this type")]
    [InlineData("setp.lo.s32 %p1, %r1, %r2;", "does not know this instruction for this type")]
    [InlineData("setp.lt.b32 %p1, %r1, %r2;", "does not know this instruction for this type")]
    [InlineData("ld.global.nc.u32 %r1, [%q0];", "does not know modifier '.nc'")]
    [InlineData("ld.global.v8.u32 %r1, [%q0];", "does not know modifier '.v8'")]
    [InlineData("ld.global.v4.u64 {%q1, %q2, %q3, %q4}, [%q0];", "PTX has no such access")]
    [InlineData("ld.global.v2.u32 {%r1, %r2, %r3}, [%q0];", "it moves 2 elements")]
    [InlineData("ld.relaxed.global.u32 %r1, [%q0];", "do not go together")]
    [InlineData("ld.param.u64 %q3, [input+8];", "'input' has 8 bytes")]
    [InlineData("st.param.u64 [input], %q3;", "a kernel cannot store there")]
    [InlineData("red.global.exch.b32 [%q0], %r1;", "does not know this update")]
    [InlineData("atom.global.add.f16 %h1, [%q0], %h2;", "does not know this update")]
    [InlineData("shfl.bfly.b32 %r1, %r2, 1, 31;", "needs one of the modifiers sync")]
    [InlineData("bar.red.popc.u32 %r1, 0, %p1;", "needs one of the modifiers sync")]
    [InlineData("bar.sync 0, 64;", "it has 2 operands and takes 1")]
    [InlineData("barrier.sync 0;", "needs one of the modifiers aligned")]
    [InlineData("add.u32 %r1, %r2;", "it has 2 operands and needs more")]
    [InlineData("add.u32 %r1, %r2, %r3, %r4;", "it has 4 operands and takes 3")]
    [InlineData("add.u32 %r1, %f2, %r3;", "'%f2' is a register of type f32 and no operand of type u32")]
    [InlineData("add.f32 %f1, %f2, 1;", "no operand of type f32")]
    [InlineData("add.u64 %q1, %r2, %q3;", "'%r2' is a register of type b32")]
    [InlineData("add.u32 %r1, %r2, 4294967296;", "does not fit type u32")]
    [InlineData("add.s32 %r1, %r2, -2147483649;", "does not fit type s32")]
    [InlineData("add.u32 %r1, %r2, %r99;", "'%r99' is no operand")]
    [InlineData("add.u32 %x1, %r2, %r3;", "results must be declared registers")]
    [InlineData("mov.u64 %q1, nothing;", "there is no register or variable 'nothing'")]
    [InlineData("mov.u64 %q1, %tid.x;", "'%tid.x' has 32 bits")]
    [InlineData("mov.u32 %r1, %clock;", "'%clock' is no operand")]
    [InlineData("mov.b64 %q1, {%h1, %h2, %h3};", "moves b32 to or from 2 parts")]
    [InlineData("bra Nowhere;", "there is no label 'Nowhere'")]
    [InlineData("brx.idx %r1, Nowhere;", "list of branch targets")]
    [InlineData("lop3.b32 %r1, %r2, %r3, %r4, 256;", "a table from 0 to 255")]
    [InlineData("cvta.shared.u32 %r1, %r2;", "does not know this instruction for this type")]
    public void Instruction_ThatIsNotKnown_IsAnErrorThatNamesIt(string instruction, string problem)
    {
        string text = SmallKernel.Text("\n" + instruction);
        int line =
            text[..text.IndexOf(instruction, StringComparison.Ordinal)].Count(character => character == '\n') + 1;

        PtxException error = Assert.Throws<PtxException>(() => PtxModule.Parse(text));

        Assert.Equal(line, error.Line);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.StartsWith($"PTX line {line}, '", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".func f() { ret; }", ".func")]
    [InlineData(".extern .shared .align 4 .b8 dynamic[];", ".extern")]
    [InlineData(".address_size 32", "32")]
    [InlineData(".visible .entry k() .pragma { ret; }", ".pragma")]
    [InlineData(".visible .entry k() { .loc 1 2 3; ret; }", ".loc")]
    [InlineData(".visible .entry k() { .reg .b8 %r; ret; }", ".b8")]
    [InlineData(".visible .entry k() { .reg .b32 %r; .reg .f32 %r; ret; }", ".reg")]
    [InlineData(".visible .entry k() { A: ret; A: ret; }", "A")]
    [InlineData(".visible .entry k() { .reg .b32 %r; mov.u32 %r, 017; ret; }", "017")]
    [InlineData(".visible .entry k() { .reg .f32 %f; mov.f32 %f, 1.5; ret; }", "1.5")]
    [InlineData(".visible .entry k() { .reg .f32 %f; mov.f32 %f, 0f3F80; ret; }", "0f3F80")]
    [InlineData(".visible .entry k() { ret;", "{")]
    [InlineData(".visible .entry k() { ret # }", "#")]
    [InlineData(".visible .entry k() { @%p0 ret; }", "%p0")]
    [InlineData(".global .u32 v[2] = {1, 2, 3};", "3")]
    [InlineData(".global .f32 v = 1;", "1")]
    [InlineData(".global .u32 v; .global .u32 v;", ".global")]
    [InlineData("/* comment", "/*")]
    public void Text_ThatIsNotKnown_IsAnErrorThatNamesTheToken(string text, string token)
    {
        PtxException error = Assert.Throws<PtxException>(() => PtxModule.Parse("// first line\n" + text));

        Assert.Equal((2, token), (error.Line, error.Text));
    }

    [Fact]
    public void Text_WithScopesAndComments_IsRead()
    {
        uint[] output = new SmallKernel("""
            /* a comment
               of two lines */
            mov.u32 %r1, 1; // another
            {
                .reg .b32 %r1;
                mov.u32 %r1, 2;
            }
            st.global.u32 [%q2], %r1;
            """).Run();

        Assert.Equal(1u, output[0]);
        Assert.Equal("sm_80", PtxModule.Parse(SmallKernel.Text("")).Target);
        Assert.Equal("7.8", PtxModule.Parse(SmallKernel.Text("")).Version);
    }
}
