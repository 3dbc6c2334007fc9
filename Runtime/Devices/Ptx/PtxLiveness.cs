namespace Requant.Devices.Ptx;

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
        // Most registers live and die within a block; only what a block reads from elsewhere has a number.
        Flow[] flows = [.. body.Blocks.Select(block => new Flow(block))];
        string[] names = [.. flows.SelectMany(flow => flow.Read).Distinct(StringComparer.Ordinal)];
        Dictionary<string, int> numbers = names.Index()
            .ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        Dictionary<PtxBlock, PtxFlowSets> sets = flows.ToDictionary(
            flow => flow.Block,
            flow => new PtxFlowSets(names.Length, NumbersOf(flow.Read, numbers), NumbersOf(flow.Written, numbers)));
        bool changed = true;
        while (changed)
        {
            changed = false;
            for (int i = body.Blocks.Count - 1; i >= 0; i--)
            {
                PtxBlock block = body.Blocks[i];
                changed |= sets[block].Flow(block.Successors.Select(successor => sets[successor]));
            }
        }

        var liveness = new PtxLiveness();
        foreach (PtxBlock block in body.Blocks)
        {
            liveness._atEnd.Add(
                block,
                new HashSet<string>(sets[block].AtEnd().Select(number => names[number]), StringComparer.Ordinal));
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
            HashSet<string> live = liveness.AtEnd(block);
            var kept = new List<PtxLine>(block.Lines.Count);
            for (int i = block.Lines.Count - 1; i >= 0; i--)
            {
                PtxLine line = block.Lines[i];
                if (!(line.IsInstruction
                    && PtxOpcode.IsPure(line)
                    && (!line.Results.Any(live.Contains) || IsSelfCopy(line))))
                {
                    kept.Add(line);
                    Step(line, live);
                }
            }

            if (kept.Count < block.Lines.Count)
            {
                kept.Reverse();
                block.Lines.Clear();
                block.Lines.AddRange(kept);
                any = true;
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
        ILookup<string, PtxLine> writers = lines.Where(PtxOpcode.IsPure)
            .ToLookup(line => line.Operands[0], StringComparer.Ordinal);
        var used = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(lines.Where(line => !PtxOpcode.IsPure(line)).SelectMany(line => line.Sources));
        while (open.TryPop(out string? register))
        {
            if (used.Add(register))
            {
                foreach (string source in writers[register].SelectMany(line => line.Sources))
                {
                    open.Push(source);
                }
            }
        }

        foreach (PtxBlock block in body.Blocks)
        {
            _ = block.Lines.RemoveAll(
                line => line.IsInstruction && PtxOpcode.IsPure(line) && !used.Contains(line.Operands[0]));
        }
    }

    private static bool IsSelfCopy(PtxLine line) => line.Name == "mov" && line.Operands[0] == line.Operands[1];

    /// <summary>From the registers that are live behind a line to those before it.</summary>
    private static void Step(PtxLine line, HashSet<string> live, HashSet<string>? written = null)
    {
        if (!line.IsInstruction)
        {
            return;
        }

        // Where a guard does not hold, the old value stays.
        if (line.Guard is null)
        {
            foreach (string register in line.Results)
            {
                live.Remove(register);
                written?.Add(register);
            }
        }

        live.UnionWith(line.Sources);
    }

    private static IEnumerable<int> NumbersOf(IEnumerable<string> registers, Dictionary<string, int> numbers) =>
        registers.Where(numbers.ContainsKey).Select(register => numbers[register]);

    /// <summary>What a block does to registers.</summary>
    private sealed class Flow
    {
        public Flow(PtxBlock block)
        {
            Block = block;
            for (int i = block.Lines.Count - 1; i >= 0; i--)
            {
                Step(block.Lines[i], Read, Written);
            }
        }

        public PtxBlock Block { get; }

        /// <summary>Read before they are written, if they are.</summary>
        public HashSet<string> Read { get; } = new(StringComparer.Ordinal);

        /// <summary>Written in any case.</summary>
        public HashSet<string> Written { get; } = new(StringComparer.Ordinal);
    }
}
