namespace Requant.Torch;

/// <summary>What TorchSharp's streams hold of an optimizer: a checkpoint, where the options of the first group stand,
/// and each parameter's name where its state stands.</summary>
/// <param name="write">Writes the checkpoint of the snapshot that is saved.</param>
/// <param name="read">Reads and checks a checkpoint for the optimizer, and returns what puts it in place.</param>
internal sealed class StreamImage(Action<Stream> write, Func<Stream, Action> read)
{
    /// <summary>The format of streams. Formats 1 and 2, of earlier versions, were not checkpoints.</summary>
    private const int Format = 3;

    /// <summary>Stands between the format and the hash, where earlier versions look for a hash and find another
    /// one.</summary>
    private const char Separator = ':';

    public void Write(BinaryWriter writer, RuleInfo rule)
    {
        writer.Write(rule.Name);
        writer.Write($"{Format}{Separator}{rule.Hash}");
        writer.Flush();
        write(writer.BaseStream);
    }

    /// <exception cref="InvalidDataException">The stream is of another rule or an earlier version, is damaged, or does
    /// not fit.</exception>
    public Action Read(BinaryReader reader, RuleInfo rule)
    {
        string name = reader.ReadString();
        if (name != rule.Name)
        {
            throw new InvalidDataException($"The states are of rule {name} and this optimizer runs {rule.Name}; "
                + "load them into the former.");
        }

        string mark = reader.ReadString();
        int end = mark.IndexOf(Separator, StringComparison.Ordinal);
        string format = end < 0 ? "1" : mark[..end];
        if (format != $"{Format}")
        {
            throw new InvalidDataException($"The stream is of format {format}, and this version reads {Format}; load "
                + "it with the version that saved it. Checkpoints, from SaveCheckpoint, are read by all "
                + "later versions.");
        }

        try
        {
            return read(reader.BaseStream);
        }
        catch (CheckpointException exception)
        {
            string elsewhere = exception.Message.Contains(nameof(LoadOptions), StringComparison.Ordinal)
                ? $" {nameof(LoadOptions)} go with LoadCheckpoint; load_state_dict has none." : "";
            throw new InvalidDataException(exception.Message + elsewhere, exception);
        }
    }
}
