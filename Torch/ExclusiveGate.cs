namespace Requant.Torch;

/// <summary>One thread at a time: steps, saves, loads and reports of an optimizer take turns, and one that comes in
/// between is refused before it changes anything, also a file.</summary>
internal sealed class ExclusiveGate
{
    private int _isClosed;

    /// <summary>Passes, and closes the gate until the passage is disposed.</summary>
    /// <exception cref="InvalidOperationException">It is closed.</exception>
    public Passage Enter()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
        {
            throw new InvalidOperationException("A step of this optimizer is under way, or its states are being saved, "
                + "loaded or reported, on another thread; take steps and saves one after another, and dispose "
                + "it afterwards.");
        }

        return new Passage(this);
    }

    /// <summary>The gate is closed until this is disposed.</summary>
    public readonly ref struct Passage(ExclusiveGate gate)
    {
        public void Dispose() => Volatile.Write(ref gate._isClosed, 0);
    }
}
