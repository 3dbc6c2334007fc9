namespace Requant.Generator.Tests.Harness.Replay;

/// <summary>Muon's polynomial in the order of docs/adr/0027: every product one chain of fused multiply-adds.</summary>
internal static class Polynomial
{
    private const float Linear = 3.4445f;
    private const float Cubic = -4.7750f;
    private const float Quintic = 2.0315f;

    /// <param name="values">float32[rows, columns].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="norm">Frobenius norm.</param>
    /// <param name="steps">How often it is applied.</param>
    public static float[] Apply(float[] values, int rows, int columns, float norm, int steps)
    {
        bool isTall = rows > columns;
        float divisor = MathF.Max(norm, 1e-7f);
        float[,] x = isTall ? new float[columns, rows] : new float[rows, columns];
        for (int i = 0; i < values.Length; i++)
        {
            At(x, i) = values[i] / divisor;
        }

        for (int step = 0; step < steps; step++)
        {
            float[,] gram = Products(x.GetLength(0), x.GetLength(0), x.GetLength(1), (i, j, k) => (x[i, k], x[j, k]));
            float[,] square = Products(
                gram.GetLength(0), gram.GetLength(0), gram.GetLength(0), (i, j, k) => (gram[i, k], gram[k, j]));
            float[,] factor = Combined(Quintic, square, gram, one => Cubic * one);
            float[,] old = x;
            float[,] product = Products(
                old.GetLength(0), old.GetLength(1), old.GetLength(0), (i, j, k) => (factor[i, k], old[k, j]));
            x = Combined(Linear, old, product, one => one);
        }

        return [.. values.Select((_, i) => At(x, i))];

        ref float At(float[,] matrix, int element) => ref isTall
            ? ref matrix[element % columns, element / columns]
            : ref matrix[element / columns, element % columns];
    }

    private static float[,] Products(
        int rows, int columns, int inner, Func<int, int, int, (float Left, float Right)> factors)
    {
        var sums = new float[rows, columns];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                float sum = 0f;
                for (int k = 0; k < inner; k++)
                {
                    (float left, float right) = factors(i, j, k);
                    sum = MathF.FusedMultiplyAdd(left, right, sum);
                }

                sums[i, j] = sum;
            }
        }

        return sums;
    }

    /// <summary>fma(factor, one, addend).</summary>
    private static float[,] Combined(float factor, float[,] one, float[,] other, Func<float, float> addend)
    {
        var sum = new float[one.GetLength(0), one.GetLength(1)];
        for (int i = 0; i < sum.GetLength(0); i++)
        {
            for (int j = 0; j < sum.GetLength(1); j++)
            {
                sum[i, j] = MathF.FusedMultiplyAdd(factor, one[i, j], addend(other[i, j]));
            }
        }

        return sum;
    }
}
