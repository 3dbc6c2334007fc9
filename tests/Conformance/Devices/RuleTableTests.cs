using Requant.CompilerServices;
using Requant.Tests;

namespace Requant.Conformance.Devices;

/// <summary>The table that tests of shipped rules go through leaves none out.</summary>
public class RuleTableTests
{
    /// <summary>The first step may take another kernel than the ones after it.</summary>
    private static readonly int[] Steps = [1, 2];

    [Fact]
    public void RuleTable_AllRulesOfTheAssembly_ReachEveryVariant()
    {
        var reached = new Reached();
        foreach (string name in RuleTable.Names.Concat(RuleTable.MatrixNames))
        {
            RuleTable.With(name, reached);
        }

        Type[] shipped =
            [.. typeof(Optimizers.Adam).Assembly.GetExportedTypes().Where(type => type.GetInterfaces().Any(one =>
                one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IOptimizerRule<>)))];
        Assert.NotEmpty(shipped);
        Assert.All(shipped, type => Assert.True(reached.Missing.ContainsKey(type), $"{type.Name} is not in the table"));
        Assert.All(reached.Missing, pair => Assert.True(
            pair.Value.Count == 0,
            $"{pair.Key.Name}: no rule of the table reaches variant {string.Join(", ", pair.Value)}"));
    }

    private sealed class Reached : IRuleCheck
    {
        public Dictionary<Type, HashSet<int>> Missing { get; } = [];

        public void Run<TRule>(TRule rule) where TRule : IOptimizerRule<TRule>
        {
            if (!Missing.TryGetValue(typeof(TRule), out HashSet<int>? missing))
            {
                missing = [.. Enumerable.Range(0, TRule.Info.VariantCount)];
                Missing.Add(typeof(TRule), missing);
            }

            missing.ExceptWith(
                from step in Steps
                from isMatrix in new[] { false, true }
                select rule.SelectVariant(new TensorStep
                {
                    Step = step, UnusedStates = step == 1 ? -1 : 0, Rows = isMatrix ? 2 : 1, Columns = 2,
                    IsMatrix = isMatrix,
                }));
        }
    }
}
