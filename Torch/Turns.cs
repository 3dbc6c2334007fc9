namespace Requant.Torch;

/// <summary>One thread at a time: steps, saves, loads and reports of an optimizer take turns, and one that comes in between is refused before it
/// changes anything, also a file.</summary>
internal sealed class Turns
{
    private int _isTaken;

    /// <summary>Begins a turn; dispose it.</summary>
    /// <exception cref="InvalidOperationException">Another one is under way.</exception>
    public Turn Take()
    {
        if (Interlocked.Exchange(ref _isTaken, 1) != 0)
        {
            throw new InvalidOperationException("A step of this optimizer is under way, or its states are being saved, loaded or reported, on another "
                + "thread; take steps and saves one after another, and dispose it afterwards.");
        }

        return new Turn(this);
    }

    /// <summary>A turn, until it is disposed.</summary>
    public readonly ref struct Turn(Turns turns)
    {
        public void Dispose() => Volatile.Write(ref turns._isTaken, 0);
    }
}
