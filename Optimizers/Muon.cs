using System.ComponentModel.DataAnnotations;

namespace Requant.Optimizers;

/// <summary>Muon: momentum whose matrices are orthogonalized, and AdamW for everything else. Source: Jordan et al.,
/// <c>kellerjordan.github.io/posts/muon</c>, and <c>torch.optim.Muon</c>; the scale that suits AdamW's learning rates
/// is that of Liu et al., arXiv 2502.16982.</summary>
public static class MuonRule
{
    /// <summary>
    /// <code>
    /// m  = momentum m + (1 - momentum) g
    /// u  = (1 - momentum) g + momentum m    with nesterov; m without
    /// o  = orthogonalize(u)                 steps times the polynomial of Newton and Schulz
    /// p  = p - lr weightDecay p - lr s o    with s = 0.2 √max(rows, columns), or √max(1, rows / columns)
    /// </code>
    /// Vectors, and all parameters of a group with <c>adamW</c>, take the step of <see cref="AdamWRule.AdamW"/>.
    /// </summary>
    /// <remarks>A parameter is a matrix of its first dimension by all others together. Embeddings and the output layer
    /// are matrices that Muon is not for: put them into a group with <c>adamW</c>. As each step has the size of one of
    /// AdamW, the learning rates of AdamW serve for both; without <c>matchAdamW</c> Muon's are usually some 20 times
    /// larger, and vectors then want a group of their own. Only the parameters that AdamW updates have a second
    /// moment. PyTorch computes the polynomial in bfloat16, this rule in float32.</remarks>
    /// <example>
    /// <code>
    /// using var muon = new Optimizer&lt;Muon&gt;(new Muon { Lr = 1e-3f });
    /// ParameterGroup&lt;Muon&gt; others = muon.AddGroup(muon.Rule with { AdamW = true });
    /// ParameterState w = muon.Add("w", [768, 3072]);
    /// ParameterState embedding = muon.Add("embedding", [50257, 768], others);
    /// </code>
    /// </example>
    /// <param name="p">Parameter element.</param>
    /// <param name="g">Its gradient.</param>
    /// <param name="m">Momentum; AdamW's first moment.</param>
    /// <param name="v">AdamW's second moment.</param>
    /// <param name="step">1 on the first update.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="momentum">Decay of the momentum.</param>
    /// <param name="weightDecay">Decoupled weight decay, multiplied by the learning rate.</param>
    /// <param name="nesterov">Looks ahead by one step of the momentum.</param>
    /// <param name="steps">Steps of the polynomial.</param>
    /// <param name="matchAdamW">Scales steps to the size of AdamW's, as <c>match_rms_adamw</c> of PyTorch does; its
    /// <c>original</c> otherwise.</param>
    /// <param name="adamW">Takes AdamW for matrices, too.</param>
    /// <param name="beta1">AdamW's decay of the first moment.</param>
    /// <param name="beta2">AdamW's decay of the second moment.</param>
    /// <param name="eps">Added to AdamW's denominator.</param>
    [OptimizerRule]
    [TorchOptimizer(
        "lr", "weight_decay", "momentum", "nesterov", "ns_steps = steps", "match_adamw = matchAdamW", "adamw = adamW",
        "beta1", "beta2", "eps",
        Remarks = "TorchSharp has none; names are PyTorch's where its <c>Muon</c> has them. <c>Groups</c> makes the "
            + "two groups that most models want.")]
    public static void Muon(
        ref float p, float g, [State] ref float m,
        [State(Codec.MiniFloatUnsigned, Rounding = StateRounding.Stochastic)] ref float v, int step,
        [Range(0, float.MaxValue)] float lr = 1e-3f,
        [Range(0, 1, MaximumIsExclusive = true)] float momentum = 0.95f,
        [Range(0, float.MaxValue)] float weightDecay = 0.1f,
        bool nesterov = true,
        [Range(0, 100)] int steps = 5,
        bool matchAdamW = true,
        bool adamW = false,
        [Range(0, 1, MaximumIsExclusive = true)] float beta1 = 0.9f,
        [Range(0, 1, MaximumIsExclusive = true)] float beta2 = 0.95f,
        [Range(0, float.MaxValue)] float eps = 1e-8f)
    {
        p *= 1 - lr * weightDecay;
        if (Shape.IsMatrix && !adamW)
        {
            m = momentum * m + (1 - momentum) * g;
            float update = nesterov ? (1 - momentum) * g + momentum * m : m;
            float scale = matchAdamW
                ? 0.2f * MathF.Sqrt(MathF.Max(Shape.Rows, Shape.Columns))
                : MathF.Sqrt(MathF.Max(1, (float)Shape.Rows / Shape.Columns));
            p -= lr * scale * Matrix.Orthogonalize(update, steps);
        }
        else
        {
            m = beta1 * m + (1 - beta1) * g;
            v = beta2 * v + (1 - beta2) * g * g;

            float biasCorrection1 = 1 - MathF.Pow(beta1, step);
            float biasCorrection2Sqrt = MathF.Sqrt(1 - MathF.Pow(beta2, step));
            float stepSize = lr * biasCorrection2Sqrt / biasCorrection1;
            p -= stepSize * m / (MathF.Sqrt(v) + eps * biasCorrection2Sqrt);
        }
    }
}
