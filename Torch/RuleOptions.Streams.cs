namespace Requant.Torch;

/// <content>How TorchSharp's streams have the options: all groups' are in one checkpoint, with the states.</content>
public partial class RuleOptions<TRule>
{
    /// <summary>Those of the first group of a snapshot write and read all that there is of the optimizer.</summary>
    internal StreamImage? Image { get; set; }

    /// <summary>Writes the whole optimizer, if these are the options of the first group of a <c>state_dict()</c>; those
    /// of later groups write nothing.</summary>
    /// <param name="writer">As of <c>save_state_dict</c>.</param>
    /// <exception cref="InvalidOperationException">The options are not of a <c>state_dict()</c>.</exception>
    public override void SaveStateDict(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        RequireSnapshot();
        if (Image is not null)
        {
            base.SaveStateDict(writer);
            Image.Write(writer, RuleInfo.Of<TRule>());
        }
    }

    /// <summary>Reads what <see cref="SaveStateDict"/> wrote; it takes effect when the last part of the stream was
    /// read.</summary>
    /// <param name="reader">As of <c>load_state_dict</c>.</param>
    /// <exception cref="InvalidDataException">It is of another rule or an earlier version, is damaged, or does not fit;
    /// the message says what differs, and nothing was changed.</exception>
    /// <exception cref="InvalidOperationException">The options are not of a <c>state_dict()</c>.</exception>
    public override void LoadStateDict(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        RequireSnapshot();
        Action commit = static () => { };
        if (Image is not null)
        {
            // TorchSharp's own two numbers; the checkpoint has them, too.
            reader.ReadDouble();
            reader.ReadDouble();
            commit = Image.Read(reader, RuleInfo.Of<TRule>());
        }

        Load!.Add(commit);
    }

    private void RequireSnapshot()
    {
        if (_live is null)
        {
            throw new InvalidOperationException(
                "These options alone are not a stream of an optimizer; call its save_state_dict and load_state_dict.");
        }
    }
}
