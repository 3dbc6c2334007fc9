using Requant.Ptx;
using Requant.Tests;

namespace Requant.Conformance.Devices;

/// <summary>The PTX that a GPU gets leaves the bits of the scalar kernels.</summary>
public class RuleTests
{
    private static readonly int[] Lengths = [0, 1, 255, 256, 257, 1003];
    private static readonly int[] BlockSizes = [16, 256];

    /// <summary>Launches that share out blocks and order threads differently.</summary>
    private static readonly PtxDevice[] Devices =
    [
        new() { Order = PtxOrder.Backward },
        new() { Order = PtxOrder.Backward, MaxGroups = 1 },
        new() { MaxGroups = int.MaxValue, Architecture = "sm_70" },
    ];

    /// <summary>In the usual run every other one.</summary>
    public static TheoryData<string> Rules =>
        [.. RuleTable.Names.Where((_, index) => LongRun.IsAskedFor || index % 2 == 1)];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Ptx_EveryLengthAndBlockSize_EqualsScalar(string rule) => RuleTable.With(rule, new ScalarCheck(
        [new PtxDevice()],
        from length in Lengths
        from blockSize in BlockSizes
        from quantized in new[] { true, false }
        select new RuleCase(length, blockSize, quantized)));

    [Theory]
    [MemberData(nameof(Rules))]
    public void Ptx_InAnyOrderOfThreads_EqualsScalar(string rule) => RuleTable.With(rule, new ScalarCheck(
        Devices,
        [
            new RuleCase(1003, 16, Quantized: true),
            new RuleCase(700, 256, Quantized: true),
            new RuleCase(700, 256, Quantized: false),
        ]));

    [Fact]
    public void Step_OfAnotherOptimizersState_IsRefused()
    {
        using var one = new PtxOptimizer<Optimizers.Adam>(new Optimizers.Adam(), new OptimizerOptions());
        using var other = new PtxOptimizer<Optimizers.Adam>(new Optimizers.Adam(), new OptimizerOptions());
        ParameterState state = one.Add("w", 3);

        Assert.Throws<ArgumentException>(() => other.Step(state, new float[3], new float[3]));
        Assert.Throws<ArgumentException>(() => one.Step(state, new float[3], new float[4]));
        one.Step(state, new float[3], [1f, float.NaN, 1f]);
        Assert.Equal((1, 1L), (state.Step, one.SkippedElements));
    }

    private sealed class ScalarCheck(IReadOnlyList<PtxDevice> devices, IEnumerable<RuleCase> cases) : IRuleCheck
    {
        public void Run<TRule>(TRule rule) where TRule : IOptimizerRule<TRule>
        {
            foreach (RuleCase data in cases)
            {
                RuleRun expected = RuleRun.Scalar(rule, data);
                foreach (PtxDevice device in devices)
                {
                    expected.AssertSame(RuleRun.Ptx(rule, data, device), $"{TRule.Info.Name}, {data}, {device}");
                }
            }
        }
    }
}
