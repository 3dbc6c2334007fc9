namespace Requant.Torch;

/// <summary>How a state is stored, as streams say it.</summary>
internal sealed record StoredState(string Name, Codec Codec, StateRounding Rounding, int BlockSize)
{
    /// <summary>The codecs by their numbers in format 1.</summary>
    private static readonly Codec[] FirstFormat =
    [
        Codec.Dynamic, Codec.DynamicUnsigned, Codec.Linear, Codec.LinearUnsigned, Codec.SoftSign, Codec.SquareRoot,
        Codec.Float8E4M3, Codec.Float32,
    ];

    public static StoredState[] Of(ParameterState parameter) =>
    [
        .. parameter.States.Select(state => new StoredState(state.Name, state.Codec, state.Rounding, state.BlockSize)),
    ];

    /// <summary>The block sizes, one number if all states share it, as those of this version do.</summary>
    public static string Sizes(StoredState[] states)
    {
        int[] sizes = [.. states.Select(state => state.BlockSize)];
        return string.Join(", ", sizes.Distinct().Count() > 1 ? sizes : sizes.Take(1));
    }

    /// <exception cref="InvalidDataException">This version has no such codec or rounding.</exception>
    public static StoredState Read(BinaryReader reader)
    {
        string name = reader.ReadString();
        return new StoredState(
            name, Parse<Codec>(reader.ReadString(), name), Parse<StateRounding>(reader.ReadString(), name),
            reader.ReadInt32());
    }

    /// <exception cref="InvalidDataException">Format 1 has no such codec.</exception>
    public static StoredState ReadFirstFormat(BinaryReader reader)
    {
        string name = reader.ReadString();
        int codec = reader.ReadInt32();
        return codec >= 0 && codec < FirstFormat.Length
            ? new StoredState(name, FirstFormat[codec], StateRounding.Nearest, reader.ReadInt32())
            : throw new InvalidDataException(
                $"State '{name}' is stored by codec {codec}, which there is not; the stream is damaged.");
    }

    /// <summary>Name, codec and rounding.</summary>
    public override string ToString() =>
        $"{Name}: {Codec}{(Rounding == StateRounding.Stochastic ? " with stochastic rounding" : "")}";

    private static T Parse<T>(string text, string state) where T : struct, Enum =>
        Enum.TryParse(text, out T value) && value.ToString() == text
            ? value
            : throw new InvalidDataException(
                $"State '{state}' is stored as '{text}'; this version has {string.Join(", ", Enum.GetNames<T>())}. The "
                + "stream is damaged, or of a newer version.");
}
