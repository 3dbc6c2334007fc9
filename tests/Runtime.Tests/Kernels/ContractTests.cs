using Requant.CompilerServices;

namespace Requant.Runtime.Tests.Kernels;

/// <summary>A rule whose code was generated for another version of the runtime gets a sentence.</summary>
public sealed class ContractTests
{
    [Fact]
    public void Rule_OfAnotherContract_IsRefusedByAllThatTakeRules()
    {
        Action[] ways =
        [
            () => _ = new Optimizer<OldRule>(new OldRule()),
            () => RuleInfo.Of<OldRule>(),
            () => _ = new Optimizer<OldRule>(new OldRule(), new OptimizerOptions { BlockSize = 128 }),
        ];

        Assert.All(ways, way =>
        {
            string message = Assert.Throws<NotSupportedException>(way).Message;
            Assert.Contains(nameof(OldRule), message, StringComparison.Ordinal);
            Assert.Contains("contract 0 ", message, StringComparison.Ordinal);
            Assert.Contains($"contract {GeneratedCode.Contract};", message, StringComparison.Ordinal);
            Assert.Contains("build that assembly again", message, StringComparison.Ordinal);
        });
    }

    /// <summary>As if it came from before there were numbers.</summary>
    private sealed record OldRule : IOptimizerRule<OldRule>
    {
        public static RuleInfo Info => throw new MissingMethodException();

        public static BlockKernel? GetCpuKernel(int variant, int phase, SimdWidth width, StateFormat states) => null;

        public static DeviceKernel? GetDeviceKernel<TParameter, TGradient>(int variant, int phase, StateFormat states)
            where TParameter : struct, IDeviceElementType
            where TGradient : struct, IDeviceElementType => null;

        public int SelectVariant(in TensorStep tensor) => 0;

        public int StatesInUse(in TensorStep tensor) => 0;

        public void ComputeUniforms(
            int phase, in TensorStep tensor, ReadOnlySpan<float> tensorStates, ReadOnlySpan<float> reductions,
            Span<float> uniforms)
        {
        }

        public double GetHyperparameter(int index) => 0;

        public OldRule WithHyperparameter(int index, double value) => this;
    }
}
