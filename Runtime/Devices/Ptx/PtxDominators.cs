namespace Requant.Devices.Ptx;

/// <summary>Through which block control has come to each block, whatever way it took.</summary>
internal sealed class PtxDominators
{
    private readonly Dictionary<PtxBlock, int> _order = [];
    private readonly Dictionary<PtxBlock, PtxBlock> _dominators = [];

    /// <summary>Of a body as it is now: Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm",
    /// 2001.</summary>
    public PtxDominators(PtxBody body)
    {
        var visited = new HashSet<PtxBlock>();
        var blocks = new List<PtxBlock>();
        Visit(body.Blocks[0], visited, blocks);
        blocks.Reverse();
        Blocks = blocks;
        for (int i = 0; i < blocks.Count; i++)
        {
            _order[blocks[i]] = i;
        }

        _dominators[blocks[0]] = blocks[0];
        bool changed = true;
        while (changed)
        {
            changed = false;
            foreach (PtxBlock block in blocks.Skip(1))
            {
                PtxBlock dominator = block.Predecessors.Where(_dominators.ContainsKey).Aggregate(Common);
                changed |= !_dominators.TryGetValue(block, out PtxBlock? old) || old != dominator;
                _dominators[block] = dominator;
            }
        }
    }

    /// <summary>The blocks that control reaches, each behind its dominator.</summary>
    public IReadOnlyList<PtxBlock> Blocks { get; }

    /// <summary>The last block that all ways to a block go through, or null for the first.</summary>
    public PtxBlock? Of(PtxBlock block) => _dominators[block] == block ? null : _dominators[block];

    /// <summary>The blocks that control may have gone through since it last left a block's dominator.</summary>
    public HashSet<PtxBlock> Since(PtxBlock block)
    {
        PtxBlock dominator = _dominators[block];
        var between = new HashSet<PtxBlock>();
        var open = new Stack<PtxBlock>(block.Predecessors);
        while (open.TryPop(out PtxBlock? one))
        {
            if (one != dominator && _order.ContainsKey(one) && between.Add(one))
            {
                one.Predecessors.ForEach(open.Push);
            }
        }

        return between;
    }

    private PtxBlock Common(PtxBlock x, PtxBlock y)
    {
        while (x != y)
        {
            if (_order[x] > _order[y])
            {
                x = _dominators[x];
            }
            else
            {
                y = _dominators[y];
            }
        }

        return x;
    }

    private static void Visit(PtxBlock block, HashSet<PtxBlock> visited, List<PtxBlock> behind)
    {
        if (visited.Add(block))
        {
            block.Successors.ForEach(successor => Visit(successor, visited, behind));
            behind.Add(block);
        }
    }
}
