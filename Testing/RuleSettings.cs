using System.Globalization;

namespace Requant.Testing;

/// <summary>Hyperparameters to run a rule with, and their text.</summary>
internal static class RuleSettings
{
    /// <summary>With more flags than these, their combinations are too many to run.</summary>
    private const int MaxCombinedFlags = 4;

    /// <summary>The rule with every combination of its <c>bool</c> hyperparameters, itself first.</summary>
    public static IReadOnlyList<TRule> OfFlags<TRule>(TRule rule)
        where TRule : IOptimizerRule<TRule>
    {
        int[] flags =
        [
            .. Enumerable.Range(0, RuleInfo.Of<TRule>().Hyperparameters.Count)
                .Where(index => RuleInfo.Of<TRule>().Hyperparameters[index].Kind == HyperparameterKind.Bool),
        ];
        return flags.Length > MaxCombinedFlags
            ? [rule, .. flags.Select(flag => Flip(rule, flag))]
            : [.. Enumerable.Range(0, 1 << flags.Length).Select(mask => flags
                .Where((_, bit) => (mask >> bit & 1) != 0)
                .Aggregate(rule, Flip))];
    }

    /// <summary>The rule's name with its hyperparameters, as in <c>Lion(lr: 0.0001, beta1: 0.9)</c>.</summary>
    public static string Describe<TRule>(TRule rule)
        where TRule : IOptimizerRule<TRule>
    {
        IEnumerable<string> values = RuleInfo.Of<TRule>().Hyperparameters.Select((one, index) =>
            $"{one.Name}: {Text(one.Kind, rule.GetHyperparameter(index))}");
        return $"{RuleInfo.Of<TRule>().Name}({string.Join(", ", values)})";
    }

    private static string Text(HyperparameterKind kind, double value) => kind switch
    {
        HyperparameterKind.Bool => value != 0 ? "true" : "false",
        HyperparameterKind.Float => ((float)value).ToString("R", CultureInfo.InvariantCulture),
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static TRule Flip<TRule>(TRule rule, int flag)
        where TRule : IOptimizerRule<TRule> =>
        rule.WithHyperparameter(flag, rule.GetHyperparameter(flag) == 0 ? 1 : 0);
}
