using System.Runtime.InteropServices;
using Requant.Quantization;

namespace Requant;

/// <summary>Reads states of a checkpoint that fits: byte for byte where they are stored as here, through their values where not.</summary>
internal static class SavedState
{
    /// <summary>Reads everything of one parameter.</summary>
    public static ParameterImage Read(
        SafetensorsReader reader, CheckpointManifest manifest, ManifestParameter saved, ParameterState mine)
    {
        TensorReader Open(string name) => reader.Read(reader.Header.Tensors[name], manifest.Checksums[name]);

        StateImage[] states =
        [
            .. saved.States.Where(state => state.InUse).Select(state => Read(
                mine.States[state.Name], mine.Name, state, kind => Open(StatePart.NameOf(saved.Name, state.Name, kind)))),
        ];
        var tensorStates = new Dictionary<string, float>();
        foreach (string name in saved.TensorStates)
        {
            float value = 0;
            Open(StatePart.NameOfScalar(saved.Name, name)).Read(MemoryMarshal.AsBytes(new Span<float>(ref value)));
            tensorStates.Add(name, value);
        }

        return new ParameterImage(mine, saved.Step, states, tensorStates);
    }

    /// <summary>Reads a state.</summary>
    /// <param name="mine">Where it belongs.</param>
    /// <param name="parameter">Its parameter's name, for messages.</param>
    /// <param name="saved">How it was stored.</param>
    /// <param name="open">Begins to read one of its tensors.</param>
    public static StateImage Read(
        QuantizedState mine, string parameter, ManifestState saved, Func<StateMemoryKind, TensorReader> open)
    {
        Codec codec = CodecOf(saved);
        if (codec == mine.Codec && (saved.BlockSize == mine.BlockSize || !mine.IsQuantized))
        {
            return StateImage.Verbatim(mine, parameter, open);
        }

        if (codec == Codec.Float32)
        {
            return StateImage.Encoded(mine, parameter, new FloatValues(open(StateMemoryKind.Values)));
        }

        float[] absmax = CodedValues.ReadAbsmax(open(StateMemoryKind.Absmax));
        float[] map = Codebook.For(codec).Values.ToArray();
        return StateImage.Encoded(mine, parameter, new CodedValues(open(StateMemoryKind.Codes), map, absmax, saved.BlockSize));
    }

    /// <summary>The codec of a saved state.</summary>
    /// <exception cref="CheckpointException">This version has none of that name.</exception>
    public static Codec CodecOf(ManifestState saved) =>
        Enum.TryParse(saved.Codec, out Codec codec) && codec.ToString() == saved.Codec ? codec : throw new CheckpointException(
            $"State '{saved.Name}' was saved with codec '{saved.Codec}'; this version has {string.Join(", ", Enum.GetNames<Codec>())}.");
}
