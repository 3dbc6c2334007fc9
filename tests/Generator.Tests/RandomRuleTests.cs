using Requant.Generator.Tests.Harness;
using Requant.Ptx;
using Requant.Testing;
using Requant.Tests;
using Xunit;

namespace Requant.Generator.Tests;

/// <summary>Rules written at random compute what their C# computes, at every vector width, and their ILGPU kernels, on
/// ILGPU's CPU accelerator and as PTX, what their scalar kernels do. Seeds are fixed, so that a
/// failure stays.</summary>
/// <remarks>
/// More of them, N small rules and some large ones, and N edits in <see cref="RandomEditTests"/>:
/// <code>
/// dotnet run -c Release --project tests/Generator.Tests -- --count N
/// </code>
/// Options of xunit may follow, as <c>-class *.RandomRuleTests</c> for the rules alone. The environment variable
/// REQUANT_RANDOM_COUNT is the same number, and nothing else.
/// </remarks>
public sealed class RandomRuleTests
{
    private const int LargeSeed = 20240711;
    private const int SmallSeed = 20250407;

    /// <summary>Large rules, one for so many small ones.</summary>
    private const int SmallPerLarge = 36;

    /// <summary>Small rules, compiled in batches.</summary>
    private const int UsualCount = 6;

    private const int LongCount = 24;

    private const int BatchSize = 20;

    /// <summary>One small rule of so many meets ILGPU's CPU accelerator, where each lane is a thread. The same kernels
    /// of all run as PTX.</summary>
    private static readonly int RulesPerThreaded = LongRun.Of(int.MaxValue, 24);

    /// <summary>Sets of hyperparameters that a large rule meets.</summary>
    private static readonly int LargeMasks = LongRun.Of(1, 4);

    private static readonly int SmallCount = RandomCount.Of(UsualCount, LongCount);

    public static TheoryData<int> LargeIndices { get; } =
        [.. Enumerable.Range(0, Math.Max(1, SmallCount / SmallPerLarge))];

    public static TheoryData<int> Batches { get; } = [.. Enumerable.Range(0, (SmallCount + BatchSize - 1) / BatchSize)];

    [Theory]
    [MemberData(nameof(LargeIndices))]
    public void Optimizer_OfLargeRule_ComputesWhatTheMethodComputes(int index)
    {
        CompiledRule rule = Load([LargeSeed + index], statements: 6, depth: 3).Rules.Single();
        using var ilgpu = new IlgpuBackend();
        for (int mask = 0; mask < LargeMasks; mask++)
        {
            bool meetsThreads = mask == 0 && RulesPerThreaded < int.MaxValue;
            AssertSameEverywhere(rule, mask, meetsThreads ? [ilgpu, new PtxBackend()] : [new PtxBackend()]);
        }
    }

    [Theory]
    [MemberData(nameof(Batches))]
    public void Optimizers_OfSmallRules_ComputeWhatTheMethodsCompute(int batch)
    {
        int[] seeds = [.. Enumerable.Range(batch * BatchSize, Math.Min(BatchSize, SmallCount - (batch * BatchSize)))];
        using var ilgpu = new IlgpuBackend();
        IConformanceBackend[] all = [ilgpu, new PtxBackend()];
        IReadOnlyList<CompiledRule> rules = Load(seeds.Select(seed => SmallSeed + seed), statements: 2, depth: 2).Rules;
        for (int i = 0; i < rules.Count; i++)
        {
            AssertSameEverywhere(
                rules[i], mask: rules[i].Name.Sum(letter => letter) % 4, i % RulesPerThreaded == 0 ? all : all[1..]);
        }
    }

    private static void AssertSameEverywhere(CompiledRule rule, int mask, IReadOnlyList<IConformanceBackend> backends)
    {
        Dictionary<string, double> hyperparameters = Hyperparameters(mask);
        bool[] isTaken =
            [.. SimdWidths.Supported.Select(width => RuleComparison.AssertSame(rule, width, hyperparameters))];
        Assert.Single(isTaken.Distinct());
        if (isTaken[0])
        {
            RuleComparison.AssertConforms(rule, backends, hyperparameters);
        }
    }

    private static RuleAssembly Load(IEnumerable<int> seeds, int statements, int depth) =>
        RuleAssembly.Load(seeds.Select(seed =>
            ($"Random{seed}.cs", new RandomRules(seed, statements, depth).Source($"Random{seed}"))));

    private static Dictionary<string, double> Hyperparameters(int mask) => new()
    {
        ["first"] = mask & 1,
        ["second"] = mask >> 1,
        ["k"] = 2 + mask,
    };
}
