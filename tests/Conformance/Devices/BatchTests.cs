using Requant.CompilerServices;
using Requant.Ptx;
using Requant.Tests;

namespace Requant.Conformance.Devices;

/// <summary>Tensors that vectors do not fit, and many tensors in one step.</summary>
public class BatchTests
{
    /// <summary>Three whole blocks and a part of one.</summary>
    private const int Ragged = (3 * 256) + 77;

    private static readonly ElementType[] Types = [ElementType.Float32, ElementType.Float16, ElementType.BFloat16];

    /// <summary>In the usual run every other one.</summary>
    public static TheoryData<string> Rules =>
        [.. RuleTable.Names.Where((_, index) => LongRun.IsAskedFor || index % 2 == 0)];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Step_OfUnalignedTensors_EqualsScalar(string rule) => RuleTable.With(rule, new BatchCheck(
        [.. Types.Select(type => new BatchTensor(3 * 256, type, OffsetElements: 1))]));

    [Theory]
    [MemberData(nameof(Rules))]
    public void Step_OfRaggedTensors_EqualsScalar(string rule) => RuleTable.With(rule, new BatchCheck(
        [.. Types.SelectMany(type => (BatchTensor[])[new(Ragged, type), new(Ragged, type, OffsetElements: 1)])]));

    [Theory]
    [MemberData(nameof(Rules))]
    public void Step_OfManyTensors_TakesOneLaunchForEachPhaseAndElementType(string rule) =>
        RuleTable.With(rule, new BatchCheck(
            [.. Enumerable.Range(0, LongRun.Of(12, 24))
                .Select(i => new BatchTensor(i * LongRun.Of(29, 37), Types[i % Types.Length], i % 2))]));

    /// <summary>An unaligned tensor takes no vectors, so its accesses tell that it was one.</summary>
    [Theory]
    [InlineData(0, 16)]
    [InlineData(1, 4)]
    public void Step_OfWholeBlocks_TakesVectorsOnlyWhereAligned(int offset, int width)
    {
        TensorRun.Ptx(
            new Optimizers.Lion(), [new BatchTensor(256, ElementType.Float32, offset)], quantized: true,
            out PtxStepProfile step);

        Assert.All(
            step.Instructions.GlobalAccesses.Where(access => access.Buffers.Contains("parameter")),
            access => Assert.Equal(width, access.BytesPerLane));
    }

    private sealed class BatchCheck(BatchTensor[] tensors) : IRuleCheck
    {
        public void Run<TRule>(TRule rule) where TRule : IOptimizerRule<TRule>
        {
            foreach (bool quantized in (bool[])[true, false])
            {
                TensorRun expected = TensorRun.Scalar(rule, tensors, quantized);
                TensorRun actual = TensorRun.Ptx(rule, tensors, quantized, out PtxStepProfile step);
                expected.AssertSame(actual, $"{TRule.Info.Name}, {(quantized ? "8-bit" : "float32")} states");

                // All tensors are at one step, so they are of one variant. Between phases there is one more launch.
                int phases = Enumerable.Range(0, TRule.Info.PhaseCount).Count(
                    phase => RuleKernels.Get<TRule>(
                        rule.SelectVariant(new TensorStep { Step = TensorRun.StepCount }), phase,
                        quantized ? StateFormat.Declared : StateFormat.Float32, "sm_90") is not null);
                int finishes = Enumerable.Range(0, TRule.Info.PhaseCount - 1)
                    .Count(phase => TRule.GetFinishKernel(phase) is not null);
                Assert.Equal(TRule.Info.PhaseCount - 1, finishes);
                Assert.Equal(
                    (phases + finishes) * tensors.Select(tensor => tensor.Elements).Distinct().Count(),
                    step.LaunchCount);
            }
        }
    }
}
