namespace Requant.Devices.Ptx;

/// <summary>Simplifies indices of 32 bits: products of two of them, and what is taken off one that is known to be large
/// enough.</summary>
internal sealed class PtxIndices
{
    private readonly PtxBlock _block;
    private readonly PtxDefinitions _definitions;

    private PtxIndices(PtxBlock block, HashSet<string> liveAtEnd)
    {
        _block = block;
        _definitions = new PtxDefinitions(block, liveAtEnd);
    }

    /// <summary>Multiplies two words as such, and not as numbers of 64 bits; what nothing reads any more stays until
    /// <see cref="PtxLiveness.RemoveDead"/>.</summary>
    public static void RewriteProducts(PtxBody body) => Rewrite(body, (indices, line, one) =>
    {
        if (one.Opcode is "mul.lo.s64" or "mul.lo.u64"
            && indices.Word(line, 1) is { } x && indices.Word(line, 2) is { } y)
        {
            one.Opcode = "mul.wide.u32";
            one.Operands = [one.Operands[0], x, y];
        }
    });

    /// <summary>What is taken off an index goes into the address of a table: the index is at least that, so that its
    /// product is what it
    /// was.</summary>
    public static void RewriteOffsets(PtxBody body) => Rewrite(body, (indices, line, one) =>
    {
        if (one.Opcode is "ld.shared.b32" or "ld.shared.u32" or "ld.shared.f32")
        {
            indices.Offset(line, one);
        }
    });

    private static void Rewrite(PtxBody body, Action<PtxIndices, int, PtxLine> rewrite)
    {
        PtxLiveness liveness = PtxLiveness.Of(body);
        foreach (PtxBlock block in body.Blocks)
        {
            var indices = new PtxIndices(block, liveness.AtEnd(block));
            for (int i = 0; i < block.Lines.Count; i++)
            {
                if (block.Lines[i].Guard is null)
                {
                    rewrite(indices, i, block.Lines[i]);
                }
            }
        }
    }

    /// <summary>The word that an operand of 64 bits is made of.</summary>
    private string? Word(int line, int operand)
    {
        int index = Definition(line, operand, "cvt.u64.u32");
        string? word = index < 0 ? null : _block.Lines[index].Operands[1];
        return word is not null && _definitions.Holds(line, word, _definitions.Of(index, word)) ? word : null;
    }

    private void Offset(int line, PtxLine load)
    {
        if (!PtxOperand.TryAddress(load.Operands[1], out string address, out long offset)
            || !PtxOperand.IsRegister(address))
        {
            return;
        }

        int product = _definitions.Of(line, address);
        if (product < 0 || _block.Lines[product] is not { Opcode: "mad.wide.u32", Guard: null } scaled
            || _definitions.ReadersOf(product) != 1 || !PtxOperand.TryInteger(scaled.Operands[2], out long scale))
        {
            return;
        }

        int difference = Definition(product, 1, "sub.s32");
        int shifted = difference < 0 ? -1 : Definition(difference, 1, "shr.s32");
        int least = shifted < 0 ? -1 : Definition(shifted, 1, "max.s32");
        if (least >= 0 && Constant(difference) is >= 0 and long taken
            && Constant(shifted) is >= 0 and < 32 and long bits
            && Constant(least) is >= 0 and <= int.MaxValue and long bound
            && bound >> (int)bits >= taken
            && _definitions.Holds(product, _block.Lines[shifted].Operands[0], shifted))
        {
            string[] operands = scaled.Operands;
            scaled.Operands = [operands[0], _block.Lines[shifted].Operands[0], operands[2], operands[3]];
            load.Operands = [load.Operands[0], PtxOperand.Address(address, offset - (taken * scale))];
        }
    }

    private long? Constant(int line) =>
        PtxOperand.TryInteger(_block.Lines[line].Operands[2], out long value) ? value : null;

    /// <summary>The line that wrote an operand, if it has an opcode; otherwise -1.</summary>
    private int Definition(int line, int operand, string opcode)
    {
        string register = _block.Lines[line].Operands[operand];
        int definition = PtxOperand.IsRegister(register) ? _definitions.Of(line, register) : -1;
        return definition >= 0 && _block.Lines[definition] is { Guard: null } one && one.Opcode == opcode
            ? definition
            : -1;
    }
}
