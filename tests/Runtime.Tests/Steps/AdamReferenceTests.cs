using Requant.Codecs;
using Requant.Numerics;
using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Steps;

/// <summary>Adam against a second implementation that shares nothing with the runtime but the codebooks.</summary>
public class AdamReferenceTests
{
    private const int Length = 70_001;

    private const ulong Seed = 4711;

    public static TheoryData<int, StateCodecs, StateRounding> Configurations =>
    [
        .. from blockSize in (int[])[48, 256]
           from codecs in (StateCodecs[])[StateCodecs.Declared, StateCodecs.MiniFloat]
           from rounding in Enum.GetValues<StateRounding>()
           select (blockSize, codecs, rounding),
    ];

    [Theory]
    [MemberData(nameof(Configurations))]
    public void Step_QuantizedTensor_GivesBitsOfDefinition(int blockSize, StateCodecs codecs, StateRounding rounding)
    {
        bool isMiniFloat = codecs == StateCodecs.MiniFloat;
        Codebook codebookOfM = Codebook.For(isMiniFloat ? Codec.MiniFloat : Codec.Dynamic);
        Codebook codebookOfV = Codebook.For(isMiniFloat ? Codec.MiniFloatUnsigned : Codec.DynamicUnsigned);
        var workload = new Workload(blockSize, withBadGradients: true, Length);
        float[] p = workload.Parameters()[0];
        var m = new float[Length];
        var v = new float[Length];
        for (int step = 0; step < Workload.Steps; step++)
        {
            Update(p, workload.Gradients(step)[0], m, v, step + 1);
            ulong key = RoundingKey.Of(Seed, RoundingKey.OfName("w"), step + 1);
            bool isStochastic = rounding == StateRounding.Stochastic;
            Requantize(m, blockSize, codebookOfM, isStochastic ? RoundingKey.OfState(key, 0) : null);
            Requantize(v, blockSize, codebookOfV, isStochastic ? RoundingKey.OfState(key, 1) : null);
        }

        using var adam = new Optimizer<Adam>(
            new Adam(), new OptimizerOptions
            {
                BlockSize = blockSize, Codecs = codecs, StateRounding = rounding, RoundingSeed = Seed,
            });
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
        var rule = new Adam();
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
            if (!float.IsFinite(newM) || !float.IsFinite(newV))
            {
                continue;
            }

            p[i] -= rule.Lr * ((newM / bias1 / (MathF.Sqrt(newV / bias2) + rule.Eps)) + (rule.WeightDecay * p[i]));
            m[i] = newM;
            v[i] = newV;
        }
    }

    private static void Requantize(float[] values, int blockSize, Codebook codebook, ulong? key)
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
            for (int i = 0; i < block.Length; i++)
            {
                byte code = key is ulong random
                    ? codebook.EncodeStochastic(block[i] * inverse, new RandomBytes(0, random).At(first + i))
                    : codebook.Encode(block[i] * inverse);
                block[i] = absmax < 1.17549435e-38f ? 0f : codebook.Decode(code) * absmax;
            }
        }
    }
}
