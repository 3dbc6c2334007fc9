namespace Requant.Distributed.Ranks;

/// <summary>Something that holds of every communicator. All ranks run it together.</summary>
/// <param name="Name">What holds.</param>
/// <param name="Run">Throws where it does not.</param>
public sealed record Check(string Name, Action<ICommunicator> Run)
{
    /// <inheritdoc/>
    public override string ToString() => Name;

    internal static void That(bool holds, string what)
    {
        if (!holds)
        {
            throw new CheckException(what);
        }
    }

    internal static void Throws<T>(string? parameter, Action action)
        where T : Exception
    {
        try
        {
            action();
        }
        catch (T exception)
        {
            string? named = (exception as ArgumentException)?.ParamName;
            That(parameter == named, $"The exception names '{named}' and should name '{parameter}'.");
            return;
        }

        throw new CheckException($"There was no {typeof(T).Name} that names '{parameter}'.");
    }
}

/// <summary>A check does not hold.</summary>
public sealed class CheckException(string message) : Exception(message);
