#pragma warning disable REQ2007 // States are looked at here.
namespace Requant.Optimizers.Tests.Language;

/// <summary>Small rules that show what rows, columns and shapes mean.</summary>
public static class LineRules
{
    /// <summary>Every reduction into rows and columns.</summary>
    [OptimizerRule]
    public static void OfElements(
        ref float p, float g, [RowState] ref float rowSum, [RowState] ref float rowMean, [RowState] ref float rowMax,
        [RowState] ref float rowNorm, [ColumnState] ref float columnSum, [ColumnState] ref float columnMean,
        [ColumnState] ref float columnMax, [ColumnState] ref float columnNorm, float lr = 1f)
    {
        rowSum = Reduce.RowSum(g);
        rowMean = Reduce.RowMean(g);
        rowMax = Reduce.RowMax(g);
        rowNorm = Reduce.RowNorm(g);
        columnSum = Reduce.ColumnSum(g);
        columnMean = Reduce.ColumnMean(g);
        columnMax = Reduce.ColumnMax(g);
        columnNorm = Reduce.ColumnNorm(g);
        p -= lr * g;
    }

    /// <summary>Every reduction of rows and columns to one value.</summary>
    [OptimizerRule]
    public static void OfLines(
        ref float p, float g, [TensorState] ref float rowSum, [TensorState] ref float rowMean,
        [TensorState] ref float rowMax, [TensorState] ref float rowNorm, [TensorState] ref float columnSum,
        [TensorState] ref float columnMean, [TensorState] ref float columnMax, [TensorState] ref float columnNorm,
        float lr = 1f)
    {
        float row = Reduce.RowSum(g);
        float column = Reduce.ColumnSum(g);
        rowSum = Reduce.Sum(row);
        rowMean = Reduce.Mean(row);
        rowMax = Reduce.Max(row);
        rowNorm = Reduce.Norm(row);
        columnSum = Reduce.Sum(column);
        columnMean = Reduce.Mean(column);
        columnMax = Reduce.Max(column);
        columnNorm = Reduce.Norm(column);
        p -= lr * g;
    }

    /// <summary>Reductions of values that are reductions themselves: of columns into rows, of rows into columns, of
    /// rows into rows, and of both to one.</summary>
    [OptimizerRule]
    public static void Nested(
        ref float p, float g, [RowState] ref float ofColumns, [ColumnState] ref float ofRows,
        [RowState] ref float ofItself, [TensorState] ref float ofBoth, float lr = 1f)
    {
        ofColumns = Reduce.RowSum(Reduce.ColumnMax(g));
        ofRows = Reduce.ColumnMean(Reduce.RowSum(g));
        ofItself = Reduce.RowSum(Reduce.RowMax(g));
        ofBoth = Reduce.Sum(Reduce.RowMax(g) * Reduce.ColumnMax(g));
        p -= lr * g;
    }

    /// <summary>States that begin elsewhere than at 0; the parameter sees the old ones.</summary>
    [OptimizerRule]
    public static void Beginning(
        ref float p, float g, [RowState(0.5f)] ref float row, [ColumnState(0.25f)] ref float column, float lr = 1f)
    {
        p -= lr * (row + column);
        row += Reduce.RowSum(g);
        column = MathF.Max(column, Reduce.ColumnMax(g));
    }

    /// <summary>States that take the old values of others, and two that take values of the whole tensor.</summary>
    [OptimizerRule]
    public static void Handed(
        ref float p, float g, [RowState(1f)] ref float last, [RowState(2f)] ref float beforeLast,
        [ColumnState(3f)] ref float one, [ColumnState(4f)] ref float other, [ColumnState(5f)] ref float taken,
        [ColumnState(6f)] ref float kept, [RowState] ref float mean, [RowState] ref float sum, float lr = 1f)
    {
        beforeLast = last;
        last = Reduce.RowSum(g);
        float old = one;
        one = other;
        other = old;
        taken = kept;
        mean = Reduce.Mean(g);
        sum = Reduce.Sum(g);
        p -= lr * g;
    }

    /// <summary>A state that is only read, by a reduction, where it is not written.</summary>
    [OptimizerRule]
    public static void Reduced(ref float p, float g, [RowState(0.5f)] ref float row, float lr = 1f, bool isKept = false)
    {
        p -= lr * Reduce.Mean(row) + 0 * g;
        if (!isKept)
        {
            row = Reduce.RowSum(g);
        }
    }

    /// <summary>States that nothing but an assignment of theirs uses.</summary>
    [OptimizerRule]
    public static void Swapped(
        ref float p, float g, [RowState(1f)] ref float one, [RowState(2f)] ref float other, float lr = 1f)
    {
        float old = one;
        one = other;
        other = old;
        p -= lr * g;
    }

    /// <summary>What a rule sees of a shape.</summary>
    [OptimizerRule]
    public static void Seen(
        ref float p, float g, [TensorState] ref float rows, [TensorState] ref float columns,
        [TensorState] ref float isMatrix, float lr = 1f)
    {
        rows = Shape.Rows;
        columns = Shape.Columns;
        isMatrix = Shape.IsMatrix ? 1f : 0f;
        p -= lr * g;
    }

    /// <summary>Numbers for the whole tensor that float32 would get wrong.</summary>
    [OptimizerRule]
    public static void Doubles(
        ref float p, float g, [TensorState] ref float rate, [TensorState] ref float difference,
        [TensorState] ref float quotients, [TensorState] ref float choice, int step, double lr = 0.1,
        double beta = 0.99999999, float scale = 0.1f)
    {
        rate = Rate(lr, beta, step);
        difference = Difference(lr);
        quotients = Quotients(scale, step);
        choice = Choice(lr, scale, step);
        p -= Rate(lr, beta, step) * g;
    }

    /// <summary>A bias correction whose beta is 1 in float32.</summary>
    public static float Rate(double lr, double beta, int step) =>
        (float)(lr * Math.Sqrt(1 - Math.Pow(beta, step)) / (1 - Math.Pow(0.9, step)));

    /// <summary>Terms of which float32 would drop the smaller ones.</summary>
    public static float Difference(double lr) => (float)(1e8 + lr - 1e8 + Math.Max(lr * 1e-60, 0) * 1e60);

    /// <summary>Quotients of integers, of floats and of doubles.</summary>
    public static float Quotients(float scale, int step) =>
        (float)((step / 2) + (step / 2.0) + (scale / 3f) + (double)scale / 3 + (double)(scale * scale));

    /// <summary>0.1f is above 0.1.</summary>
    public static float Choice(double lr, float scale, int step) =>
        lr < scale && !(lr >= scale) ? (float)(step * lr) : (float)lr == scale ? -1f : -2f;
}
