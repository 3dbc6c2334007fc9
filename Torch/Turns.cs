namespace Requant.Torch;

/// <summary>One thread at a time: steps, saves, loads and reports of an optimizer take turns, and one that comes in between is refused before it
/// changes anything, also a file.</summary>
internal sealed class Turns
{
    private int _isTaken;
    private long _steps;
    private long _stepsWhenListed;

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

    /// <summary><see cref="Take"/> for a step.</summary>
    public Turn TakeStep()
    {
        Turn turn = Take();
        _steps++;
        return turn;
    }

    /// <summary>Notes that what follows is written part by part: TorchSharp asks for the state dictionary first.</summary>
    public void List() => _stepsWhenListed = _steps;

    /// <summary><see cref="Take"/> for one part of what <see cref="List"/> began.</summary>
    /// <exception cref="InvalidOperationException">Another turn is under way, or a step was taken since.</exception>
    public Turn TakePart()
    {
        Turn turn = Take();
        if (_steps == _stepsWhenListed)
        {
            return turn;
        }

        turn.Dispose();
        throw new InvalidOperationException("A step of this optimizer was taken while its states were being saved, and what was written is of two steps; "
            + "save between steps, or with SaveCheckpoint, which leaves the old file as it was.");
    }

    /// <summary>A turn, until it is disposed.</summary>
    public readonly ref struct Turn(Turns turns)
    {
        public void Dispose() => Volatile.Write(ref turns._isTaken, 0);
    }
}
