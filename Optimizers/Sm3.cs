using System.ComponentModel.DataAnnotations;

namespace Requant.Optimizers;

/// <summary>SM3: Adagrad whose sums are kept by rows and columns. Source: Anil et al., arXiv 1901.11150, algorithm
/// SM3-II, with momentum as in its experiments.</summary>
public static class Sm3Rule
{
    /// <summary>
    /// <code>
    /// v       = min(row, column) + g²
    /// row     = largest v of the row
    /// column  = largest v of the column
    /// m  = beta m + (1 - beta) g / √v     0 where v is 0
    /// p  = p - lr m
    /// </code>
    /// </summary>
    /// <remarks>A parameter is a matrix of its first dimension by all others together; of a vector, whose columns are
    /// its elements, this is Adagrad. No momentum is kept where beta is 0.</remarks>
    /// <example><code>using var sm3 = new Optimizer&lt;Sm3&gt;(new Sm3 { Lr = 0.1f });</code></example>
    /// <param name="p">Parameter element.</param>
    /// <param name="g">Its gradient.</param>
    /// <param name="row">Largest sum of squares of a row.</param>
    /// <param name="column">Largest sum of squares of a column.</param>
    /// <param name="m">Momentum.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="beta">Decay of the momentum; none is kept where it is 0.</param>
    [OptimizerRule]
    [TorchOptimizer(Remarks = "TorchSharp has none; the arguments are those of the rule.")]
    public static void Sm3(
        ref float p, float g, [RowState] ref float row, [ColumnState] ref float column, [State] ref float m,
        [Range(0, float.MaxValue)] float lr = 0.1f,
        [Range(0, 1, MaximumIsExclusive = true)] float beta = 0.9f)
    {
        float v = MathF.Min(row, column) + g * g;
        row = Reduce.RowMax(v);
        column = Reduce.ColumnMax(v);
        float update = v > 0 ? g / MathF.Sqrt(v) : 0f;
        if (beta > 0)
        {
            m = beta * m + (1 - beta) * update;
            update = m;
        }

        p -= lr * update;
    }
}
