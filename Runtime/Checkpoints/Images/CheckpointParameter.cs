namespace Requant;

/// <summary>One parameter whose states are saved or loaded.</summary>
/// <param name="State">Its states.</param>
/// <param name="Shape">Lengths of its dimensions; null where only the number of elements is known.</param>
/// <param name="Group">Position of its group.</param>
public sealed record CheckpointParameter(ParameterState State, IReadOnlyList<long>? Shape, int Group)
{
    /// <summary>The name that no other parameter of the checkpoint has: the state's, unless set.</summary>
    public string Name { get; init; } = State.Name;
}
