using Requant.CompilerServices;

namespace Requant.Devices.Ptx;

/// <summary>Rounds two float32 to 16 bits and packs them in one instruction, where a device has it:
/// <c>cvt.rn.bf16x2.f32</c> and <c>cvt.rn.f16x2.f32</c>, from sm_80 on.</summary>
/// <remarks>bfloat16 is looked for as <see cref="BFloat16DeviceElement"/> rounds it, with integers: ties to even, from
/// the largest ones up to infinity, denormals kept, and NaN to some NaN, all of which the instruction does too. float16
/// is rounded by the device as it is, one by one.</remarks>
internal sealed class PtxNarrowing
{
    private const int FirstArchitecture = 80;
    private const uint UpperHalf = 0xffff0000;
    private const uint QuietBit = 0x400000;
    private const uint Infinity = 0x7f800000;

    private readonly PtxBlock _block;
    private readonly PtxDefinitions _definitions;

    private PtxNarrowing(PtxBlock block, HashSet<string> liveAtEnd)
    {
        _block = block;
        _definitions = new PtxDefinitions(block, liveAtEnd);
    }

    /// <summary>Rewrites a body; what nothing reads any more stays until
    /// <see cref="PtxLiveness.RemoveDead"/>.</summary>
    public static void Rewrite(PtxBody body)
    {
        if (body.Target < FirstArchitecture)
        {
            return;
        }

        PtxLiveness liveness = PtxLiveness.Of(body);
        foreach (PtxBlock block in body.Blocks)
        {
            new PtxNarrowing(block, liveness.AtEnd(block)).Rewrite();
        }
    }

    private void Rewrite()
    {
        for (int i = 0; i < _block.Lines.Count; i++)
        {
            PtxLine line = _block.Lines[i];
            if (line.Opcode != "or.b32" || line.Guard is not null)
            {
                continue;
            }

            (string Register, int Line)? low = Rounded(i, 1, ShiftedDown);
            (string Register, int Line)? high = Rounded(i, 2, UpperOf);
            string opcode = "cvt.rn.bf16x2.f32";
            if (low is null || high is null)
            {
                (low, high, opcode) = (Float16(i, 1), Float16(ShiftedUp(i, 2), 1), "cvt.rn.f16x2.f32");
            }

            if (low is var (first, firstLine) && high is var (second, secondLine)
                && _definitions.Holds(i, first, firstLine) && _definitions.Holds(i, second, secondLine))
            {
                line.Opcode = opcode;
                line.Operands = [line.Operands[0], second, first];
            }
        }
    }

    /// <summary>The float of which an operand is the part that some line takes of its rounded bits.</summary>
    private (string Register, int Line)? Rounded(int line, int operand, Func<int, int, int> part)
    {
        int choice = Definition(part(line, operand), 1, "selp.b32");
        int quiet = Definition(choice, 1, "or.b32", QuietBit);
        int magnitude = Definition(Definition(choice, 3, "setp.hi.u32", Infinity), 1, "and.b32", int.MaxValue);
        int sum = Definition(choice, 2, "add.s32");
        int bits = Definition(Definition(sum, 1, "add.s32", 0x7fff), 1, "mov.b32");
        int last = Definition(Definition(sum, 2, "and.b32", 1), 1, "shr.u32", 16);
        return bits >= 0 && Definition(last, 1, "mov.b32") == bits && Definition(quiet, 1, "mov.b32") == bits
            && Definition(magnitude, 1, "mov.b32") == bits
            ? Float(bits)
            : null;
    }

    /// <summary>The float that an operand is rounded from, in 16 bits above which there is nothing.</summary>
    private (string Register, int Line)? Float16(int line, int operand)
    {
        int half = Definition(Definition(line, operand, "cvt.s32.u16"), 1, "cvt.rn.f16.f32");
        return half < 0 ? null : Float(half);
    }

    private int ShiftedDown(int line, int operand) => Definition(line, operand, "shr.u32", 16);

    private int ShiftedUp(int line, int operand) => Definition(line, operand, "shl.b32", 16);

    private int UpperOf(int line, int operand) => Definition(line, operand, "and.b32", UpperHalf);

    /// <summary>The float that a line reads.</summary>
    private (string Register, int Line)? Float(int line)
    {
        string register = _block.Lines[line].Operands[1];
        return PtxOperand.IsRegister(register) && PtxOperand.ClassOf(register) == "f"
            ? (register, _definitions.Of(line, register))
            : null;
    }

    /// <summary>The line that wrote an operand, if it has an opcode and, where one is asked for, a constant as its last
    /// operand; otherwise -1, as for a line of -1.</summary>
    private int Definition(int line, int operand, string opcode, uint? constant = null)
    {
        if (line < 0 || !PtxOperand.IsRegister(_block.Lines[line].Operands[operand]))
        {
            return -1;
        }

        int definition = _definitions.Of(line, _block.Lines[line].Operands[operand]);
        return definition >= 0 && _block.Lines[definition] is { Guard: null } one && one.Opcode == opcode
            && (constant is null
                || (PtxOperand.TryInteger(one.Operands[^1], out long value) && (uint)value == constant))
            ? definition
            : -1;
    }
}
