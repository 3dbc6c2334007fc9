using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using Requant.Cpu;

namespace Requant.Conformance;

/// <summary>Everything that a few steps on elements of any type leave behind.</summary>
internal sealed record ElementRun(Elements Parameters, byte[] States, long Skipped)
{
    /// <summary>Runs the CPU executor.</summary>
    public static ElementRun OnCpu<TRule>(TRule rule, ElementCase data, SimdWidth width, int threads)
        where TRule : IOptimizerRule<TRule>
    {
        using var optimizer = new Optimizer<TRule>(rule, ElementCase.Options with { SimdWidth = width, MaxThreads = threads });
        ParameterState state = optimizer.Add("w", data.Length);
        Elements parameters = data.Parameters();
        for (int step = 0; step < ElementCase.StepCount; step++)
        {
            Step(optimizer, state, parameters, data.Gradients(step));
        }

        return new ElementRun(parameters, Collect(state), optimizer.SkippedElements);
    }

    /// <summary>Runs an ILGPU accelerator.</summary>
    public static ElementRun OnIlgpu<TRule>(TRule rule, ElementCase data, Accelerator accelerator)
        where TRule : IOptimizerRule<TRule>
    {
        using var optimizer = new Optimizer<TRule>(rule, ElementCase.Options with { Device = Device.Ilgpu(accelerator) });
        ParameterState state = optimizer.Add("w", data.Length);
        Elements parameters = data.Parameters();

        // ILGPU has no empty buffers.
        using MemoryBuffer1D<byte, Stride1D.Dense> parameter = accelerator.Allocate1D((byte[])[.. parameters.Bytes, 0, 0, 0, 0]);
        for (int step = 0; step < ElementCase.StepCount; step++)
        {
            byte[] bytes = data.Gradients(step).Bytes;
            using MemoryBuffer1D<byte, Stride1D.Dense> gradient = accelerator.Allocate1D((byte[])[.. bytes, 0, 0, 0, 0]);
            optimizer.Step(Update(state, data, Prefix(parameter, parameters.Bytes.Length), Prefix(gradient, bytes.Length)));
        }

        accelerator.Synchronize();
        return new ElementRun(
            parameters with { Bytes = parameter.GetAsArray1D()[..parameters.Bytes.Length] }, Collect(state), optimizer.SkippedElements);
    }

    /// <summary>Fails unless each step leaves what a float32 step on the widened elements leaves, rounded. The float32
    /// parameter is set anew before each step; its states must never differ.</summary>
    public static void AssertWidensStepsAndRounds<TRule>(TRule rule, ElementCase data)
        where TRule : IOptimizerRule<TRule>
    {
        OptimizerOptions options = ElementCase.Options with { SimdWidth = SimdWidth.Scalar, MaxThreads = 1 };
        using var actual = new Optimizer<TRule>(rule, options);
        using var reference = new Optimizer<TRule>(rule, options);
        ParameterState actualState = actual.Add("w", data.Length);
        ParameterState referenceState = reference.Add("w", data.Length);
        Elements parameters = data.Parameters();
        for (int step = 0; step < ElementCase.StepCount; step++)
        {
            Elements old = parameters.Copy();
            Elements gradients = data.Gradients(step);
            float[] widened = parameters.Widen();
            float[] widenedGradients = gradients.Widen();

            Step(actual, actualState, parameters, gradients);
            reference.Step(referenceState, widened, widenedGradients);

            var expected = Elements.Of(data.Parameter, widened);
            for (int i = 0; i < data.Length; i++)
            {
                uint bits = float.IsFinite(widenedGradients[i]) ? expected[i] : old[i];
                Assert.True(bits == parameters[i], $"{data}, step {step}: parameter {i} is {parameters[i]:x} instead of {bits:x}");
            }

            Assert.Equal(widenedGradients.Count(gradient => !float.IsFinite(gradient)), actual.LastStepSkippedElements);
            Assert.Equal(Collect(referenceState), Collect(actualState));
        }
    }

    /// <summary>Fails unless both runs left the same bits.</summary>
    public void AssertSame(ElementRun other, string what)
    {
        Assert.Equal(Skipped, other.Skipped);
        for (int i = 0; i < Parameters.Bytes.Length / Parameters.Size; i++)
        {
            Assert.True(Parameters[i] == other.Parameters[i], $"{what}: parameter {i} is {other.Parameters[i]:x} instead of {Parameters[i]:x}");
        }

        Assert.True(States.AsSpan().SequenceEqual(other.States), $"{what}: states differ at byte {States.AsSpan().CommonPrefixLength(other.States)}");
    }

    private static unsafe void Step<TRule>(Optimizer<TRule> optimizer, ParameterState state, Elements parameters, Elements gradients)
        where TRule : IOptimizerRule<TRule>
    {
        fixed (byte* parameter = parameters.Bytes)
        fixed (byte* gradient = gradients.Bytes)
        {
            optimizer.Step(new TensorUpdate(state, (nint)parameter, (nint)gradient, parameters.Type, gradients.Type));
        }
    }

    private static byte[] Collect(ParameterState state) => [.. state.States.SelectMany(one => one.IsQuantized
        ? one.Codes.ToArray().Concat(MemoryMarshal.AsBytes(one.Absmax).ToArray())
        : MemoryMarshal.AsBytes(one.Values).ToArray())];

    private static ArrayView<byte> Prefix(MemoryBuffer1D<byte, Stride1D.Dense> buffer, int length) =>
        ((ArrayView<byte>)buffer.View).SubView(0, length);

    private static IlgpuTensorUpdate Update(ParameterState state, ElementCase data, ArrayView<byte> parameter, ArrayView<byte> gradient) =>
        data.Parameter switch
        {
            ElementType.Float32 => Update(state, data, parameter.Cast<float>(), gradient),
            ElementType.Float16 => Update(state, data, parameter.Cast<System.Half>(), gradient),
            _ => Update(state, data, parameter.Cast<BFloat16>(), gradient),
        };

    private static IlgpuTensorUpdate Update<TParameter>(
        ParameterState state, ElementCase data, ArrayView<TParameter> parameter, ArrayView<byte> gradient)
        where TParameter : unmanaged => data.Gradient switch
    {
        ElementType.Float32 => IlgpuTensorUpdate.Create(state, parameter, gradient.Cast<float>()),
        ElementType.Float16 => IlgpuTensorUpdate.Create(state, parameter, gradient.Cast<ILGPU.Half>()),
        _ => IlgpuTensorUpdate.Create(state, parameter, gradient.Cast<BFloat16>()),
    };
}
