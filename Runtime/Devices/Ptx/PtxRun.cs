namespace Requant.Devices.Ptx;

/// <summary>Lines of a block from one instruction of a kind to another, such that computing all that depends on those
/// instructions again gives the same: nothing that it reads has changed in between, and it has no effect but results.
/// Stores of what depends on them can wait until the last.</summary>
internal sealed class PtxRun
{
    private readonly HashSet<string> _results = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reads = new(StringComparer.Ordinal);
    private readonly List<PtxLine> _pending = [];
    private readonly List<PtxLine> _pendingStores = [];

    private PtxRun(int last) => Last = last;

    /// <summary>How many instructions of the kind there are.</summary>
    public int Count { get; private set; }

    /// <summary>Position of the last of them.</summary>
    public int Last { get; private set; }

    /// <summary>These instructions and those that depend on them, without stores and what follows the last.</summary>
    public List<PtxLine> Dependent { get; } = [];

    /// <summary>Stores of what depends on them, before the last: nothing between them and the last
    /// touches memory.</summary>
    public List<PtxLine> Stores { get; } = [];

    /// <summary>The longest run that begins at a line.</summary>
    /// <param name="block">Its block.</param>
    /// <param name="first">Position of an instruction of the kind.</param>
    /// <param name="isOfKind">What the kind is.</param>
    public static PtxRun From(PtxBlock block, int first, Func<PtxLine, bool> isOfKind)
    {
        var run = new PtxRun(first);
        for (int i = first; i < block.Lines.Count; i++)
        {
            PtxLine line = block.Lines[i];
            if (line.IsInstruction && !run.TryAdd(line, i, isOfKind(line)))
            {
                break;
            }
        }

        return run;
    }

    private bool TryAdd(PtxLine line, int position, bool isOfKind)
    {
        string[] results = line.Results;
        string[] sources = line.Sources;
        bool isDependent = isOfKind || sources.Any(_results.Contains);
        bool isStore = isDependent && line.Name == "st" && line.Guard is null;
        if (PtxOpcode.EndsBlock(line) || results.Any(result => _results.Contains(result) || _reads.Contains(result))
            || (isDependent && !isStore && (!PtxOpcode.IsPure(line) || sources.Intersect(results).Any()))
            || (!isStore && !PtxOpcode.IsPure(line) && Stores.Count + _pendingStores.Count > 0))
        {
            return false;
        }

        if (!isDependent)
        {
            return true;
        }

        _results.UnionWith(results);
        _reads.UnionWith(sources);
        (isStore ? _pendingStores : _pending).Add(line);
        if (isOfKind)
        {
            Dependent.AddRange(_pending);
            Stores.AddRange(_pendingStores);
            _pending.Clear();
            _pendingStores.Clear();
            Count++;
            Last = position;
        }

        return true;
    }
}
