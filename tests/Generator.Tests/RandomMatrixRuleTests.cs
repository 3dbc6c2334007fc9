using System.Reflection;
using Requant.Generator.Tests.Harness;
using Requant.Generator.Tests.Harness.Replay;
using Requant.Ptx;
using Requant.Tests;
using Xunit;
using Xunit.Sdk;

namespace Requant.Generator.Tests;

/// <summary>Rules written at random that see rows, columns and matrices compute what their C# means, at every vector
/// width and on devices, interpreted. Their C# is run for one element after another, with
/// <see cref="ElementReplay">stand-ins</see> for all that sees more.</summary>
/// <remarks>There are more of them with the options of <see cref="RandomRuleTests"/>.</remarks>
public sealed class RandomMatrixRuleTests
{
    private const int FirstSeed = 20261131;
    private const int UsualCount = 4;
    private const int LongCount = 8;
    private const int BatchSize = 12;

    /// <summary>One rule of so many runs on a device, which compiles and interprets its kernels.</summary>
    private const int RulesPerDevice = 2;

    /// <summary>Of those, one of so many has quantized states there too, which take kernels of their own.</summary>
    private const int RulesPerQuantized = 2;

    /// <summary>Tensors that each rule updates; others for the next rule.</summary>
    private static readonly int TensorsOfRule = LongRun.Of(4, 6);

    private static readonly int Count = RandomCount.Of(UsualCount, LongCount);

    /// <summary>One row, one column, more rows than columns and fewer, several blocks of a row, several rows of a
    /// block, and several bands of 64 rows.</summary>
    private static ReplayData[] Tensors =>
    [
        new(IsHard: false, NotFinite: 0, 7, 37),
        new(IsHard: false, NotFinite: 3, 130, 5),
        new(IsHard: true, NotFinite: 0, 551),
        new(IsHard: false, NotFinite: 0, 33, 20),
        new(IsHard: false, NotFinite: 0, 50, 1),
        new(IsHard: true, NotFinite: 5, 3, 4, 9),
        new(IsHard: false, NotFinite: 2, 1, 50),
        new(IsHard: false, NotFinite: 0, 70, 9),
        new(IsHard: false, NotFinite: 4, 2, 300),
    ];

    public static TheoryData<int> Batches { get; } = [.. Enumerable.Range(0, (Count + BatchSize - 1) / BatchSize)];

    [Theory]
    [MemberData(nameof(Batches))]
    public void Optimizers_OfRulesWithLevels_ComputeWhatTheMethodsMean(int batch)
    {
        int[] seeds =
        [
            .. Enumerable.Range(FirstSeed + (batch * BatchSize), Math.Min(BatchSize, Count - (batch * BatchSize))),
        ];
        (string Path, string Text)[] sources =
        [
            .. seeds.Select(seed => ($"Random{seed}.cs",
                new RandomMatrixRules(seed, statements: 3, depth: 2).Source($"Random{seed}"))),
        ];
        IReadOnlyList<CompiledRule> rules = RuleAssembly.Load(sources).Rules;
        IReadOnlyDictionary<string, MethodInfo> methods = RuleAssembly.LoadMethods(
            sources.Select(source => (source.Path, RandomMatrixRules.Replayed(source.Text))));
        for (int i = 0; i < rules.Count; i++)
        {
            try
            {
                AssertSame(rules[i], methods[rules[i].Name], seeds[i]);
            }
            catch (Exception exception)
            {
                throw new XunitException($"{exception.Message}\n{sources[i].Text}", exception);
            }
        }
    }

    private static void AssertSame(CompiledRule rule, MethodInfo method, int number)
    {
        Dictionary<string, double> hyperparameters = new()
        {
            ["first"] = number & 1,
            ["second"] = (number >> 1) & 1,
            ["k"] = 2 + (number % 4),
        };
        bool isOnDevice = number % RulesPerDevice == 1;
        PtxOrder order = number % 4 < 2 ? PtxOrder.Forward : PtxOrder.Backward;
        for (int i = 0; i < TensorsOfRule; i++)
        {
            ReplayData data = Tensors[(number + i) % Tensors.Length];
            ReplayComparison.AssertSame(
                rule, method, data, hyperparameters, threads: 1 + ((number + i) % 2),
                isOnDevice && i == 0 ? order : null);
        }

        if (isOnDevice && number / RulesPerDevice % RulesPerQuantized == 0)
        {
            ReplayComparison.AssertQuantizedSame(
                rule, Tensors[(number + 1) % Tensors.Length], hyperparameters, order);
        }
    }
}
