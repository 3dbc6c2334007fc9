namespace Requant.Checkpoints;

/// <summary>Whether the hyperparameters of a checkpoint are ones that a rule can have.</summary>
internal static class HyperparameterFit
{
    /// <summary>Throws unless they are the rule's, each with a value of its type.</summary>
    /// <param name="saved">Values by name.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="mayLack">Whether some may be missing.</param>
    public static void Require(IReadOnlyDictionary<string, double> saved, RuleInfo rule, bool mayLack)
    {
        string[] extra = [.. saved.Keys.Where(name => rule.IndexOfHyperparameter(name) < 0)];
        string[] missing = [.. rule.Hyperparameters.Select(info => info.Name).Where(name => !saved.ContainsKey(name))];
        if (extra.Length > 0 || (missing.Length > 0 && !mayLack))
        {
            throw new CheckpointException($"The hyperparameters of rule {rule.Name} differ: the checkpoint has "
                + $"{Names(extra)} more, and lacks {Names(missing)}.");
        }

        foreach (HyperparameterInfo info in rule.Hyperparameters)
        {
            if (saved.TryGetValue(info.Name, out double value) && info.Complaint(value) is { } complaint)
            {
                throw new CheckpointException($"Hyperparameter {info.Name} of rule {rule.Name} is {value} in the "
                    + $"checkpoint; it must be {complaint}.");
            }
        }
    }

    private static string Names(string[] names) => names.Length == 0 ? "none" : string.Join(", ", names);
}
