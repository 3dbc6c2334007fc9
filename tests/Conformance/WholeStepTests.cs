using Requant.Numerics;
using Requant.Ptx;
using Requant.Testing;
using Requant.Tests;

namespace Requant.Conformance;

/// <summary>Scaled, clipped and skipped steps, and those that propagate what is not finite, leave the same bits on
/// devices as on the processor: every storage, ragged and whole blocks of several sizes, and all
/// element types.</summary>
[Trait(Traits.Backend, Traits.Device)]
public class WholeStepTests
{
    /// <summary>No power of two, so that every product is rounded.</summary>
    private const float Scale = 1f / 3f;

    /// <summary>Far below the norm of any case, all of whose gradients it makes smaller.</summary>
    private const float MaxNorm = 1e-3f;

    /// <summary>One of each way through the kernels: states, reductions that the device and that the host
    /// finishes, no states, and an element function that depends on the sign alone.</summary>
    private static readonly string[] Rules =
        ["Adam, amsgrad", "Lamb", "Lion", "FourStates", "NovoGrad", "Reductions", "SgdW, plain"];

    private static readonly ConformanceOptions Cases = new()
    {
        Lengths = [0, 1, 1003],
        LengthsAroundBlock = [0, 1],
        BlockSizes = [16, 256],
        Steps = 2,
        ElementTypes =
        [
            (ElementType.Float32, ElementType.Float32), (ElementType.BFloat16, ElementType.BFloat16),
            (ElementType.Float32, ElementType.Float16), (ElementType.Float16, ElementType.BFloat16),
        ],
    };

    private static readonly ConformanceOptions[] Treatments =
    [
        Cases with { GradientScale = Scale },
        Cases with { MaxGradientNorm = MaxNorm },
        Cases with { GradientScale = Scale, MaxGradientNorm = MaxNorm, NonFinite = NonFinitePolicy.SkipStep },
        Cases with { NonFinite = NonFinitePolicy.Propagate },
        Cases with { GradientScale = Scale, NonFinite = NonFinitePolicy.Propagate },
    ];

    public static TheoryData<string, int> Steps =>
        [.. from rule in Rules from treatment in Enumerable.Range(0, Treatments.Length) select (rule, treatment)];

    /// <summary>In the usual run each rule meets one treatment.</summary>
    public static TheoryData<string, int> StepsForCompiled => LongRun.IsAskedFor
        ? Steps
        : [.. Rules.Select((rule, index) => (rule, index % Treatments.Length))];

    /// <summary>In the usual run one rule meets the treatments that have all others in them, where lanes
    /// are threads; in a long run the rules take turns.</summary>
    public static TheoryData<string, int> StepsForThreads => LongRun.IsAskedFor
        ? [.. Steps.Where((_, index) => index % 5 == 0).Select(row => row.Data)]
        : [(Rules[0], 2), (Rules[0], 4)];

    [Theory]
    [MemberData(nameof(StepsForThreads))]
    [Trait(Traits.Lanes, Traits.Threads)]
    public void Ilgpu_CpuAccelerator_EqualsScalar(string rule, int treatment)
    {
        using var ilgpu = new IlgpuBackend();
        CaseTable.With(rule, new Check(CaseOptions.ForThreads(Treatments[treatment]) with { Backends = [ilgpu] }));
    }

    [Theory]
    [MemberData(nameof(StepsForCompiled))]
    public void Ptx_Interpreted_EqualsScalar(string rule, int treatment) =>
        CaseTable.With(
            rule, new Check(InTurn(Treatments[treatment], treatment) with { Backends = [new PtxBackend()] }));

    /// <summary>Float32 and one other pair of element types, the declared format of states and one other; in a long run
    /// all.</summary>
    private static ConformanceOptions InTurn(ConformanceOptions options, int turn) =>
        LongRun.IsAskedFor ? options : options with
        {
            ElementTypes =
                [options.ElementTypes[0], options.ElementTypes[1 + (turn % (options.ElementTypes.Count - 1))]],
            StateFormats =
                [options.StateFormats[0], options.StateFormats[1 + (turn % (options.StateFormats.Count - 1))]],
        };

    private sealed class Check(ConformanceOptions options) : IRuleCheck
    {
        public void Run<TRule>(TRule rule)
            where TRule : IOptimizerRule<TRule> => Assert.True(RuleConformance.Check(rule, options).ElementCount > 0);
    }
}
