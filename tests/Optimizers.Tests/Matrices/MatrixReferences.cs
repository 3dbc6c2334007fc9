using static Requant.Optimizers.Tests.ElementUpdates;

namespace Requant.Optimizers.Tests.Matrices;

/// <summary>Float64 references of the shipped rules that see rows, columns or matrices, as their papers print them.
/// States of rows and columns follow those of elements.</summary>
internal static class MatrixReferences
{
    /// <summary>Jordan's Muon with its update scaled as in Liu et al. (arXiv 2502.16982) or as in his own code; AdamW
    /// (Loshchilov and Hutter, arXiv 1711.05101) for all that is no matrix.</summary>
    public static Reference Muon(Muon rule, Sides sides) => (p, g, s, _, t) =>
    {
        (double[] m, double[] v) = (s[0], s[1]);
        (double lr, double mu) = (rule.Lr, rule.Momentum);
        double[] update;
        double rate = lr;
        if (sides.IsMatrix && !rule.AdamW)
        {
            Decay(m, mu, g);
            double[] ahead = [.. g.Zip(m, (gradient, momentum) => Average(mu, momentum, gradient))];
            update = Orthogonalized(rule.Nesterov ? ahead : m, sides, rule.Steps);
            rate *= rule.MatchAdamW
                ? 0.2 * Math.Sqrt(Math.Max(sides.Rows, sides.Columns))
                : Math.Sqrt(Math.Max(1, (double)sides.Rows / sides.Columns));
        }
        else
        {
            Decay(m, rule.Beta1, g);
            Decay(v, rule.Beta2, Squares(g));
            update = [.. m.Zip(v, (first, second) =>
                Corrected(first, rule.Beta1, t) / (Math.Sqrt(Corrected(second, rule.Beta2, t)) + rule.Eps))];
        }

        for (int i = 0; i < p.Length; i++)
        {
            p[i] -= (lr * rule.WeightDecay * p[i]) + (rate * update[i]);
        }
    };

    /// <summary>Shazeer and Stern, arXiv 1804.04235, algorithms 4 and 5 with the decay of section 7.2, and a momentum
    /// of the clipped update.</summary>
    public static Reference Adafactor(Adafactor rule, Sides sides) => (p, g, s, _, t) =>
    {
        (double[] v, double[] m, double[] r, double[] c) = (s[0], s[1], s[2], s[3]);
        double beta2 = 1 - Math.Pow(t, -(double)rule.Decay);
        double[] update = Clipped(Scaled(g, v, r, c, beta2, rule.Eps, sides), rule.Clipping);
        double rho = rule.RelativeStep ? Math.Min(rule.Lr, 1 / Math.Sqrt(t)) : rule.Lr;
        double alpha = rule.ScaleParameter ? Math.Max(rule.MinimalScale, Rms(p)) * rho : rho;
        if (rule.Beta1 > 0)
        {
            Decay(m, rule.Beta1, update);
            update = m;
        }

        for (int i = 0; i < p.Length; i++)
        {
            p[i] -= ((double)rule.Lr * rule.WeightDecay * p[i]) + (alpha * update[i]);
        }
    };

    /// <summary>Luo et al., arXiv 2307.02047, algorithm 2; vectors as in the authors' code.</summary>
    public static Reference Came(Came rule, Sides sides) => (p, g, s, _, _) =>
    {
        (double[] v, double[] m, double lr) = (s[0], s[1], rule.Lr);
        double[] u = Clipped(Scaled(g, v, s[2], s[3], rule.Beta2, rule.Eps, sides), rule.Clipping);
        Decay(m, rule.Beta1, u);
        double[] step = m;
        if (sides.IsMatrix)
        {
            double[] instability = [.. u.Zip(m, (one, mean) => ((one - mean) * (one - mean)) + rule.Eps2)];
            Decay(s[4], rule.Beta3, sides.ByRow(instability, one => one.Average()));
            Decay(s[5], rule.Beta3, sides.ByColumn(instability, one => one.Average()));
            step = [.. m.Zip(Product(s[4], s[5], sides), (mean, square) => mean / Math.Sqrt(square))];
        }

        for (int i = 0; i < p.Length; i++)
        {
            p[i] -= (lr * rule.WeightDecay * p[i]) + (lr * step[i]);
        }
    };

    /// <summary>Anil et al., arXiv 1901.11150, algorithm SM3-II with the sets of rows and columns, and the momentum of
    /// its section 5.</summary>
    public static Reference Sm3(Sm3 rule, Sides sides) => (p, g, s, _, _) =>
    {
        (double[] m, double[] rows, double[] columns, double beta) = (s[0], s[1], s[2], rule.Beta);
        double[] nu = sides.Element((row, column) => Math.Min(rows[row], columns[column]));
        nu = [.. nu.Zip(g, (sum, gradient) => sum + (gradient * gradient))];
        sides.ByRow(nu, one => one.Max()).CopyTo(rows, 0);
        sides.ByColumn(nu, one => one.Max()).CopyTo(columns, 0);
        for (int i = 0; i < p.Length; i++)
        {
            double update = nu[i] == 0 ? 0 : g[i] / Math.Sqrt(nu[i]);
            m[i] = beta > 0 ? Average(beta, m[i], update) : 0;
            p[i] -= rule.Lr * (beta > 0 ? m[i] : update);
        }
    };

    /// <summary>g over the root of its second moment, which is one of rows and columns or of elements.</summary>
    private static double[] Scaled(
        double[] g, double[] v, double[] r, double[] c, double beta2, double eps, Sides sides)
    {
        double[] squares = [.. Squares(g).Select(square => square + eps)];
        if (sides.IsMatrix)
        {
            Decay(r, beta2, sides.ByRow(squares, one => one.Average()));
            Decay(c, beta2, sides.ByColumn(squares, one => one.Average()));
            return [.. g.Zip(Product(r, c, sides), (gradient, square) => gradient / Math.Sqrt(square))];
        }

        Decay(v, beta2, squares);
        return [.. g.Zip(v, (gradient, square) => gradient / Math.Sqrt(square))];
    }

    /// <summary>The matrix of rank one that has these means.</summary>
    private static double[] Product(double[] rows, double[] columns, Sides sides)
    {
        double mean = rows.Average();
        return sides.Element((row, column) => rows[row] * columns[column] / mean);
    }

    private static double[] Clipped(double[] u, double threshold)
    {
        double divisor = Math.Max(1, Rms(u) / threshold);
        return [.. u.Select(one => one / divisor)];
    }

    /// <summary>X = U / max(|U|, 1e-7), then X = a X + (b A + c A A) X with A = X Xᵀ, of the transpose where there
    /// are more rows than columns.</summary>
    private static double[] Orthogonalized(double[] update, Sides sides, int steps)
    {
        (double a, double b, double c) = (3.4445, -4.7750, 2.0315);
        bool isTall = sides.Rows > sides.Columns;
        double[,] x = new double[Math.Min(sides.Rows, sides.Columns), Math.Max(sides.Rows, sides.Columns)];
        double norm = Math.Max(Norm(update), 1e-7);
        for (int i = 0; i < update.Length; i++)
        {
            (int row, int column) = (i / sides.Columns, i % sides.Columns);
            (row, column) = isTall ? (column, row) : (row, column);
            x[row, column] = update[i] / norm;
        }

        for (int step = 0; step < steps; step++)
        {
            double[,] gram = Multiplied(x, x, isTransposed: true);
            double[,] factor = Sum(b, gram, c, Multiplied(gram, gram));
            x = Sum(a, x, 1, Multiplied(factor, x));
        }

        return sides.Element((row, column) => isTall ? x[column, row] : x[row, column]);
    }

    private static double[,] Multiplied(double[,] left, double[,] right, bool isTransposed = false)
    {
        (int rows, int columns) = (left.GetLength(0), right.GetLength(isTransposed ? 0 : 1));
        double[,] product = new double[rows, columns];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                for (int k = 0; k < left.GetLength(1); k++)
                {
                    product[row, column] += left[row, k] * (isTransposed ? right[column, k] : right[k, column]);
                }
            }
        }

        return product;
    }

    private static double[,] Sum(double first, double[,] left, double second, double[,] right)
    {
        double[,] sum = new double[left.GetLength(0), left.GetLength(1)];
        for (int row = 0; row < sum.GetLength(0); row++)
        {
            for (int column = 0; column < sum.GetLength(1); column++)
            {
                sum[row, column] = (first * left[row, column]) + (second * right[row, column]);
            }
        }

        return sum;
    }

    private static double[] Squares(double[] values) => [.. values.Select(value => value * value)];

    private static double Rms(double[] values) => Norm(values) / Math.Sqrt(values.Length);

    /// <summary>Averages of values, updated.</summary>
    private static void Decay(double[] averages, double beta, double[] values)
    {
        for (int i = 0; i < averages.Length; i++)
        {
            averages[i] = Average(beta, averages[i], values[i]);
        }
    }
}
