namespace Requant;

/// <summary>The numbers that the parameters of one group share.</summary>
/// <param name="Hyperparameters">Values by the names in the rule; a <c>bool</c> is 0 or 1.</param>
/// <param name="Settings">Values of whoever saves, such as a schedule's initial learning rate, by names of its own.</param>
public sealed record CheckpointGroup(
    IReadOnlyDictionary<string, double> Hyperparameters, IReadOnlyDictionary<string, double> Settings);

/// <summary>One parameter whose states are saved or loaded.</summary>
/// <param name="State">Its states, by a name that no other parameter of the checkpoint has.</param>
/// <param name="Shape">Lengths of its dimensions; null where only the number of elements is known.</param>
/// <param name="Group">Position of its group.</param>
public sealed record CheckpointParameter(ParameterState State, IReadOnlyList<long>? Shape, int Group);
