namespace Requant;

/// <summary>The numbers that the parameters of one group share.</summary>
/// <param name="Hyperparameters">Values by the names in the rule; a <c>bool</c> is 0 or 1.</param>
/// <param name="Settings">The caller's own values, such as a schedule's initial learning rate, by
/// names of its own.</param>
public sealed record CheckpointGroup(
    IReadOnlyDictionary<string, double> Hyperparameters, IReadOnlyDictionary<string, double> Settings);
