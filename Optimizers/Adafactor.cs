using System.ComponentModel.DataAnnotations;

namespace Requant.Optimizers;

/// <summary>Adafactor: a second moment that is kept by rows and columns. Source: Shazeer and Stern, arXiv 1804.04235,
/// algorithms 4 and 5.</summary>
public static class AdafactorRule
{
    /// <summary>
    /// <code>
    /// row     = beta2 row + (1 - beta2) mean of (g² + eps) over the row          beta2 = 1 - step^-decay
    /// column  = beta2 column + (1 - beta2) mean of (g² + eps) over the column
    /// u  = g / √(row column / mean(row))         vectors: v = beta2 v + (1 - beta2) (g² + eps), u = g / √v
    /// u  = u / max(1, rms(u) / clipping)
    /// m  = beta1 m + (1 - beta1) u               with beta1 above 0; then m instead of u
    /// p  = p - lr weightDecay p - rate max(minimalScale, rms(p)) u
    /// </code>
    /// </summary>
    /// <remarks>A parameter is a matrix of its first dimension by all others together. The rate is lr, or with
    /// <c>relativeStep</c> the smaller of lr and 1/√step, as in the paper and in <c>torch.optim.Adafactor</c>. A
    /// matrix has no state of its size where beta1 is 0.</remarks>
    /// <example><code>using var adafactor = new Optimizer&lt;Adafactor&gt;(new Adafactor { Beta1 = 0.9f });</code>
    /// </example>
    /// <param name="p">Parameter element.</param>
    /// <param name="g">Its gradient.</param>
    /// <param name="row">Second moment of a row.</param>
    /// <param name="column">Second moment of a column.</param>
    /// <param name="v">Second moment of a vector's element.</param>
    /// <param name="m">Momentum.</param>
    /// <param name="step">1 on the first update.</param>
    /// <param name="lr">Learning rate, relative to the size of the parameter with <c>scaleParameter</c>.</param>
    /// <param name="beta1">Decay of the momentum; none is kept where it is 0.</param>
    /// <param name="decay">How fast the decay of second moments goes to 1.</param>
    /// <param name="eps">Added to squares.</param>
    /// <param name="minimalScale">The least size that a parameter is taken to have.</param>
    /// <param name="clipping">The largest root mean square of an update.</param>
    /// <param name="weightDecay">Decoupled weight decay, multiplied by the learning rate.</param>
    /// <param name="relativeStep">Makes the rate at most 1/√step.</param>
    /// <param name="scaleParameter">Multiplies the rate by the root mean square of the parameter.</param>
    [OptimizerRule]
    [TorchOptimizer(Remarks = "TorchSharp has none; the arguments are those of the rule.")]
    public static void Adafactor(
        ref float p, float g, [RowState] ref float row, [ColumnState] ref float column,
        [State(Codec.MiniFloatUnsigned, Rounding = StateRounding.Stochastic)] ref float v, [State] ref float m,
        int step,
        [Range(0, float.MaxValue)] float lr = 1e-2f,
        [Range(0, 1, MaximumIsExclusive = true)] float beta1 = 0f,
        [Range(0, float.MaxValue)] float decay = 0.8f,
        [Range(0, float.MaxValue, MinimumIsExclusive = true)] float eps = 1e-30f,
        [Range(0, float.MaxValue)] float minimalScale = 1e-3f,
        [Range(0, float.MaxValue, MinimumIsExclusive = true)] float clipping = 1f,
        [Range(0, float.MaxValue)] float weightDecay = 0f,
        bool relativeStep = true,
        bool scaleParameter = true)
    {
        float beta2 = 1 - MathF.Pow(step, -decay);
        float square = g * g + eps;
        float update;
        if (Shape.IsMatrix)
        {
            row = beta2 * row + (1 - beta2) * Reduce.RowMean(square);
            column = beta2 * column + (1 - beta2) * Reduce.ColumnMean(square);
            float rowFactor = 1 / MathF.Sqrt(row / Reduce.Mean(row));
            float columnFactor = 1 / MathF.Sqrt(column);
            update = g * rowFactor * columnFactor;
        }
        else
        {
            v = beta2 * v + (1 - beta2) * square;
            update = g / MathF.Sqrt(v);
        }

        update /= MathF.Max(1, MathF.Sqrt(Reduce.Mean(update * update)) / clipping);
        if (beta1 > 0)
        {
            m = beta1 * m + (1 - beta1) * update;
            update = m;
        }

        float rate = relativeStep ? MathF.Min(lr, 1 / MathF.Sqrt(step)) : lr;
        float scale = scaleParameter ? MathF.Max(minimalScale, MathF.Sqrt(Reduce.Mean(p * p))) : 1f;
        p = p * (1 - lr * weightDecay) - rate * scale * update;
    }
}
