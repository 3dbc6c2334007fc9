using System.Collections;

namespace Requant;

/// <summary>The scalars that a rule keeps for one tensor (its <see cref="TensorStateAttribute"/> parameters), in the
/// order of the rule's parameters, also by name. They are float32 in host memory, on every device.</summary>
public sealed class TensorStateCollection : IReadOnlyList<float>
{
    private readonly IReadOnlyList<TensorStateInfo> _infos;
    private readonly float[] _values;

    internal TensorStateCollection(IReadOnlyList<TensorStateInfo> infos)
    {
        _infos = infos;
        _values = new float[infos.Count];
        Reset();
    }

    /// <inheritdoc/>
    public int Count => _values.Length;

    /// <summary>Names in the rule.</summary>
    public IEnumerable<string> Names => _infos.Select(info => info.Name);

    /// <summary>The value at a position.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such position.</exception>
    public float this[int index]
    {
        get => _values[Checked(index)];
        set => _values[Checked(index)] = value;
    }

    /// <summary>The value with a name; settable for resuming from a checkpoint.</summary>
    /// <param name="name">The name of the rule's parameter.</param>
    /// <exception cref="KeyNotFoundException">The rule has no such tensor state; the message lists
    /// those it has.</exception>
    public float this[string name]
    {
        get => _values[IndexOf(name)];
        set => _values[IndexOf(name)] = value;
    }

    internal ReadOnlySpan<float> Values => _values;

    /// <summary>The values before the first update, by name.</summary>
    internal Dictionary<string, float> Initial =>
        _infos.ToDictionary(info => info.Name, info => info.Initial, StringComparer.Ordinal);

    /// <inheritdoc/>
    public IEnumerator<float> GetEnumerator() => ((IEnumerable<float>)_values).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Sets every value to the one before the first update.</summary>
    public void Reset()
    {
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i] = _infos[i].Initial;
        }
    }

    /// <summary>Takes the new values of a step that is done.</summary>
    internal void Update(ReadOnlySpan<float> uniforms)
    {
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i] = uniforms[_infos[i].Uniform];
        }
    }

    private int Checked(int index) => (uint)index < (uint)_values.Length
        ? index
        : throw new ArgumentOutOfRangeException(
            nameof(index), index, $"The rule has {_values.Length} tensor states: {string.Join(", ", Names)}.");

    private int IndexOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        for (int i = 0; i < _infos.Count; i++)
        {
            if (_infos[i].Name == name)
            {
                return i;
            }
        }

        throw new KeyNotFoundException(
            $"There is no tensor state '{name}'; the rule's tensor states are: {string.Join(", ", Names)}.");
    }
}
