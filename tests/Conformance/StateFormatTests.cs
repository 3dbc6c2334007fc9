using Requant.CompilerServices;
using Requant.Numerics;
using Requant.Ptx;
using Requant.Testing;
using Requant.Tests;

namespace Requant.Conformance;

/// <summary>States of every codec and rounding leave the same bits on devices as on the processor: whole and ragged
/// blocks.</summary>
[Trait(Traits.Backend, Traits.Device)]
public class StateFormatTests
{
    /// <summary>A rule for each codec, states that declare different codecs or roundings, one that reads
    /// old states in a reduction, and
    /// one whose kernels have fewer states than the rule.</summary>
    public static TheoryData<string> Rules =>
    [
        "DynamicMoment", "LinearMoment", "SoftSignMoment", "Float8Moment", "DynamicVariance", "LinearVariance",
        "SquareRootVariance", "MiniFloatMoment", "RoundedStates", "FourStates", "Lamb", "Adam",
    ];

    /// <summary>Rules for one codec meet that alone, by both roundings.</summary>
    private static ConformanceOptions Options(string rule) => new()
    {
        Lengths = [1, 1003],
        LengthsAroundBlock = [0],
        BlockSizes = [16, 256],
        Steps = 2,
        ElementTypes = [(ElementType.Float32, ElementType.Float32), (ElementType.BFloat16, ElementType.BFloat16)],
        StateFormats = rule.EndsWith("Moment", StringComparison.Ordinal)
            || rule.EndsWith("Variance", StringComparison.Ordinal)
            ? [new(StateCodecs.Declared, StateRounding.Nearest), new(StateCodecs.Declared, StateRounding.Stochastic)]
            :
            [
                StateFormat.Declared, .. from codecs in (StateCodecs[])[StateCodecs.Dynamic, StateCodecs.MiniFloat]
                                         from rounding in Enum.GetValues<StateRounding>()
                                         select new StateFormat(codecs, rounding),
            ],
    };

    /// <summary>In the usual run one whose states round in both ways.</summary>
    public static TheoryData<string> RulesForThreads =>
        LongRun.Of<TheoryData<string>>(["RoundedStates"], ["RoundedStates", "FourStates", "Lamb", "LinearVariance"]);

    [Theory]
    [MemberData(nameof(RulesForThreads))]
    [Trait(Traits.Lanes, Traits.Threads)]
    public void Ilgpu_CpuAccelerator_EqualsScalar(string rule)
    {
        using var ilgpu = new IlgpuBackend();
        CaseTable.With(rule, new Check(CaseOptions.ForThreads(Options(rule)) with { Backends = [ilgpu] }));
    }

    /// <summary>In the usual run every other one.</summary>
    public static TheoryData<string> RulesForCompiled =>
        [.. Rules.Select(row => row.Data).Where((_, index) => LongRun.IsAskedFor || index % 2 != 0)];

    [Theory]
    [MemberData(nameof(RulesForCompiled))]
    public void Ptx_Interpreted_EqualsScalar(string rule) =>
        CaseTable.With(rule, new Check(InTurn(Options(rule)) with { Backends = [new PtxBackend()] }));

    /// <summary>float32 alone; in a long run all types.</summary>
    private static ConformanceOptions InTurn(ConformanceOptions options) =>
        LongRun.IsAskedFor ? options : options with { ElementTypes = [options.ElementTypes[0]] };

    private sealed class Check(ConformanceOptions options) : IRuleCheck
    {
        public void Run<TRule>(TRule rule)
            where TRule : IOptimizerRule<TRule> => Assert.True(RuleConformance.Check(rule, options).ElementCount > 0);
    }
}
