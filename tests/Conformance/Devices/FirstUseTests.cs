using System.Runtime.InteropServices;
using Requant.CompilerServices;
using Requant.Optimizers;
using Requant.Ptx;
using Requant.Tests;

namespace Requant.Conformance.Devices;

/// <summary>Tensors of one launch may differ in whether a step has used their states.</summary>
public sealed class FirstUseTests
{
    private const int Length = 4096 + 300;

    [Fact]
    public void Step_OfStatesThatComeIntoUseAtDifferentSteps_EqualsScalar()
    {
        var rule = new Momentum { Lr = 0.1f, Beta = 0f, Dampening = 0.5f };
        using var host = new Optimizer<Momentum>(rule, new OptimizerOptions { SimdWidth = SimdWidth.Scalar });
        using var device = new PtxOptimizer<Momentum>(rule, new OptimizerOptions());
        ParameterState[] expected = [host.Add("0", Length), host.Add("1", Length)];
        ParameterState[] actual = [device.Add("0", Length), device.Add("1", Length)];
        float[][] onHost = [HardValues.Parameters(Length, 1), HardValues.Parameters(Length, 2)];
        float[][] onDevice = [.. onHost.Select(parameters => (float[])parameters.Clone())];

        Step(0, 0, 1);
        host.Rule = device.Rule = rule with { Beta = 0.9f };
        Step(1, 0);
        Step(2, 1, 0);
        Step(3, 0, 1);

        void Step(int number, params int[] tensors)
        {
            PtxTensor[] steps = [.. tensors.Select(one => new PtxTensor(
                actual[one], MemoryMarshal.AsBytes(onDevice[one].AsSpan()).ToArray(),
                MemoryMarshal.AsBytes(Gradient(number, one).AsSpan()).ToArray(),
                ElementType.Float32, ElementType.Float32))];
            device.Step(steps);
            for (int i = 0; i < tensors.Length; i++)
            {
                int one = tensors[i];
                MemoryMarshal.Cast<byte, float>(steps[i].Parameter).CopyTo(onDevice[one]);
                host.Step(expected[one], onHost[one], Gradient(number, one));
                Assert.Equal(onHost[one], onDevice[one]);
                Assert.Equal(expected[one].States["m"].IsUsed, actual[one].States["m"].IsUsed);
            }
        }
    }

    private static float[] Gradient(int step, int tensor) => HardValues.Parameters(Length, 10 + (2 * step) + tensor);
}
