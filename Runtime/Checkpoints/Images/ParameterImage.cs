namespace Requant.Checkpoints.Images;

/// <summary>What a file has for one parameter, read and checked and not yet in place.</summary>
/// <param name="parameter">Where it belongs.</param>
/// <param name="step">Updates so far.</param>
/// <param name="states">States that have values; the others have no values but 0.</param>
/// <param name="tensorStates">Scalars by name.</param>
internal sealed class ParameterImage(
    ParameterState parameter, int step, IReadOnlyList<StateImage> states,
    IReadOnlyDictionary<string, float> tensorStates)
{
    /// <summary>States that no step has used yet, though they may have values.</summary>
    public IReadOnlyList<QuantizedState> Unused { get; init; } = [];

    /// <summary>Pieces of the remainders; without any they are 0.</summary>
    public IReadOnlyList<(long Start, byte[] Bytes)> Remainders { get; init; } = [];

    /// <summary>Gives the states their memory, with values 0 as before.</summary>
    public void Allocate()
    {
        foreach (StateImage image in states)
        {
            image.State.Allocate();
        }

        if (Remainders.Count > 0)
        {
            parameter.Remainder!.Allocate();
        }
    }

    /// <summary>Puts everything in place.</summary>
    public void Commit()
    {
        foreach (StateImage image in states)
        {
            image.Commit();
        }

        foreach (QuantizedState state in Unused)
        {
            state.IsUsed = false;
        }

        foreach (QuantizedState state in parameter.States.Except(states.Select(image => image.State)))
        {
            state.Clear();
        }

        parameter.Remainder?.Clear();
        foreach ((long start, byte[] bytes) in Remainders)
        {
            parameter.Remainder!.Write(start, bytes);
        }

        foreach ((string name, float value) in tensorStates)
        {
            parameter.TensorStates[name] = value;
        }

        parameter.Step = step;
    }
}
