namespace Requant.Ilgpu.Ptx;

/// <summary>Which registers are read later, at the end of each block.</summary>
internal sealed class PtxLiveness
{
    private readonly Dictionary<PtxBlock, HashSet<string>> _atEnd = [];

    private PtxLiveness()
    {
    }

    /// <summary>The registers whose value at the end of a block may still be read.</summary>
    public HashSet<string> AtEnd(PtxBlock block) => _atEnd[block];

    /// <summary>Of a body as it is now.</summary>
    public static PtxLiveness Of(PtxBody body)
    {
        var liveness = new PtxLiveness();
        var atStart = new Dictionary<PtxBlock, HashSet<string>>();
        foreach (PtxBlock block in body.Blocks)
        {
            liveness._atEnd[block] = [];
            atStart[block] = [];
        }

        bool changed = true;
        while (changed)
        {
            changed = false;
            foreach (PtxBlock block in body.Blocks.Reverse())
            {
                HashSet<string> end = liveness._atEnd[block];
                block.Successors.ForEach(successor => end.UnionWith(atStart[successor]));
                var live = new HashSet<string>(end, StringComparer.Ordinal);
                for (int i = block.Lines.Count - 1; i >= 0; i--)
                {
                    Step(live, block.Lines[i]);
                }

                changed |= live.Count != atStart[block].Count;
                atStart[block] = live;
            }
        }

        return liveness;
    }

    /// <summary>Takes out instructions whose result nothing reads, and copies of a register to itself.</summary>
    /// <returns>Whether there were any.</returns>
    public static bool RemoveDead(PtxBody body)
    {
        PtxLiveness liveness = Of(body);
        bool any = false;
        foreach (PtxBlock block in body.Blocks)
        {
            var live = new HashSet<string>(liveness.AtEnd(block), StringComparer.Ordinal);
            for (int i = block.Lines.Count - 1; i >= 0; i--)
            {
                PtxLine line = block.Lines[i];
                if (line.IsInstruction && PtxOpcode.IsPure(line) && (!PtxOpcode.Results(line).Any(live.Contains) || IsSelfCopy(line)))
                {
                    block.Lines.RemoveAt(i);
                    any = true;
                }
                else
                {
                    Step(live, line);
                }
            }
        }

        return any;
    }

    /// <summary>Takes out instructions whose results only feed such instructions: what is handed from one round of a
    /// loop to the next and
    /// never used.</summary>
    public static void RemoveUnused(PtxBody body)
    {
        PtxLine[] lines = [.. body.Blocks.SelectMany(block => block.Lines).Where(line => line.IsInstruction)];
        ILookup<string, PtxLine> writers = lines.Where(PtxOpcode.IsPure).ToLookup(line => line.Operands[0], StringComparer.Ordinal);
        var used = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(lines.Where(line => !PtxOpcode.IsPure(line)).SelectMany(PtxOpcode.Sources));
        while (open.TryPop(out string? register))
        {
            if (used.Add(register))
            {
                foreach (string source in writers[register].SelectMany(PtxOpcode.Sources))
                {
                    open.Push(source);
                }
            }
        }

        foreach (PtxBlock block in body.Blocks)
        {
            _ = block.Lines.RemoveAll(line => line.IsInstruction && PtxOpcode.IsPure(line) && !used.Contains(line.Operands[0]));
        }
    }

    private static bool IsSelfCopy(PtxLine line) => line.Name == "mov" && line.Operands[0] == line.Operands[1];

    /// <summary>From the registers that are live behind a line to those before it.</summary>
    private static void Step(HashSet<string> live, PtxLine line)
    {
        if (!line.IsInstruction)
        {
            return;
        }

        // Where a guard does not hold, the old value stays.
        if (line.Guard is null)
        {
            live.ExceptWith(PtxOpcode.Results(line));
        }

        live.UnionWith(PtxOpcode.Sources(line));
    }
}
