namespace Requant.Devices.Ptx;

/// <summary>Finds the loops of a body.</summary>
internal sealed class PtxLoops
{
    private readonly HashSet<PtxBlock> _within;
    private readonly Dictionary<PtxBlock, int> _number = [];
    private readonly Dictionary<PtxBlock, int> _low = [];
    private readonly Stack<PtxBlock> _open = [];
    private readonly List<List<PtxBlock>> _components = [];

    private PtxLoops(IEnumerable<PtxBlock> within) => _within = [.. within];

    /// <summary>Blocks of loops inside of other loops, and of loops that control enters at several blocks, where it is
    /// not known what is inside of what.</summary>
    public static HashSet<PtxBlock> Inner(PtxBody body)
    {
        var inner = new HashSet<PtxBlock>();
        foreach (List<PtxBlock> loop in Find(body.Blocks))
        {
            PtxBlock[] entries =
            [
                .. loop.Where(
                    block => block == body.Blocks[0] || block.Predecessors.Exists(one => !loop.Contains(one))),
            ];
            inner.UnionWith(entries.Length == 1
                ? Find(loop.Where(block => block != entries[0])).SelectMany(blocks => blocks)
                : loop);
        }

        return inner;
    }

    /// <summary>The strongly connected components that are loops: Tarjan, "Depth-first search and linear graph
    /// algorithms", 1972.</summary>
    private static IEnumerable<List<PtxBlock>> Find(IEnumerable<PtxBlock> blocks)
    {
        var loops = new PtxLoops(blocks);
        foreach (PtxBlock block in loops._within)
        {
            loops.Visit(block);
        }

        return loops._components.Where(one => one.Count > 1 || one[0].Successors.Contains(one[0]));
    }

    private void Visit(PtxBlock block)
    {
        if (!_number.TryAdd(block, _number.Count))
        {
            return;
        }

        _low[block] = _number[block];
        _open.Push(block);
        foreach (PtxBlock successor in block.Successors.Where(_within.Contains))
        {
            bool isNew = !_number.ContainsKey(successor);
            Visit(successor);
            if (isNew || _open.Contains(successor))
            {
                _low[block] = Math.Min(_low[block], isNew ? _low[successor] : _number[successor]);
            }
        }

        if (_low[block] == _number[block])
        {
            var component = new List<PtxBlock>();
            do
            {
                component.Add(_open.Pop());
            }
            while (component[^1] != block);

            _components.Add(component);
        }
    }
}
