namespace Requant.Conformance;

/// <summary>Rules that reduce rows and columns in every way.</summary>
internal static class LineRules
{
    /// <summary>Every function, into every level, nested; row and column states with initial values; conditions of
    /// rows; doubles.</summary>
    [OptimizerRule]
    public static void EveryLine(
        ref float p, float g, [State] ref float m, [RowState(0.5f)] ref float r, [ColumnState(0.25f)] ref float c,
        [TensorState(1f)] ref float t, int step, double lr = 0.01, bool deep = true)
    {
        float rowNorm = Reduce.RowNorm(g);
        float columnNorm = Reduce.ColumnNorm(g);
        float largest = Reduce.Max(rowNorm) + Reduce.Max(columnNorm) + 1e-12f;
        r = 0.9f * r + 0.1f * Reduce.RowMean(g) / largest;
        c = MathF.Max(c, Reduce.ColumnMax(g) / largest);
        float scaled = g / (largest + rowNorm * columnNorm) + r * c;
        t = 0.5f * t + 0.5f * Reduce.Mean(r * r) + Reduce.Norm(c) / (Shape.Rows + Shape.Columns);
        if (deep)
        {
            float centered = scaled - Reduce.RowMean(scaled);
            float spread = Reduce.ColumnNorm(centered - Reduce.ColumnMean(centered));
            scaled = Reduce.RowMax(centered) > 0.001f ? centered / (1 + spread) : centered + Reduce.RowSum(0.001f * g);
        }

        m = 0.9f * m + scaled;
        double rate = lr * Math.Sqrt(1 - Math.Pow(0.999, step)) / (1.0 + t);
        p -= (float)rate * (m + Reduce.ColumnSum(0.001f * m) / Shape.Rows);
    }

    /// <summary>Two matrices, of which one is made of the other, and a row value between them.</summary>
    [OptimizerRule]
    public static void TwoMatrices(ref float p, float g, [State] ref float m, float lr = 0.01f, int steps = 2)
    {
        m = 0.9f * m + g;
        float first = Matrix.Orthogonalize(m, steps);
        float second = Matrix.Orthogonalize(first * Reduce.RowNorm(first) + 0.1f * g, 3);
        p -= lr * (first + second);
    }

    /// <summary>States that take each other's old values, of rows and of columns.</summary>
    [OptimizerRule]
    public static void HandedOn(
        ref float p, float g, [RowState(1f)] ref float first, [RowState] ref float second,
        [ColumnState] ref float last, [ColumnState(2f)] ref float beforeLast, float lr = 0.01f)
    {
        float old = first;
        first = second;
        second = old;
        float oldColumn = beforeLast;
        beforeLast = last;
        last = 0.5f * oldColumn + Reduce.ColumnMean(g);
        p -= lr * (g * old + beforeLast);
    }

    /// <summary>Rows alone, and vectors that are their own.</summary>
    [OptimizerRule]
    public static void RowsAlone(
        ref float p, float g, [State] ref float m, [RowState] ref float v, int step, float lr = 0.01f,
        float beta1 = 0.9f, float beta2 = 0.95f, float eps = 1e-6f)
    {
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * Reduce.RowMean(g * g);
        float corrected = v / (1 - MathF.Pow(beta2, step));
        p -= lr / (1 - MathF.Pow(beta1, step)) * m / (MathF.Sqrt(corrected) + eps);
    }

    /// <summary>A sum, a norm and a largest value of states that have no memory unless the steps adapt.</summary>
    [OptimizerRule]
    public static void AdaptsOrNot(
        ref float p, float g, [RowState(1f)] ref float r, [ColumnState(2f)] ref float c, float lr = 0.01f,
        bool adapts = true)
    {
        float scale = Reduce.Max(r) + Reduce.Sum(r) + Reduce.Norm(c) + 1e-12f;
        if (adapts)
        {
            r = 0.9f * r + Reduce.RowMean(g * g);
            c = 0.9f * c + Reduce.ColumnMean(g * g);
        }

        p -= lr * (adapts ? g / scale : g / (1 + Reduce.RowNorm(g)));
    }
}
