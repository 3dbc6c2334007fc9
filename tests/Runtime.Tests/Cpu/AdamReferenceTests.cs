using Requant.Quantization;
using Requant.Runtime.Tests.Handwritten;
using Requant.Runtime.Tests.Support;
using Xunit;

namespace Requant.Runtime.Tests.Cpu;

/// <summary>Adam against a second implementation that shares nothing with the runtime but the codebooks.</summary>
public class AdamReferenceTests
{
    private const int Length = 70_001;

    [Theory]
    [InlineData(48)]
    [InlineData(256)]
    public void Step_QuantizedTensor_GivesBitsOfDefinition(int blockSize)
    {
        var workload = new Workload(blockSize, withBadGradients: true, Length);
        float[] p = workload.Parameters()[0];
        var m = new float[Length];
        var v = new float[Length];
        for (int step = 0; step < Workload.Steps; step++)
        {
            Update(p, workload.Gradients(step)[0], m, v, step + 1);
            Requantize(m, blockSize, Codebook.For(Codec.Dynamic));
            Requantize(v, blockSize, Codebook.For(Codec.DynamicUnsigned));
        }

        using var adam = new Optimizer<HandWrittenAdam>(
            new HandWrittenAdam(), new OptimizerOptions { BlockSize = blockSize });
        ParameterState state = adam.Add("w", Length);
        float[] weights = workload.Parameters()[0];
        for (int step = 0; step < Workload.Steps; step++)
        {
            adam.Step(state, weights, workload.Gradients(step)[0]);
        }

        var values = new float[Length];
        state.States["m"].Dequantize(values);
        Assert.Equal(m, values);
        state.States["v"].Dequantize(values);
        Assert.Equal(v, values);
        Assert.Equal(p, weights);
        Assert.Contains(p, one => one != 0f && float.IsFinite(one));
    }

    private static void Update(float[] p, float[] g, float[] m, float[] v, int step)
    {
        var rule = new HandWrittenAdam();
        float bias1 = 1 - MathF.Pow(rule.Beta1, step);
        float bias2 = 1 - MathF.Pow(rule.Beta2, step);
        for (int i = 0; i < p.Length; i++)
        {
            if (!float.IsFinite(g[i]))
            {
                continue;
            }

            float newM = (rule.Beta1 * m[i]) + ((1 - rule.Beta1) * g[i]);
            float newV = (rule.Beta2 * v[i]) + ((1 - rule.Beta2) * g[i] * g[i]);
            p[i] -= rule.Lr * ((newM / bias1 / (MathF.Sqrt(newV / bias2) + rule.Eps)) + (rule.WeightDecay * p[i]));
            m[i] = float.IsFinite(newM) ? newM : m[i];
            v[i] = float.IsFinite(newV) ? newV : v[i];
        }
    }

    private static void Requantize(float[] values, int blockSize, Codebook codebook)
    {
        for (int first = 0; first < values.Length; first += blockSize)
        {
            Span<float> block = values.AsSpan(first, Math.Min(blockSize, values.Length - first));
            float absmax = 0f;
            foreach (float value in block)
            {
                absmax = MathF.Max(absmax, MathF.Abs(value));
            }

            float inverse = 1f / absmax;
            foreach (ref float value in block)
            {
                value = absmax < 1.17549435e-38f ? 0f : codebook.Decode(codebook.Encode(value * inverse)) * absmax;
            }
        }
    }
}
