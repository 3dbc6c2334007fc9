using Requant;

namespace Requant.Bench.Matrices;

/// <summary>One rule by rows and the same by columns.</summary>
internal static class LineRules
{
    [OptimizerRule]
    public static void ByRows(ref float p, float g, float lr = 0.01f) =>
        p -= lr * g / (MathF.Sqrt(Reduce.RowSum(g * g)) + 1e-8f);

    [OptimizerRule]
    public static void ByColumns(ref float p, float g, float lr = 0.01f) =>
        p -= lr * g / (MathF.Sqrt(Reduce.ColumnSum(g * g)) + 1e-8f);
}
