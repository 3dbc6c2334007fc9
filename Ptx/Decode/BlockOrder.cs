using Requant.Ptx.Execution;

namespace Requant.Ptx.Decode;

/// <summary>Ranks the instructions of a kernel so that diverged lanes meet as early as they can when those with the
/// lowest rank run first.</summary>
/// <remarks>
/// A block gets its rank after all blocks that lead to it, but for those that do so in a loop; the blocks of a loop
/// follow one another, its head first. Lanes then wait behind a branch for those that took the longer side, and at the
/// exit of a loop for those that go round once more. The order is Bourdoncle's weak topological order ("Efficient
/// chaotic iteration strategies with widenings", 1993); that priorities of this kind make lanes meet is from Diamos et
/// al., "SIMD re-convergence at thread frontiers", 2011. The order of the text would not do: ILGPU puts the side of a
/// branch in a loop behind the jump back.
/// </remarks>
internal sealed class BlockOrder
{
    private readonly int[] _starts;
    private readonly int[][] _successors;
    private readonly List<int> _order = [];

    private BlockOrder(Operation[] operations)
    {
        var starts = new SortedSet<int> { 0 };
        for (int i = 0; i < operations.Length; i++)
        {
            if (operations[i] is ControlOperation { Targets: int[] targets })
            {
                starts.UnionWith(targets);
                starts.Add(i + 1);
            }
        }

        starts.Remove(operations.Length);
        _starts = [.. starts];
        _successors = new int[_starts.Length][];
        for (int block = 0; block < _starts.Length; block++)
        {
            int end = block + 1 < _starts.Length ? _starts[block + 1] : operations.Length;
            Operation last = operations[end - 1];
            var next = last is ControlOperation { Targets: int[] targets }
                ? new HashSet<int>(targets.Select(target => Array.BinarySearch(_starts, target)))
                : [];
            if (end < operations.Length
                && (next.Count == 0 || last.IsGuarded)
                && (last is not Return || last.IsGuarded))
            {
                next.Add(block + 1);
            }

            _successors[block] = [.. next];
        }
    }

    /// <summary>int32[operations]: a rank for each, without gaps.</summary>
    public static int[] Rank(Operation[] operations)
    {
        var order = new BlockOrder(operations);
        order.Append([.. Enumerable.Range(0, order._starts.Length)], entry: 0);
        var ranks = new int[operations.Length];
        int rank = 0;
        foreach (int block in order._order)
        {
            int end = block + 1 < order._starts.Length ? order._starts[block + 1] : operations.Length;
            for (int i = order._starts[block]; i < end; i++)
            {
                ranks[i] = rank++;
            }
        }

        return ranks;
    }

    /// <summary>Appends blocks, loops as a whole and in them again the loops without their head.</summary>
    private void Append(HashSet<int> blocks, int entry)
    {
        foreach (List<int> component in new Components(_successors, blocks, entry).InOrder)
        {
            if (component.Count == 1)
            {
                _order.Add(component[0]);
                continue;
            }

            int head = Head(component, blocks, entry);
            var rest = new HashSet<int>(component);
            rest.Remove(head);
            _order.Add(head);
            int next = _successors[head].FirstOrDefault(rest.Contains, rest.First());
            Append(rest, next);
        }
    }

    private int Head(List<int> component, HashSet<int> blocks, int entry)
    {
        if (component.Contains(entry))
        {
            return entry;
        }

        IEnumerable<int> entered = blocks.Except(component).SelectMany(block => _successors[block])
            .Intersect(component);
        return entered.DefaultIfEmpty(component.Min()).Min();
    }

    /// <summary>Tarjan's strongly connected components of a part of the blocks.</summary>
    private sealed class Components
    {
        private readonly int[][] _successors;
        private readonly HashSet<int> _blocks;
        private readonly Dictionary<int, int> _numbers = [];
        private readonly Dictionary<int, int> _lowest = [];
        private readonly Stack<int> _open = new();
        private readonly HashSet<int> _isOpen = [];

        public Components(int[][] successors, HashSet<int> blocks, int entry)
        {
            _successors = successors;
            _blocks = blocks;
            foreach (int block in blocks.Order().Prepend(entry))
            {
                if (!_numbers.ContainsKey(block))
                {
                    Visit(block);
                }
            }

            InOrder.Reverse();
        }

        /// <summary>Each component after those that lead to it.</summary>
        public List<List<int>> InOrder { get; } = [];

        private void Visit(int block)
        {
            _numbers[block] = _numbers.Count;
            _lowest[block] = _numbers[block];
            _open.Push(block);
            _isOpen.Add(block);
            foreach (int next in _successors[block].Where(_blocks.Contains))
            {
                if (_numbers.TryGetValue(next, out int number))
                {
                    _lowest[block] = _isOpen.Contains(next) ? Math.Min(_lowest[block], number) : _lowest[block];
                    continue;
                }

                Visit(next);
                _lowest[block] = Math.Min(_lowest[block], _lowest[next]);
            }

            if (_lowest[block] == _numbers[block])
            {
                Close(block);
            }
        }

        private void Close(int root)
        {
            var component = new List<int>();
            int block;
            do
            {
                block = _open.Pop();
                _isOpen.Remove(block);
                component.Add(block);
            }
            while (block != root);
            InOrder.Add(component);
        }
    }
}
