namespace Requant.Checkpoints.Killed;

/// <summary>A rule for its state's sake.</summary>
public static class CountedStateRule
{
    /// <summary>Gradient descent with momentum, by a codec that stores every code.</summary>
    [OptimizerRule]
    public static void CountedState(ref float p, float g, [State(Codec.Dynamic)] ref float m, float lr = 0.1f)
    {
        m = 0.9f * m + g;
        p -= lr * m;
    }
}

/// <summary>States that depend on a number alone, so that it can be told whether all of one is there.</summary>
public sealed class CountedStates : IDisposable
{
    /// <summary>Long enough that a save is caught in the middle.</summary>
    private const int Length = 300_007;

    private readonly Optimizer<CountedState> _optimizer = new(
        new CountedState(), new OptimizerOptions { MaxThreads = 1 });
    private readonly ParameterState _parameter;

    /// <summary>States of number 0.</summary>
    public CountedStates() => _parameter = _optimizer.Add("w", Length);

    /// <summary>The number that the states are of.</summary>
    public int Number => _parameter.Step;

    private QuantizedState State => _parameter.States[0];

    /// <summary>Makes the states those of a number.</summary>
    public void Set(int number)
    {
        _parameter.Step = number;
        State.SetCodes(0, Codes(number));
        State.SetAbsmax(0, Absmax(number));
    }

    /// <summary>Whether every byte is of <see cref="Number"/>.</summary>
    public bool AreWhole() => State.Codes.SequenceEqual(Codes(Number)) && State.Absmax.SequenceEqual(Absmax(Number));

    /// <summary>Saves them.</summary>
    public void Save(string path) => _optimizer.Save(path);

    /// <summary>Loads them.</summary>
    public void Load(string path) => _optimizer.Load(path);

    /// <inheritdoc/>
    public void Dispose() => _optimizer.Dispose();

    private static byte[] Codes(int number)
    {
        byte[] codes = new byte[Length];
        for (int i = 0; i < codes.Length; i++)
        {
            codes[i] = (byte)(number + i);
        }

        return codes;
    }

    private float[] Absmax(int number)
    {
        float[] absmax = new float[State.BlockCount];
        Array.Fill(absmax, number);
        return absmax;
    }
}
