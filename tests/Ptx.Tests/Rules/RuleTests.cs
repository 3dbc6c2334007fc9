namespace Requant.Ptx.Tests.Rules;

/// <summary>The PTX that a GPU gets leaves the bits of the scalar kernels.</summary>
public class RuleTests
{
    private static readonly int[] Lengths = [0, 1, 255, 256, 257, 1003];
    private static readonly int[] BlockSizes = [16, 256];

    public static TheoryData<string> Rules => [.. RuleTable.Names];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Ptx_EveryLengthAndBlockSize_EqualsScalar(string rule) => RuleTable.With(rule, new ScalarCheck());

    private sealed class ScalarCheck : IRuleCheck
    {
        public void Run<TRule>(TRule rule) where TRule : IOptimizerRule<TRule>
        {
            var cases =
                from length in Lengths
                from blockSize in BlockSizes
                from quantized in new[] { true, false }
                select new RuleCase(length, blockSize, quantized);
            foreach (RuleCase data in cases)
            {
                RuleRun expected = RuleRun.Scalar(rule, data);
                expected.AssertSame(RuleRun.Ptx(rule, data, new PtxDevice()), $"{TRule.Info.Name}, {data}");
            }
        }
    }
}
