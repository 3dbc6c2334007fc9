using System.Collections;

namespace Requant;

/// <summary>The states of one parameter, in the order of the rule's parameters, also by name.</summary>
public sealed class StateCollection : IReadOnlyList<QuantizedState>
{
    private readonly QuantizedState[] _states;

    internal StateCollection(QuantizedState[] states) => _states = states;

    /// <inheritdoc/>
    public int Count => _states.Length;

    /// <summary>The state at a position.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such position.</exception>
    public QuantizedState this[int index] => (uint)index < (uint)_states.Length
        ? _states[index]
        : throw new ArgumentOutOfRangeException(
            nameof(index), index, $"The rule has {_states.Length} states: {Names}.");

    /// <summary>The state with a name.</summary>
    /// <param name="name">The name of the rule's parameter, as in <c>m</c>.</param>
    /// <exception cref="KeyNotFoundException">The rule has no such state; the message lists those it has.</exception>
    public QuantizedState this[string name]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(name);
            return Array.Find(_states, state => state.Name == name)
                ?? throw new KeyNotFoundException($"There is no state '{name}'; the rule's states are: {Names}.");
        }
    }

    /// <inheritdoc/>
    public IEnumerator<QuantizedState> GetEnumerator() => ((IEnumerable<QuantizedState>)_states).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private string Names => string.Join(", ", _states.Select(state => state.Name));
}
