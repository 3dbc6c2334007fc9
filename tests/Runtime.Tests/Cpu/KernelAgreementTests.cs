using Requant.Cpu;
using Requant.Runtime.Tests.Handwritten;
using Requant.Runtime.Tests.Support;
using Xunit;

namespace Requant.Runtime.Tests.Cpu;

public class KernelAgreementTests
{
    /// <summary>Empty, one element, below and above the quantized minimum, ragged, and several chunks of
    /// work.</summary>
    private static readonly int[] Lengths = [0, 1, 15, 1000, 4096, 5003, 70_001, 16];

    public static TheoryData<SimdWidth, int, int> Configurations
    {
        get
        {
            var data = new TheoryData<SimdWidth, int, int>();
            foreach (SimdWidth width in SimdWidths.Supported)
            {
                foreach (int blockSize in new[] { 16, 48, 256, 4096 })
                {
                    foreach (int threads in new[] { 1, 2, 5 })
                    {
                        data.Add(width, blockSize, threads);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Configurations))]
    public void Adam_EveryWidthAndThreadCount_GivesBitsOfScalar(SimdWidth width, int blockSize, int threads) =>
        AssertAgrees(new HandWrittenAdam { WeightDecay = 0.01f }, width, blockSize, threads);

    [Theory]
    [MemberData(nameof(Configurations))]
    public void Lamb_EveryWidthAndThreadCount_GivesBitsOfScalar(SimdWidth width, int blockSize, int threads) =>
        AssertAgrees(new HandWrittenLamb { WeightDecay = 0.01f }, width, blockSize, threads);

    public static TheoryData<SimdWidth, StateCodecs, StateRounding, int> Formats =>
    [
        .. from width in SimdWidths.Supported
           from codecs in Enum.GetValues<StateCodecs>()
           from rounding in Enum.GetValues<StateRounding>()
           from blockSize in (int[])[48, 256]
           select (width, codecs, rounding, blockSize),
    ];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Adam_EveryFormatOfStates_GivesBitsOfScalar(
        SimdWidth width, StateCodecs codecs, StateRounding rounding, int blockSize)
    {
        var options = new OptimizerOptions { Codecs = codecs, StateRounding = rounding };
        AssertAgrees(new HandWrittenAdam(), width, blockSize, threads: 5, options);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Step_GradientsNotFinite_CountsEachOnce(bool withBadGradients)
    {
        var workload = new Workload(3, withBadGradients, Lengths);
        var options = new OptimizerOptions();

        Assert.Equal(workload.BadGradientCount, workload.RunOnCpu(new HandWrittenAdam(), options).Skipped);
        Assert.Equal(workload.BadGradientCount, workload.RunOnCpu(new HandWrittenLamb(), options).Skipped);
    }

    private static void AssertAgrees<TRule>(
        TRule rule, SimdWidth width, int blockSize, int threads, OptimizerOptions? options = null)
        where TRule : IOptimizerRule<TRule>
    {
        var workload = new Workload(blockSize, withBadGradients: true, Lengths);
        OptimizerOptions scalar = (options ?? new OptimizerOptions()) with
        {
            BlockSize = blockSize, SimdWidth = SimdWidth.Scalar, MaxThreads = 1,
        };

        Snapshot expected = workload.RunOnCpu(rule, scalar);
        Snapshot actual = workload.RunOnCpu(rule, scalar with { SimdWidth = width, MaxThreads = threads });

        expected.AssertSameBits(actual, $"{width}, {threads} threads");
    }
}
