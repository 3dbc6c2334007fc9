using Requant.Optimizers.Tests.Matrices;
using static Requant.Optimizers.Tests.ElementUpdates;

namespace Requant.Optimizers.Tests.Published;

/// <summary>Float64 references of <see cref="LineRules"/>.</summary>
internal static class LineReferences
{
    public static Reference AdamMini(AdamMini rule, Sides sides) => (p, g, s, _, t) =>
    {
        (double[] m, double[] v) = (s[0], s[1]);
        for (int row = 0; row < sides.Rows; row++)
        {
            v[row] = Average(rule.Beta2, v[row], sides.Row(g, row).Average(value => value * value));
        }

        for (int i = 0; i < p.Length; i++)
        {
            m[i] = Average(rule.Beta1, m[i], g[i]);
            double second = Corrected(v[i / sides.Columns], rule.Beta2, t);
            p[i] -= rule.Lr * (((double)rule.WeightDecay * p[i])
                + (Corrected(m[i], rule.Beta1, t) / (Math.Sqrt(second) + rule.Eps)));
        }
    };

    public static Reference RowLamb(RowLamb rule, Sides sides) => (p, g, s, _, t) =>
    {
        double[] update = new double[p.Length];
        for (int i = 0; i < p.Length; i++)
        {
            s[0][i] = Average(rule.Beta1, s[0][i], g[i]);
            s[1][i] = Average(rule.Beta2, s[1][i], g[i] * g[i]);
            update[i] = (Corrected(s[0][i], rule.Beta1, t) / (Math.Sqrt(Corrected(s[1][i], rule.Beta2, t)) + rule.Eps))
                + (rule.WeightDecay * p[i]);
        }

        double[] before = sides.ByRow(p, Norm);
        double[] norms = sides.ByRow(update, Norm);
        for (int i = 0; i < p.Length; i++)
        {
            int row = i / sides.Columns;
            p[i] -= rule.Lr * (before[row] > 0 && norms[row] > 0 ? before[row] / norms[row] : 1) * update[i];
        }
    };

    public static Reference RowAdagrad(RowAdagrad rule, Sides sides) => (p, g, s, _, _) =>
    {
        for (int i = 0; i < p.Length; i++)
        {
            int row = i / sides.Columns;
            s[0][row] += g[i] * g[i] / sides.Columns;
        }

        for (int i = 0; i < p.Length; i++)
        {
            p[i] -= rule.Lr * g[i] / (Math.Sqrt(s[0][i / sides.Columns]) + rule.Eps);
        }
    };
}
