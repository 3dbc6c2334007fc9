namespace Requant.Devices.Ptx;

/// <summary>Takes out branches that go nowhere or always the same way, and what they never lead to. Assemblers do so
/// too.</summary>
internal static class PtxBranches
{
    /// <summary>Rewrites a body.</summary>
    /// <returns>The body with blocks and successors as they are then.</returns>
    public static PtxBody Rewrite(PtxBody body)
    {
        foreach (PtxBlock block in body.Blocks)
        {
            Decide(block.Lines);
        }

        body = body.Again();
        HashSet<PtxBlock> reached = Reached(body.Blocks[0]);
        foreach (PtxBlock block in body.Blocks.Where(block => !reached.Contains(block)))
        {
            // Declarations hold for the whole kernel.
            _ = block.Lines.RemoveAll(line => line.IsInstruction);
        }

        body = body.Again();
        for (int i = 0; i < body.Blocks.Count; i++)
        {
            Shorten(body.Blocks, i);
        }

        return body.Again();
    }

    /// <summary>A branch whose condition is a constant of its block is one without a condition, or none.</summary>
    private static void Decide(List<PtxLine> lines)
    {
        int last = lines.FindLastIndex(line => line.IsInstruction);
        if (last < 0 || lines[last] is not { Name: "bra", Guard: { } guard } branch)
        {
            return;
        }

        string register = guard.TrimStart('!');
        PtxLine? written = lines.FindLast(
            line => line.IsInstruction && line != branch && line.Results.Contains(register));
        if (written is not { Opcode: "mov.pred", Guard: null }
            || !PtxOperand.TryInteger(written.Operands[1], out long value))
        {
            return;
        }

        if ((value != 0) == (guard[0] != '!'))
        {
            branch.Guard = null;
        }
        else
        {
            lines.RemoveAt(last);
        }
    }

    private static HashSet<PtxBlock> Reached(PtxBlock first)
    {
        var reached = new HashSet<PtxBlock> { first };
        var open = new Stack<PtxBlock>([first]);
        while (open.TryPop(out PtxBlock? block))
        {
            foreach (PtxBlock successor in block.Successors.Where(reached.Add))
            {
                open.Push(successor);
            }
        }

        return reached;
    }

    /// <summary>Takes out a branch to what follows; one around a branch becomes that branch on the opposite
    /// condition.</summary>
    private static void Shorten(IReadOnlyList<PtxBlock> blocks, int index)
    {
        List<PtxLine> lines = blocks[index].Lines;
        if (lines.FindLast(line => line.IsInstruction) is not { Name: "bra" } branch)
        {
            return;
        }

        PtxLine[] around = index + 1 == blocks.Count
            ? []
            : [.. blocks[index + 1].Lines.Where(line => line.IsInstruction || line.Label is not null)];
        if (branch.Guard is { } guard && around is [{ Name: "bra", Guard: null } other]
            && LabelsFrom(blocks, index + 2).Contains(branch.Operands[0]))
        {
            branch.Guard = guard[0] == '!' ? guard[1..] : "!" + guard;
            branch.Operands = other.Operands;
            blocks[index + 1].Lines.Remove(other);
        }

        if (LabelsFrom(blocks, index + 1).Contains(branch.Operands[0]))
        {
            lines.Remove(branch);
        }
    }

    /// <summary>The labels before the next instruction.</summary>
    private static IEnumerable<string> LabelsFrom(IReadOnlyList<PtxBlock> blocks, int index) => blocks.Skip(index)
        .SelectMany(block => block.Lines).TakeWhile(line => !line.IsInstruction)
        .Where(line => line.Label is not null).Select(line => line.Label!);
}
