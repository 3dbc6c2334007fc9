namespace Requant.Ilgpu.Ptx;

/// <summary>What <see cref="Precision.Fast"/> allows: approximate division and square root, and fused multiply-adds, written out so that the
/// text tells what runs.</summary>
/// <remarks>Only where a warp keeps a block in registers. Blocks that it takes element by element are computed twice, once for their absmax
/// and once to be stored, and if the two differed by a rounding, after a cancellation a value could be far above its own absmax. Those
/// passes are loops inside the loop over blocks, and they stay exact.</remarks>
internal static class PtxFastMath
{
    /// <summary>PTX bounds their error: 2 ulp over the full range, 2^-23 relative, and 1 ulp.</summary>
    private static readonly Dictionary<string, string> Approximate = new(StringComparer.Ordinal)
    {
        ["div.rn.f32"] = "div.full.f32",
        ["sqrt.rn.f32"] = "sqrt.approx.f32",
        ["rcp.rn.f32"] = "rcp.approx.f32",
    };

    /// <summary>Rewrites a body whose arithmetic is all rounded.</summary>
    public static void Rewrite(PtxBody body)
    {
        HashSet<PtxBlock> inner = PtxLoops.Inner(body);
        PtxLiveness liveness = PtxLiveness.Of(body);
        foreach (PtxBlock block in body.Blocks.Where(block => !inner.Contains(block)))
        {
            block.Lines.ForEach(line => line.Opcode = Approximate.GetValueOrDefault(line.Opcode, line.Opcode));
            Fuse(block, liveness.AtEnd(block));
        }
    }

    private static void Fuse(PtxBlock block, HashSet<string> liveAtEnd)
    {
        for (int i = 0; i < block.Lines.Count; i++)
        {
            PtxLine sum = block.Lines[i];
            if (sum.Opcode is not ("add.rn.f32" or "sub.rn.f32") || sum.Guard is not null)
            {
                continue;
            }

            int operand = PtxFusion.FindProduct(block, i, liveAtEnd, line => line.Opcode == "mul.rn.f32", out int product);
            if (operand > 0 && Fused(sum, operand, block.Lines[product]) is { } lines)
            {
                block.Lines.RemoveAt(i);
                block.Lines.InsertRange(i, lines);
                block.Lines.RemoveAt(product);
                i += lines.Length - 2;
            }
        }
    }

    /// <summary>The product and its sum as one instruction; a difference negates what it takes away first, in the register of the product,
    /// which costs a device nothing.</summary>
    private static PtxLine[]? Fused(PtxLine sum, int operand, PtxLine product)
    {
        (string result, string register, string other) = (sum.Operands[0], sum.Operands[operand], sum.Operands[3 - operand]);
        (string a, string b) = (product.Operands[1], product.Operands[2]);
        if (sum.Name == "add")
        {
            return [PtxLine.Instruction("fma.rn.f32", result, a, b, other)];
        }

        string negative = operand == 1 ? other : PtxOperand.IsRegister(a) ? a : b;
        if (!PtxOperand.IsRegister(negative))
        {
            return null;
        }

        PtxLine negation = PtxLine.Instruction("neg.f32", register, negative);
        return operand == 1
            ? [negation, PtxLine.Instruction("fma.rn.f32", result, a, b, register)]
            : [negation, PtxLine.Instruction("fma.rn.f32", result, register, negative == a ? b : a, other)];
    }
}
