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

        // Of a tensor that others keep, there is nothing but its step and its scalars.
        bool isElsewhere = mine.Length == 0 && mine.WholeLength > 0;
        StateImage[] states =
        [
            .. saved.States.Where(state => state.InUse && !isElsewhere).Select(state => Read(
                mine, mine.States[state.Name], state, manifest.Format,
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
            Remainders = saved.Remainder && !isElsewhere
                ? ReadRemainders(Open(StatePart.NameOfRemainder(saved.Name)), mine)
                : [],
        };
    }

    /// <summary>Reads remainders; what an optimizer without any drops is checked all the same.</summary>
    private static List<(long Start, byte[] Bytes)> ReadRemainders(TensorReader reader, ParameterState mine)
    {
        List<(long Start, byte[] Bytes)> pieces = [];
        reader.Skip(mine.Start * sizeof(short));
        StatePart.ForEachChunk(mine.Length, sizeof(short), (start, count) =>
        {
            byte[] bytes = new byte[count * sizeof(short)];
            reader.Read(bytes);
            pieces.Add((start, bytes));
        });
        reader.Finish();
        return mine.Remainder is null ? [] : pieces;
    }

    /// <summary>Reads a state.</summary>
    /// <param name="owner">Its parameter, or the part of it that there is.</param>
    /// <param name="mine">Where it belongs.</param>
    /// <param name="saved">How it was stored.</param>
    /// <param name="format">The file's.</param>
    /// <param name="open">Begins to read one of its tensors.</param>
    private static StateImage Read(
        ParameterState owner, QuantizedState mine, ManifestState saved, int format,
        Func<StateMemoryKind, TensorReader> open)
    {
        string parameter = owner.Name;
        Codec codec = CodecOf(saved);
        bool isPaperDynamic = codec == Codec.Dynamic && format == CheckpointManifest.FirstFormat;
        bool isSame = codec == mine.Codec && (saved.BlockSize == mine.BlockSize || !mine.IsQuantized);
        if (isSame && !isPaperDynamic)
        {
            return StateImage.Verbatim(mine, parameter, open, owner.Start);
        }

        if (owner.Length != owner.WholeLength)
        {
            throw new CheckpointException(
                $"State '{mine.Name}' of '{parameter}' is stored otherwise in the file, and a tensor that several "
                + "ranks share is not converted; load the file on one rank, save it there, and load what was saved.");
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
