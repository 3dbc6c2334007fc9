using Requant.Cpu;
using Requant.Generator.Tests.Harness;
using Xunit;

namespace Requant.Generator.Tests;

/// <summary>Rules written at random compute what their C# computes. The seed is fixed, so that a failure stays.</summary>
public sealed class RandomRuleTests
{
    private const int Seed = 20240711;
    private const int Count = 8;

    private static readonly Lazy<RuleAssembly> Assembly = new(() => RuleAssembly.Load(
        Enumerable.Range(0, Count).Select(index => ($"Random{index}.cs", new RandomRules(Seed + index).Source($"Random{index}")))));

    public static TheoryData<int> Indices { get; } = [.. Enumerable.Range(0, Count)];

    [Theory]
    [MemberData(nameof(Indices))]
    public void Optimizer_OfRandomRule_ComputesWhatTheMethodComputes(int index)
    {
        CompiledRule rule = Assembly.Value.Rules.Single(candidate => candidate.Name == $"Random{index}");
        foreach (SimdWidth width in SimdWidths.Supported)
        {
            for (int mask = 0; mask < 4; mask++)
            {
                RuleComparison.AssertSame(rule, width, new Dictionary<string, double>
                {
                    ["first"] = mask & 1,
                    ["second"] = mask >> 1,
                    ["k"] = 2 + mask,
                });
            }
        }
    }
}
