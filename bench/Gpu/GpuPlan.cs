using Requant.Bench.Gpu.Check;
using Requant.Bench.Gpu.Rules;
using Requant.Bench.Gpu.Time;
using Requant.CompilerServices;

namespace Requant.Bench.Gpu;

/// <summary>What a run does.</summary>
internal sealed record GpuPlan
{
    /// <summary>Elements of the one tensor of checks: no multiple of anything, so that its last block is a
    /// part of one.</summary>
    public const int DefaultCheckElements = 10_000_003;

    /// <summary>The same for a short run.</summary>
    public const int QuickCheckElements = 1_000_003;

    /// <summary>Time after which a short run begins nothing new, so that it ends within four minutes.</summary>
    public static readonly TimeSpan QuickLimit = TimeSpan.FromSeconds(200);

    private const int QuickTensors = 100;

    /// <summary>Tensors of the checks of scaled steps, which come beside the others.</summary>
    private const int GradientTensors = 50;

    private const int LongestGradient = 1 << 15;

    private static readonly string[] TimedRules = ["Adam", "AdamW", "Momentum", "RMSProp", "Lamb", "Lion"];
    private static readonly string[] QuickTimedRules = ["Adam", "AdamW", "Lamb"];
    private static readonly ElementPair[] Pairs =
        [ElementPair.Float32, ElementPair.BFloat16, ElementPair.Float16, ElementPair.Mixed];
    private static readonly ElementPair[] TimedPairs = [ElementPair.Float32, ElementPair.BFloat16];

    private static readonly StateFormat StochasticMiniFloat =
        RuleCase.MiniFloat with { Rounding = StateRounding.Stochastic };
    private static readonly StateFormat StochasticDynamic =
        RuleCase.Dynamic with { Rounding = StateRounding.Stochastic };
    private static readonly StateFormat[] Formats =
        [RuleCase.MiniFloat, RuleCase.Dynamic, StochasticMiniFloat, StateFormat.Float32];

    /// <summary>Checks, the most wanted first.</summary>
    public IReadOnlyList<RuleCase> Checks { get; init; } = [];

    /// <summary>Cases to be timed, the most wanted first.</summary>
    public IReadOnlyList<RuleCase> Times { get; init; } = [];

    /// <summary>How many of <see cref="Times"/> come before all checks but the first.</summary>
    public int EarlyTimes { get; init; }

    /// <summary>The models of checks; made when they are needed.</summary>
    public IReadOnlyList<Func<CheckModel>> Models { get; init; } = [];

    /// <summary>Checks of steps that look at all gradients beforehand; kernels that scale are others.</summary>
    public IReadOnlyList<RuleCase> GradientChecks { get; init; } = [];

    /// <summary>The models of <see cref="GradientChecks"/>.</summary>
    public IReadOnlyList<Func<CheckModel>> GradientModels { get; init; } = [];

    /// <summary>The models of times.</summary>
    public TimePlan Time { get; init; } = new();

    /// <summary>Time after which nothing new is begun, or null.</summary>
    public TimeSpan? Limit { get; init; }

    /// <summary>What the run leaves out by itself.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];

    /// <summary>All cases, each once, in the order in which they are needed.</summary>
    public IEnumerable<RuleCase> Cases =>
        Checks.Take(1).Concat(Times.Take(EarlyTimes)).Concat(Checks).Concat(Times).Distinct();

    /// <summary>The plan for what the command line asks for.</summary>
    public static GpuPlan Create(GpuOptions options)
    {
        IReadOnlyList<GpuRule> rules = options.Rules is null
            ? GpuRule.Shipped
            : [.. GpuRule.Shipped.Where(rule => options.Rules.Contains(rule.Name))];
        string[] timed = options.Rules is not null ? [.. options.Rules] : options.Quick ? QuickTimedRules : TimedRules;
        int tensors = options.Tensors ?? 500;
        int checkTensors = options.Tensors ?? (options.Quick ? QuickTensors : 500);
        int checkElements = (int)Math.Min(
            options.Elements ?? (options.Quick ? QuickCheckElements : DefaultCheckElements),
            GpuOptions.MostCheckElements);
        RuleCase[] times = options.Only == GpuPart.Check
            ? []
            : [.. TimesOf([.. rules.Where(rule => timed.Contains(rule.Name))], options.Quick)];
        return new GpuPlan
        {
            Checks = options.Only == GpuPart.Time ? [] : [.. ChecksOf(rules, options.Quick)],
            Times = times,
            EarlyTimes = Math.Min(2, times.Length),
            Models =
            [
                () => CheckModel.One(checkElements),
                () => CheckModel.Ragged(checkTensors, Math.Min(CheckModel.LongestRagged, checkElements)),
            ],
            GradientChecks = options.Only == GpuPart.Time ? [] : [.. GradientChecksOf(rules)],
            GradientModels =
            [
                () => CheckModel.Clipped(GradientTensors, LongestGradient),
                () => CheckModel.Skipping(GradientTensors, LongestGradient),
            ],
            Time = new TimePlan
            {
                Elements = options.Elements ?? new TimePlan().Elements,
                Tensors = tensors,
                Runs = options.Quick ? 15 : 30,
                HasSmall = !options.Quick,
            },
            Limit = options.Quick ? QuickLimit : null,
            LeftOut = options.Quick ? WhatQuickLeavesOut(checkElements, checkTensors) : [],
        };
    }

    private static IEnumerable<RuleCase> ChecksOf(IReadOnlyList<GpuRule> rules, bool quick) =>
        from format in quick
            ? (StateFormat[])[RuleCase.MiniFloat, RuleCase.Dynamic, StochasticMiniFloat]
            : [.. Formats, StochasticDynamic]
        from types in quick || format.Rounding == StateRounding.Stochastic ? TimedPairs : Pairs
        from rule in rules
        select new RuleCase(rule, types, format);

    /// <summary>The way of gradients through kernels is the same in every rule: one without reductions and
    /// one with them.</summary>
    private static IEnumerable<RuleCase> GradientChecksOf(IReadOnlyList<GpuRule> rules) =>
        from rule in rules
        where rule.Name is "Adam" or "Lamb"
        from types in Pairs
        from format in (StateFormat[])[RuleCase.Dynamic, RuleCase.MiniFloat]
        select new RuleCase(rule, types, format);

    private static IEnumerable<RuleCase> TimesOf(IReadOnlyList<GpuRule> rules, bool quick) =>
        from format in (StateFormat[])[.. Formats, StochasticDynamic]
        from rule in rules
        from types in TimedPairs
        where !quick || format == RuleCase.Dynamic || format == RuleCase.MiniFloat || rule == rules[0]
        select new RuleCase(rule, types, format);

    private static IReadOnlyList<string> WhatQuickLeavesOut(int elements, int tensors) =>
    [
        "checks of float16, of float32 parameters with bfloat16 gradients, of float32 states, and of dynamic states "
        + "rounded stochastically (--quick)",
        $"checks of more than one tensor of {elements} elements and {tensors} ragged ones (--quick)",
        "times of Momentum, RMSProp and Lion, of float32 and stochastic states but Adam's, and of tensors of 80K and "
        + "4K elements (--quick)",
    ];
}
