using Requant.Cpu;
using Requant.Ilgpu;

namespace Requant.Torch.Tests;

/// <summary>A rule with an integer hyperparameter, for options alone: it has no kernels.</summary>
public sealed record Countdown : IOptimizerRule<Countdown>
{
    public int Period { get; init; } = 1;

    public static RuleInfo Info { get; } = new(
        nameof(Countdown), "countdown-1", Precision.Exact, "", [], [],
        [new HyperparameterInfo("period", HyperparameterKind.Int, 1)],
        [], PhaseCount: 1, VariantCount: 1, UniformCount: 0);

    public static BlockKernel GetCpuKernel(int variant, int phase, SimdWidth width, StateFormat states) =>
        throw new NotSupportedException();

    public static DeviceKernel GetDeviceKernel<TParameter, TGradient>(int variant, int phase, StateFormat states)
        where TParameter : struct, IDeviceElementType
        where TGradient : struct, IDeviceElementType =>
        throw new NotSupportedException();

    public int SelectVariant(int step, int unusedStates) => 0;

    public int StatesInUse() => (1 << Info.States.Count) - 1;

    public void ComputeUniforms(
        int phase, int step, int unusedStates, ReadOnlySpan<float> tensorStates, ReadOnlySpan<float> reductions, Span<float> uniforms)
    {
    }

    public double GetHyperparameter(int index) => Period;

    public Countdown WithHyperparameter(int index, double value) => this with { Period = (int)value };
}
