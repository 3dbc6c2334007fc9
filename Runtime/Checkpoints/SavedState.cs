using System.Runtime.InteropServices;
using Requant.Checkpoints.Images;
using Requant.Checkpoints.Safetensors;

namespace Requant.Checkpoints;

/// <summary>Reads states of a checkpoint that fits: byte for byte where they are stored as here, through their
/// values where not.</summary>
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
                mine.States[state.Name], mine.Name, state, manifest.Format,
                kind => Open(StatePart.NameOf(saved.Name, state.Name, kind)))),
        ];
        var tensorStates = new Dictionary<string, float>();
        foreach (string name in saved.TensorStates)
        {
            float value = 0;
            Open(StatePart.NameOfScalar(saved.Name, name)).Read(MemoryMarshal.AsBytes(new Span<float>(ref value)));
            tensorStates.Add(name, value);
        }

        return new ParameterImage(mine, saved.Step, states, tensorStates)
        {
            Unused = [.. saved.States.Where(state => state.Unused).Select(state => mine.States[state.Name])],
            Remainders = saved.Remainder ? ReadRemainders(Open(StatePart.NameOfRemainder(saved.Name)), mine) : [],
        };
    }

    /// <summary>Reads remainders; what an optimizer without any drops is checked all the same.</summary>
    private static List<(long Start, byte[] Bytes)> ReadRemainders(TensorReader reader, ParameterState mine)
    {
        List<(long Start, byte[] Bytes)> pieces = [];
        StatePart.ForEachChunk(mine.Length, sizeof(short), (start, count) =>
        {
            byte[] bytes = new byte[count * sizeof(short)];
            reader.Read(bytes);
            pieces.Add((start, bytes));
        });
        return mine.Remainder is null ? [] : pieces;
    }

    /// <summary>Reads a state.</summary>
    /// <param name="mine">Where it belongs.</param>
    /// <param name="parameter">Its parameter's name, for messages.</param>
    /// <param name="saved">How it was stored.</param>
    /// <param name="format">The file's.</param>
    /// <param name="open">Begins to read one of its tensors.</param>
    public static StateImage Read(
        QuantizedState mine, string parameter, ManifestState saved, int format,
        Func<StateMemoryKind, TensorReader> open)
    {
        Codec codec = CodecOf(saved);
        bool isPaperDynamic = codec == Codec.Dynamic && format == CheckpointManifest.FirstFormat;
        bool isSame = codec == mine.Codec && (saved.BlockSize == mine.BlockSize || !mine.IsQuantized);
        if (isSame && !isPaperDynamic)
        {
            return StateImage.Verbatim(mine, parameter, open);
        }

        if (codec == Codec.Float32)
        {
            return StateImage.Encoded(mine, parameter, new FloatValues(open(StateMemoryKind.Values)));
        }

        float[] absmax = CodedValues.ReadAbsmax(open(StateMemoryKind.Absmax));
        TensorReader codes = open(StateMemoryKind.Codes);
        if (isSame)
        {
            return StateImage.Translated(mine, parameter, codes, absmax, PaperDynamic.Convert);
        }

        ReadOnlySpan<float> map = isPaperDynamic ? PaperDynamic.Values : Codebook.For(codec).Values;
        return StateImage.Encoded(
            mine, parameter, new CodedValues(codes, map.ToArray(), absmax, saved.BlockSize, codec));
    }

    /// <summary>The codec of a saved state.</summary>
    /// <exception cref="CheckpointException">This version has none of that name.</exception>
    public static Codec CodecOf(ManifestState saved) =>
        Parse<Codec>(saved.Codec, $"State '{saved.Name}' was saved with codec");

    /// <summary>How a saved state was rounded.</summary>
    /// <exception cref="CheckpointException">This version does not know it.</exception>
    public static StateRounding RoundingOf(ManifestState saved) =>
        Parse<StateRounding>(saved.Rounding!, $"State '{saved.Name}' was saved with rounding");

    /// <summary>A value by its name, and by nothing else.</summary>
    /// <param name="name">As the file has it.</param>
    /// <param name="what">What was found, for the message.</param>
    public static T Parse<T>(string name, string what) where T : struct, Enum =>
        Enum.TryParse(name, out T value) && value.ToString() == name
            ? value
            : throw new CheckpointException(
                $"{what} '{name}'; this version has {string.Join(", ", Enum.GetNames<T>())}.");
}
