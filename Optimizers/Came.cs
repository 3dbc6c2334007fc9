using System.ComponentModel.DataAnnotations;

namespace Requant.Optimizers;

/// <summary>CAME: Adafactor with momentum, and with steps that are the smaller the less updates agree with it. Source:
/// Luo et al., arXiv 2307.02047, algorithm 2.</summary>
public static class CameRule
{
    /// <summary>
    /// <code>
    /// u  = g / √(row column / mean(row)), row and column means of g² + eps that decay with beta2
    /// u  = u / max(1, rms(u) / clipping)
    /// m  = beta1 m + (1 - beta1) u
    /// s  = (u - m)² + eps2, kept as means of rows and columns that decay with beta3
    /// p  = p - lr weightDecay p - lr m / √(rowS columnS / mean(rowS))
    /// vectors: v = beta2 v + (1 - beta2) (g² + eps), u = g / √v, and the step is lr m
    /// </code>
    /// </summary>
    /// <remarks>A parameter is a matrix of its first dimension by all others together. The momentum, in 8 bits, is the
    /// only state of a matrix's size.</remarks>
    /// <example><code>using var came = new Optimizer&lt;Came&gt;(new Came { Lr = 2e-4f });</code></example>
    /// <param name="p">Parameter element.</param>
    /// <param name="g">Its gradient.</param>
    /// <param name="row">Second moment of a row.</param>
    /// <param name="column">Second moment of a column.</param>
    /// <param name="rowS">Instability of a row.</param>
    /// <param name="columnS">Instability of a column.</param>
    /// <param name="v">Second moment of a vector's element.</param>
    /// <param name="m">Momentum.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="beta1">Decay of the momentum.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    /// <param name="beta3">Decay of the instability.</param>
    /// <param name="eps">Added to squares of gradients.</param>
    /// <param name="eps2">Added to squares of what the momentum lacks.</param>
    /// <param name="clipping">The largest root mean square of an update.</param>
    /// <param name="weightDecay">Decoupled weight decay, multiplied by the learning rate.</param>
    [OptimizerRule]
    [TorchOptimizer(Remarks = "TorchSharp has none; the arguments are those of the rule.")]
    public static void Came(
        ref float p, float g, [RowState] ref float row, [ColumnState] ref float column, [RowState] ref float rowS,
        [ColumnState] ref float columnS,
        [State(Codec.MiniFloatUnsigned, Rounding = StateRounding.Stochastic)] ref float v, [State] ref float m,
        [Range(0, float.MaxValue)] float lr = 2e-4f,
        [Range(0, 1, MaximumIsExclusive = true)] float beta1 = 0.9f,
        [Range(0, 1, MaximumIsExclusive = true)] float beta2 = 0.999f,
        [Range(0, 1, MaximumIsExclusive = true)] float beta3 = 0.9999f,
        [Range(0, float.MaxValue, MinimumIsExclusive = true)] float eps = 1e-30f,
        [Range(0, float.MaxValue, MinimumIsExclusive = true)] float eps2 = 1e-16f,
        [Range(0, float.MaxValue, MinimumIsExclusive = true)] float clipping = 1f,
        [Range(0, float.MaxValue)] float weightDecay = 0f)
    {
        float square = g * g + eps;
        float update;
        if (Shape.IsMatrix)
        {
            row = beta2 * row + (1 - beta2) * Reduce.RowMean(square);
            column = beta2 * column + (1 - beta2) * Reduce.ColumnMean(square);
            update = g * Factor(row / Reduce.Mean(row)) * Factor(column);
        }
        else
        {
            v = beta2 * v + (1 - beta2) * square;
            update = g / MathF.Sqrt(v);
        }

        update /= MathF.Max(1, MathF.Sqrt(Reduce.Mean(update * update)) / clipping);
        m = beta1 * m + (1 - beta1) * update;
        p *= 1 - lr * weightDecay;
        if (Shape.IsMatrix)
        {
            float distance = (update - m) * (update - m) + eps2;
            rowS = beta3 * rowS + (1 - beta3) * Reduce.RowMean(distance);
            columnS = beta3 * columnS + (1 - beta3) * Reduce.ColumnMean(distance);
            p -= lr * m * Factor(rowS / Reduce.Mean(rowS)) * Factor(columnS);
        }
        else
        {
            p -= lr * m;
        }
    }

    private static float Factor(float mean) => 1 / MathF.Sqrt(mean);
}
