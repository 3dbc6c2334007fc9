using Requant.CompilerServices;
using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Steps;

/// <summary>A step that fails is not counted, and memory is not freed under a step.</summary>
public class FailingStepTests
{
    private const int Length = 100;

    [Fact]
    public void Step_UniformsOfLaterPhaseThrow_LeavesStepAndParameters()
    {
        using var optimizer = new Optimizer<HookedRule>(new HookedRule { ThrowingPhase = 1 });
        ParameterState state = optimizer.Add("w", Length);
        float[] parameters = [.. Enumerable.Repeat(1f, Length)];
        Assert.Throws<NotFiniteNumberException>(() => optimizer.Step(state, parameters, new float[Length]));
        Assert.Equal(0, state.Step);
        Assert.All(parameters, value => Assert.Equal(1f, value));

        optimizer.Rule = optimizer.Rule with { ThrowingPhase = -1 };
        optimizer.Step(state, parameters, new float[Length]);
        Assert.Equal(1, state.Step);
    }

    [Fact]
    public void Dispose_DuringStep_ThrowsAndFreesNothing()
    {
        Optimizer<HookedRule>? optimizer = null;
        using (optimizer = new Optimizer<HookedRule>(new HookedRule { DuringStep = () => optimizer!.Dispose() }))
        {
            ParameterState state = optimizer.Add("w", Length);
            float[] parameters = new float[Length];
            Assert.Throws<InvalidOperationException>(() => optimizer.Step(state, parameters, new float[Length]));
            Assert.Equal(Length, state.States["m"].Values.Length);

            optimizer.Rule = new HookedRule();
            optimizer.Step(state, parameters, new float[Length]);
        }

        Assert.Throws<ObjectDisposedException>(
            () => optimizer.Step(optimizer.Parameters[0], new float[Length], new float[Length]));
    }

    /// <summary>LAMB with places to fail.</summary>
    private sealed record HookedRule : IOptimizerRule<HookedRule>
    {
        private readonly Lamb _lamb = new();

        public int ThrowingPhase { get; init; } = -1;

        public Action? DuringStep { get; init; }

        static int IOptimizerRule<HookedRule>.Contract => GeneratedCode.Contract;

        static RuleInfo IOptimizerRule<HookedRule>.Info => Info<Lamb>();

        int IOptimizerRule<HookedRule>.SelectVariant(in TensorStep tensor) =>
            ((IOptimizerRule<Lamb>)_lamb).SelectVariant(tensor);

        int IOptimizerRule<HookedRule>.StatesInUse(in TensorStep tensor) =>
            ((IOptimizerRule<Lamb>)_lamb).StatesInUse(tensor);

        void IOptimizerRule<HookedRule>.ComputeUniforms(
            int phase, in TensorStep tensor, ReadOnlySpan<float> tensorStates, ReadOnlySpan<float> reductions,
            Span<float> uniforms)
        {
            DuringStep?.Invoke();
            if (phase == ThrowingPhase)
            {
                throw new NotFiniteNumberException();
            }

            ((IOptimizerRule<Lamb>)_lamb).ComputeUniforms(
                phase, tensor, tensorStates, reductions, uniforms);
        }

        static BlockKernel? IOptimizerRule<HookedRule>.GetCpuKernel(
            int variant, int phase, SimdWidth width, StateFormat states) =>
            CpuKernel<Lamb>(variant, phase, width, states);

        static DeviceKernel IOptimizerRule<HookedRule>.GetDeviceKernel<TParameter, TGradient>(
            int variant, int phase, StateFormat states) =>
            throw new NotSupportedException("This rule runs on the processor only.");

        double IOptimizerRule<HookedRule>.GetHyperparameter(int index) => 0;

        HookedRule IOptimizerRule<HookedRule>.WithHyperparameter(int index, double value) => this;

        private static RuleInfo Info<TRule>() where TRule : IOptimizerRule<TRule> => TRule.Info;

        private static BlockKernel? CpuKernel<TRule>(int variant, int phase, SimdWidth width, StateFormat states)
            where TRule : IOptimizerRule<TRule> => TRule.GetCpuKernel(variant, phase, width, states);
    }
}
