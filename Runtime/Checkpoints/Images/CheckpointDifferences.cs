namespace Requant.Checkpoints.Images;

/// <summary>What is stored or rounded in another way in a checkpoint than here, and could be taken all the same:
/// collected, so that one message names every option that a load needs.</summary>
internal sealed class CheckpointDifferences
{
    private readonly List<string> _cures = [];
    private readonly List<string> _options = [];
    private string? _first;
    private string? _last;
    private int _count;

    /// <summary>Notes a difference.</summary>
    /// <param name="differs">What differs, of what; a state may have several differences, one after the other.</param>
    /// <param name="cure">The options of an optimizer that has none.</param>
    /// <param name="option">The <see cref="LoadOptions"/> that takes it.</param>
    public void Add(string differs, string cure, string option)
    {
        _first ??= differs;
        _count += differs == _last ? 0 : 1;
        _last = differs;
        AddOnce(_cures, cure);
        AddOnce(_options, $"{nameof(LoadOptions)}.{option}");
    }

    /// <exception cref="CheckpointException">There are differences.</exception>
    public void ThrowIfAny()
    {
        if (_first is not null)
        {
            string others = _count > 1 ? $", and {_count - 1} more differ" : "";
            throw new CheckpointException($"{_first}{others}; make the optimizer with {List(_cures)}, or set "
                + $"{List(_options)} to take the states into this one.");
        }
    }

    private static string List(List<string> parts) => string.Join(" and ", parts);

    private static void AddOnce(List<string> list, string text)
    {
        if (!list.Contains(text))
        {
            list.Add(text);
        }
    }
}
