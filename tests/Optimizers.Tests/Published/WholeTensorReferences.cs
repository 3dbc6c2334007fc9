using static Requant.Optimizers.Tests.ElementUpdates;

namespace Requant.Optimizers.Tests.Published;

/// <summary>Float64 references of <see cref="WholeTensorRules"/>, and of NovoGrad.</summary>
internal static class WholeTensorReferences
{
    public static Reference NovoGrad(Language.NovoGrad rule) => (p, g, s, ts, t) =>
    {
        double square = g.Sum(value => value * value);
        ts[0] = t == 1 ? square : Average(rule.Beta2, ts[0], square);
        for (int i = 0; i < p.Length; i++)
        {
            s[0][i] = (rule.Beta1 * s[0][i]) + (g[i] / (Math.Sqrt(ts[0]) + rule.Eps)) + (rule.WeightDecay * p[i]);
            p[i] -= rule.Lr * s[0][i];
        }
    };

    public static Reference Prodigy(Prodigy rule) => (p, g, s, ts, t) =>
    {
        (double lr, double beta1, double beta2, double beta3) =
            (rule.Lr, rule.Beta1, rule.Beta2, Math.Sqrt(rule.Beta2));
        (double[] x0, double[] m, double[] v, double[] sum) = (s[0], s[1], s[2], s[3]);
        double d = t == 1 ? rule.D0 : ts[0];
        if (t == 1)
        {
            p.CopyTo(x0, 0);
        }

        double product = Enumerable.Range(0, p.Length).Sum(i => g[i] * (x0[i] - p[i]));
        ts[1] = Average(beta3, ts[1], lr * d * d * product);
        for (int i = 0; i < p.Length; i++)
        {
            m[i] = Average(beta1, m[i], d * g[i]);
            v[i] = Average(beta2, v[i], d * d * g[i] * g[i]);
            sum[i] = Average(beta3, sum[i], lr * d * d * g[i]);
            p[i] -= lr * d * m[i] / (Math.Sqrt(v[i]) + (d * rule.Eps));
        }

        ts[0] = Math.Max(d, ts[1] / sum.Sum(Math.Abs));
    };

    public static Reference LayerwiseDoG(LayerwiseDoG rule) => (p, g, s, ts, t) =>
    {
        double[] x0 = s[0];
        if (t == 1)
        {
            p.CopyTo(x0, 0);
            ts[0] = rule.InitialDistance * (1 + Norm(p));
        }

        ts[0] = Math.Max(ts[0], Norm([.. p.Zip(x0, (one, first) => one - first)]));
        ts[1] += g.Sum(value => value * value);
        for (int i = 0; i < p.Length; i++)
        {
            p[i] -= ts[0] * g[i] / Math.Sqrt(ts[1] + rule.Eps);
        }
    };

    public static Reference StableAdamW(StableAdamW rule) => (p, g, s, _, t) =>
    {
        (double lr, double beta1, double beta2, double eps) = (rule.Lr, rule.Beta1, rule.Beta2, rule.Eps);
        double meanSquare = 0;
        for (int i = 0; i < p.Length; i++)
        {
            // The weight of what is new: the paper's 1 - beta (1 - beta^(t - 1)) / (1 - beta^t).
            s[0][i] = Average(1 - ((1 - beta1) / (1 - Math.Pow(beta1, t))), s[0][i], g[i]);
            s[1][i] = Average(1 - ((1 - beta2) / (1 - Math.Pow(beta2, t))), s[1][i], g[i] * g[i]);
            meanSquare += g[i] * g[i] / Math.Max(s[1][i], eps * eps) / p.Length;
        }

        double rate = meanSquare > 1 ? lr / Math.Sqrt(meanSquare) : lr;
        for (int i = 0; i < p.Length; i++)
        {
            p[i] -= rate * ((rule.WeightDecay * p[i]) + (s[0][i] / (Math.Sqrt(s[1][i]) + eps)));
        }
    };

    public static Reference LambC(LambC rule) => (p, g, s, _, t) =>
    {
        double[] update = new double[p.Length];
        ElementUpdate adam = (one, gradient, moments, step) =>
            AdamUpdate(gradient, moments, step, rule.Beta1, rule.Beta2, rule.Eps) + (rule.WeightDecay * one);
        adam.WriteTo(update, p, g, s, t);
        double ratio = Norm(update) == 0 || Norm(p) == 0 ? 1 : Norm(p) / Norm(update);
        Add(p, -rule.Lr * Math.Max(Math.Min(ratio, rule.MaxTrustRatio), rule.MinTrustRatio), update);
    };

    public static Reference AdamP(AdamP rule) => (p, g, s, _, t) =>
    {
        (double beta1, double beta2) = (rule.Beta1, rule.Beta2);
        double[] update = new double[p.Length];
        for (int i = 0; i < p.Length; i++)
        {
            s[0][i] = Average(beta1, s[0][i], g[i]);
            s[1][i] = Average(beta2, s[1][i], g[i] * g[i]);
            update[i] = s[0][i] / (Math.Sqrt(s[1][i]) + rule.Eps);
        }

        if (Math.Abs(Product(p, g)) / (Norm(p) * Norm(g)) < rule.Delta / Math.Sqrt(p.Length))
        {
            double[] unit = [.. p.Select(value => value / Norm(p))];
            Add(update, -Product(unit, update), unit);
        }

        Add(p, -rule.Lr, update);
    };

    public static Reference CautiousAdamW(CautiousAdamW rule) => (p, g, s, _, t) =>
    {
        double[] update = new double[p.Length];
        ElementUpdate adam = (_, gradient, moments, step) =>
            AdamUpdate(gradient, moments, step, rule.Beta1, rule.Beta2, rule.Eps);
        adam.WriteTo(update, p, g, s, t);
        double agreeing = Enumerable.Range(0, p.Length).Count(i => Math.Sign(update[i]) * Math.Sign(g[i]) > 0);
        for (int i = 0; i < p.Length; i++)
        {
            p[i] *= 1 - ((double)rule.Lr * rule.WeightDecay);
            p[i] -= Math.Sign(update[i]) * Math.Sign(g[i]) > 0
                ? rule.Lr * update[i] / ((agreeing / p.Length) + rule.Eps)
                : 0;
        }
    };

    public static Reference MarsAdamW(MarsAdamW rule) => (p, g, s, _, t) =>
    {
        double weight = (double)rule.Gamma * rule.Beta1 / (1 - (double)rule.Beta1);
        double[] corrected = [.. g.Zip(s[2], (one, last) => t == 1 ? one : one + (weight * (one - last)))];
        double divisor = Math.Max(1, Norm(corrected));
        double[] update = new double[p.Length];
        ElementUpdate adam = (one, gradient, moments, step) =>
            AdamUpdate(gradient / divisor, moments, step, rule.Beta1, rule.Beta2, rule.Eps) + (rule.WeightDecay * one);
        adam.WriteTo(update, p, corrected, s, t);
        Add(p, -rule.Lr, update);
        g.CopyTo(s[2], 0);
    };

    public static Reference Fromage(Fromage rule) => (p, g, _, _, _) =>
    {
        double lr = rule.Lr;
        double ratio = Norm(p) * Norm(g) == 0 ? 1 : Norm(p) / Norm(g);
        for (int i = 0; i < p.Length; i++)
        {
            p[i] = (p[i] - (lr * ratio * g[i])) / Math.Sqrt(1 + (lr * lr));
        }
    };

    private static double AdamUpdate(double g, Span<double> s, int t, double beta1, double beta2, double eps)
    {
        s[0] = Average(beta1, s[0], g);
        s[1] = Average(beta2, s[1], g * g);
        return Corrected(s[0], beta1, t) / (Math.Sqrt(Corrected(s[1], beta2, t)) + eps);
    }

    private static double Product(double[] left, double[] right) => left.Zip(right, (one, other) => one * other).Sum();

    private static void Add(double[] sums, double factor, double[] terms)
    {
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] += factor * terms[i];
        }
    }
}
