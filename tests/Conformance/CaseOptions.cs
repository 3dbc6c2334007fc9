using Requant.Testing;
using Requant.Tests;

namespace Requant.Conformance;

/// <summary>What of its default cases a check takes. Rules take turns in the usual run: each meets a part of the block sizes or element
/// types, and all of them together meet every one. A long run takes everything.</summary>
internal static class CaseOptions
{
    private const int TypesInTurn = 3;

    private static readonly ConformanceOptions All = new();

    /// <summary>For backends of which each kernel is compiled: every block size, and a third of the pairs of element types beside the first.</summary>
    public static ConformanceOptions ForCompiled(string rule) => LongRun.IsAskedFor ? All : All with
    {
        ElementTypes = [.. All.ElementTypes.Where((_, index) => index == 0 || index % TypesInTurn == TurnOf(rule) % TypesInTurn)],
        StateFormats = FormatsInTurn(rule),
    };

    /// <summary>The rules that meet ILGPU's CPU accelerator in the usual run: every codec, reduction and function, tiles, early returns,
    /// and tensor states. Each lane is a thread there, and whatever lanes exchange takes several turns of all 32; the same kernels
    /// of all rules run as PTX.</summary>
    public static string[] RulesForThreads => LongRun.Of(
        ["Adam, amsgrad", "Lion", "FourCodecs", "Float8Moment", "OddTiles", "EveryFunction", "EarlyReturn", "NovoGrad", "Reductions", "Optional, all", "RoundedStates"],
        CaseTable.Rules);

    /// <summary>For that accelerator: one block size beside the rule's own, and one other pair of element types.</summary>
    public static ConformanceOptions ForThreads(string rule) => LongRun.IsAskedFor ? All : All with
    {
        BlockSizes = [All.BlockSizes[TurnOf(rule) % All.BlockSizes.Count]],
        ElementTypes = [All.ElementTypes[0], All.ElementTypes[1 + (TurnOf(rule) % (All.ElementTypes.Count - 1))]],
        StateFormats = FormatsInTurn(rule),
    };

    /// <summary>The first way to store states, and one of the others: each is another kernel, which devices take long to compile.
    /// <see cref="StateFormatTests"/> has some rules with all of them.</summary>
    private static StateFormat[] FormatsInTurn(string rule) =>
        [All.StateFormats[0], All.StateFormats[1 + (TurnOf(rule) % (All.StateFormats.Count - 1))]];

    private static int TurnOf(string rule) => Array.IndexOf(CaseTable.Rules, rule);
}
