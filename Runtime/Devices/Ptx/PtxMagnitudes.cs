using System.Globalization;

namespace Requant.Devices.Ptx;

/// <summary>The largest of several magnitudes by comparing floats, which devices take magnitudes of on the way, in the
/// place of their bits,
/// which must be masked first.</summary>
/// <remarks><c>max.NaN</c> has NaN where one is, whose bits are above infinity's too; all other floats of one sign are
/// in the order of their
/// bits.</remarks>
internal sealed class PtxMagnitudes
{
    private const int FirstTarget = 80;
    private const uint Infinity = 0x7f800000;

    private readonly PtxBlock _block;
    private readonly PtxDefinitions _definitions;
    private readonly Dictionary<int, string> _floats = [];
    private readonly string _prefix;

    private PtxMagnitudes(PtxBlock block, HashSet<string> liveAtEnd, string prefix)
    {
        _block = block;
        _definitions = new PtxDefinitions(block, liveAtEnd);
        _prefix = prefix;
    }

    /// <summary>Rewrites a body; what nothing reads any more stays until
    /// <see cref="PtxLiveness.RemoveDead"/>.</summary>
    public static void Rewrite(PtxBody body)
    {
        if (body.Target < FirstTarget)
        {
            return;
        }

        const string Prefix = "%mm";
        PtxLiveness liveness = PtxLiveness.Of(body);
        int count = 0;
        foreach (PtxBlock block in body.Blocks)
        {
            var magnitudes = new PtxMagnitudes(block, liveness.AtEnd(block), Prefix);
            count = magnitudes.Rewrite(count);
        }

        if (count > 0)
        {
            List<PtxLine> first = body.Blocks[0].Lines;
            first.Insert(
                first.FindIndex(line => line.IsInstruction),
                PtxLine.Parse(string.Create(CultureInfo.InvariantCulture, $"\t.reg .f32 {Prefix}<{count}>;"))!);
        }
    }

    private int Rewrite(int count)
    {
        var added = new List<(int Line, PtxLine[] Lines)>();
        for (int i = 0; i < _block.Lines.Count; i++)
        {
            if (_block.Lines[i] is not { Opcode: "max.u32", Guard: null } line
                || Float(i, 1) is not { } x || Float(i, 2) is not { } y || (!x.IsMagnitude && !y.IsMagnitude))
            {
                continue;
            }

            string result = string.Create(CultureInfo.InvariantCulture, $"{_prefix}{count++}");
            var lines = new List<PtxLine>();
            string[] operands = [.. ((Operand[])[x, y]).Select(operand =>
            {
                if (operand.Opcode is null)
                {
                    return operand.Register;
                }

                string own = string.Create(CultureInfo.InvariantCulture, $"{_prefix}{count++}");
                lines.Add(PtxLine.Instruction(operand.Opcode, own, operand.Register));
                return own;
            })];
            lines.Add(PtxLine.Instruction("max.NaN.f32", result, operands[0], operands[1]));
            lines.Add(PtxLine.Instruction("mov.b32", line.Operands[0], result));
            _floats[i] = result;
            added.Add((i, [.. lines]));
        }

        for (int i = added.Count - 1; i >= 0; i--)
        {
            _block.Lines.RemoveAt(added[i].Line);
            _block.Lines.InsertRange(added[i].Line, added[i].Lines);
        }

        return count;
    }

    /// <summary>The float that an operand has the bits of, if it is one that no sign is on: a magnitude, the largest of
    /// some, or one of two
    /// constants.</summary>
    private Operand? Float(int line, int operand)
    {
        string register = _block.Lines[line].Operands[operand];
        int definition = PtxOperand.IsRegister(register) ? _definitions.Of(line, register) : PtxDefinitions.Outside;
        if (definition == PtxDefinitions.Outside)
        {
            return null;
        }

        if (_floats.TryGetValue(definition, out string? largest))
        {
            return new Operand(largest, null, IsMagnitude: true);
        }

        PtxLine source = _block.Lines[definition];
        if (source is { Opcode: "and.b32", Guard: null }
            && PtxOperand.TryInteger(source.Operands[2], out long mask) && mask == int.MaxValue
            && Definition(definition, 1) is { Opcode: "mov.b32", Guard: null } move
            && PtxOperand.IsRegister(move.Operands[1])
            && PtxOperand.ClassOf(move.Operands[1]) == "f" && _definitions.ReadersOf(definition) == 1
            && _definitions.Holds(line, move.Operands[1], _block.Lines.IndexOf(move)))
        {
            return new Operand(move.Operands[1], "abs.f32", IsMagnitude: true);
        }

        return source is { Opcode: "selp.b32", Guard: null } && source.Operands[1..3].All(IsFloat)
            ? new Operand(register, "mov.f32", IsMagnitude: false)
            : null;
    }

    private PtxLine? Definition(int line, int operand)
    {
        string register = _block.Lines[line].Operands[operand];
        int definition = PtxOperand.IsRegister(register) ? _definitions.Of(line, register) : PtxDefinitions.Outside;
        return definition == PtxDefinitions.Outside ? null : _block.Lines[definition];
    }

    private static bool IsFloat(string operand) =>
        PtxOperand.TryInteger(operand, out long bits) && bits is >= 0 and <= Infinity;

    /// <summary>A float operand.</summary>
    /// <param name="Register">Where it is.</param>
    /// <param name="Opcode">What makes it of that register, or null.</param>
    /// <param name="IsMagnitude">Whether it saves anything.</param>
    private sealed record Operand(string Register, string? Opcode, bool IsMagnitude);
}
