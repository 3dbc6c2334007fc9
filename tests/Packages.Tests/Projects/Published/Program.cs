using System.IO.Hashing;
using System.Runtime.InteropServices;
using Requant;
using Requant.Optimizers;

Train(new OwnLion { Lr = 0.01f });
Train(new Adam { Lr = 0.01f });

// Ten steps, the last five after a checkpoint; then a hash of the weights.
static void Train<TRule>(TRule rule)
    where TRule : IOptimizerRule<TRule>
{
    string file = Path.Combine(Path.GetTempPath(), $"{TRule.Info.Name}-{Guid.NewGuid():N}.safetensors");
    float[] weights = [.. Enumerable.Range(0, 64 * 129).Select(i => MathF.Sin(i))];
    float[] gradient = new float[weights.Length];
    using (Optimizer<TRule> first = new(rule))
    {
        Steps(first, first.Add("w", [64, 129]), weights, gradient);
        first.Save(file);
    }

    using Optimizer<TRule> second = new(rule);
    ParameterState state = second.Add("w", [64, 129]);
    second.Load(file);
    File.Delete(file);
    Steps(second, state, weights, gradient);
    ulong hash = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(weights.AsSpan()));
    Console.WriteLine(FormattableString.Invariant($"{TRule.Info.Name} {state.Step} {hash:x16}"));
}

static void Steps<TRule>(Optimizer<TRule> optimizer, ParameterState state, float[] weights, float[] gradient)
    where TRule : IOptimizerRule<TRule>
{
    for (int step = 0; step < 5; step++)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            gradient[i] = weights[i] - 1f;
        }

        optimizer.Step(state, weights, gradient);
    }
}

internal static class Rules
{
    [OptimizerRule]
    public static void OwnLion(
        ref float p, float g, [State] ref float m, float lr = 1e-4f, float beta1 = 0.9f, float beta2 = 0.99f)
    {
        float update = beta1 * m + (1 - beta1) * g;
        p -= lr * MathF.Sign(update);
        m = beta2 * m + (1 - beta2) * g;
    }
}
