using Requant.Quantization;

namespace Requant;

/// <summary>Reads one state of a checkpoint: byte for byte where it is stored as here, through its values where not.</summary>
internal static class SavedState
{
    /// <summary>Reads a state.</summary>
    /// <param name="mine">Where it belongs.</param>
    /// <param name="parameter">Its parameter's name, for messages.</param>
    /// <param name="saved">How it was stored.</param>
    /// <param name="open">Begins to read one of its tensors.</param>
    public static StateImage Read(
        QuantizedState mine, string parameter, ManifestState saved, Func<StateMemoryKind, TensorReader> open)
    {
        Codec codec = CodecOf(saved);
        var image = new StateImage(mine, parameter);
        if (codec == mine.Codec && (saved.BlockSize == mine.BlockSize || !mine.IsQuantized))
        {
            foreach (StateMemoryKind kind in StatePart.Kinds(mine.IsQuantized))
            {
                image.Read(kind, open(kind));
            }

            return image;
        }

        IStateValues values;
        if (codec == Codec.Float32)
        {
            values = new FloatValues(open(StateMemoryKind.Values));
        }
        else
        {
            float[] absmax = CodedValues.ReadAbsmax(open(StateMemoryKind.Absmax));
            values = new CodedValues(open(StateMemoryKind.Codes), Codebook.For(codec).Values.ToArray(), absmax, saved.BlockSize);
        }

        image.Encode(values);
        return image;
    }

    /// <summary>The codec of a saved state.</summary>
    /// <exception cref="CheckpointException">This version has none of that name.</exception>
    public static Codec CodecOf(ManifestState saved) =>
        Enum.TryParse(saved.Codec, out Codec codec) && codec.ToString() == saved.Codec ? codec : throw new CheckpointException(
            $"State '{saved.Name}' was saved with codec '{saved.Codec}'; this version has {string.Join(", ", Enum.GetNames<Codec>())}.");
}
