namespace Requant.Torch;

/// <summary>The load of a whole optimizer from a stream: its parts are read and checked one by one, and written when
/// the last
/// one is there, so that a file that is cut off or does not fit changes nothing.</summary>
internal sealed class StateLoad
{
    private readonly List<Action> _commits = [];
    private int _expected;

    /// <summary>The optimizer's.</summary>
    public ExclusiveGate Gate { get; } = new();

    /// <summary>Forgets what was read; TorchSharp asks for the state dictionary at the start of each load.</summary>
    public void Begin(int partCount)
    {
        _commits.Clear();
        _expected = partCount;
    }

    /// <summary>Takes one part that was read and checked.</summary>
    public void Add(Action commit)
    {
        _commits.Add(commit);
        if (_commits.Count == _expected)
        {
            using ExclusiveGate.Passage passage = Gate.Enter();
            _commits.ForEach(each => each());
            _commits.Clear();
        }
    }
}
