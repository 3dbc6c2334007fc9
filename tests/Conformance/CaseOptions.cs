using Requant.CompilerServices;
using Requant.Numerics;
using Requant.Testing;
using Requant.Tests;

namespace Requant.Conformance;

/// <summary>What of its default cases a check takes. Rules take turns in the usual run: each meets a part of the block
/// sizes or element types, and all of them together meet every one.</summary>
internal static class CaseOptions
{
    /// <summary>Pairs of element types that take turns: a rule meets one of so many.</summary>
    private const int TypesInTurn = 12;

    /// <summary>Block sizes that take turns where each kernel is compiled.</summary>
    private const int SizesInTurn = 6;

    /// <summary>Rules whose kernels call so many functions that each takes seconds to compile and
    /// to interpret.</summary>
    private static readonly string[] Long = ["EveryFunction", "NotNumbers"];

    private static readonly ConformanceOptions All = new();

    /// <summary>For the processor: every format of states, half of the block sizes and of the element types, and
    /// float32 alone of long rules; in a long run everything.</summary>
    public static ConformanceOptions ForVectors(string rule)
    {
        if (LongRun.IsAskedFor)
        {
            return All;
        }

        return Long.Contains(rule)
            ? All with
            {
                ElementTypes = [All.ElementTypes[0]], StateFormats = [All.StateFormats[0]], BlockSizes = [64],
            }
            : All with
            {
                ElementTypes =
                    [.. All.ElementTypes.Where((_, index) => index == 0 || index % 2 == TurnOf(rule) % 2)],
                BlockSizes = [.. All.BlockSizes.Where((_, index) => index % 2 == TurnOf(rule) % 2)],
            };
    }

    /// <summary>For backends of which each kernel is compiled: one block size beside the rule's, and one pair of
    /// element types beside the first. In the usual run long rules meet float32 in a few blocks.</summary>
    public static ConformanceOptions ForCompiled(string rule)
    {
        ConformanceOptions inTurn = All with
        {
            ElementTypes =
            [
                .. All.ElementTypes.Where(
                    (_, index) => index == 0 || index % TypesInTurn == TurnOf(rule) % TypesInTurn),
            ],
            BlockSizes = [.. All.BlockSizes.Where((_, index) => index % SizesInTurn == TurnOf(rule) % SizesInTurn)],
            StateFormats = FormatsInTurn(rule),
        };
        return LongRun.IsAskedFor || !Long.Contains(rule) ? inTurn : inTurn with
        {
            ElementTypes = [All.ElementTypes[0]], BlockSizes = [64], Lengths = [1, 600], LengthsAroundBlock = [1],
            Steps = 2,
        };
    }

    /// <summary>The rules that meet vectors: in the usual run every other one, and the long ones.</summary>
    public static string[] RulesForVectors =>
        [.. CaseTable.Rules.Where((rule, index) => LongRun.IsAskedFor || index % 2 == 0 || Long.Contains(rule))];

    /// <summary>The rules that meet the interpreter, each of whose kernels takes a quarter of a second to compile: in
    /// the usual run those that do not meet vectors.</summary>
    public static string[] RulesForCompiled =>
        [.. CaseTable.Rules.Where((rule, index) => LongRun.IsAskedFor || (index % 2 != 0 && !Long.Contains(rule)))];

    /// <summary>The rules that meet ILGPU's CPU accelerator in the usual run; in a long run every ninth. Each lane is
    /// a thread there, and at each of the many barriers of a block all 32 take turns, with whatever else runs on the
    /// machine. The same kernels of all rules run as PTX.</summary>
    public static string[] RulesForThreads => LongRun.Of<string[]>(
        ["Reductions"],
        ["Reductions", .. CaseTable.Rules.Where((rule, index) => index % 9 == 0 && rule != "Reductions")]);

    /// <summary>For that accelerator: a whole block and a ragged one, and one other pair of element types; in a long
    /// run also one other block size, and more lengths.</summary>
    public static ConformanceOptions ForThreads(string rule)
    {
        ConformanceOptions inTurn = All with
        {
            BlockSizes = [All.BlockSizes[TurnOf(rule) % All.BlockSizes.Count]],
            ElementTypes = [All.ElementTypes[0], All.ElementTypes[1 + (TurnOf(rule) % (All.ElementTypes.Count - 1))]],
            StateFormats = FormatsInTurn(rule),
        };
        return LongRun.IsAskedFor
            ? inTurn
            : inTurn with { BlockSizes = [], Lengths = [1], LengthsAroundBlock = [1], Steps = 2 };
    }

    /// <summary>Given options as those of the usual run for that accelerator.</summary>
    public static ConformanceOptions ForThreads(ConformanceOptions options) =>
        LongRun.IsAskedFor ? options : options with
        {
            BlockSizes = [], Lengths = [1], LengthsAroundBlock = [1], Steps = 2,
            ElementTypes = [options.ElementTypes[0], options.ElementTypes[^1]],
        };

    /// <summary>The first way to store states, and in a long run one of the others: each is another kernel, which
    /// devices take long to compile. <see cref="StateFormatTests"/> has some rules with all of them.</summary>
    private static StateFormat[] FormatsInTurn(string rule) =>
        LongRun.Of<StateFormat[]>(
            [All.StateFormats[0]],
            [All.StateFormats[0], All.StateFormats[1 + (TurnOf(rule) % (All.StateFormats.Count - 1))]]);

    private static int TurnOf(string rule) => Array.IndexOf(CaseTable.Rules, rule);
}
