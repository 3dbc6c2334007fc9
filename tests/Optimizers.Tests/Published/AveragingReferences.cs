using static Requant.Optimizers.Tests.ElementUpdates;

namespace Requant.Optimizers.Tests.Published;

/// <summary>Float64 references of <see cref="AveragingRules"/>.</summary>
internal static class AveragingReferences
{
    public static Reference Adan(Adan rule)
    {
        (double lr, double beta1, double beta2, double beta3) = (rule.Lr, rule.Beta1, rule.Beta2, rule.Beta3);
        return PerElement((p, g, s, t) =>
        {
            double difference = t > 1 ? g - s[3] : 0;
            double square = Math.Pow(g + ((1 - beta2) * difference), 2);
            s[0] = t > 1 ? Average(1 - beta1, s[0], g) : g;
            s[1] = Average(1 - beta2, s[1], difference);
            s[2] = t > 1 ? Average(1 - beta3, s[2], square) : square;
            s[3] = g;
            double direction = (s[0] + ((1 - beta2) * s[1])) / (Math.Sqrt(s[2]) + rule.Eps);
            return (p - (lr * direction)) / (1 + (lr * rule.WeightDecay));
        });
    }

    public static Reference ScheduleFreeAdamW(ScheduleFreeAdamW rule)
    {
        (double lr, double beta1, double beta2) = (rule.Lr, rule.Beta1, rule.Beta2);
        double Rate(int t) => lr * Math.Sqrt(1 - Math.Pow(beta2, t)) * Math.Min(1, t / Math.Max(1.0, rule.Warmup));
        double SquaredRates(int t) => Enumerable.Range(1, t).Sum(step => Math.Pow(Rate(step), 2));
        Reference update = PerElement((y, g, s, t) =>
        {
            (double x, double z) = t == 1 ? (y, y) : (s[0], s[1]);
            s[2] = Average(beta2, s[2], g * g);
            z -= Rate(t) * ((g / (Math.Sqrt(s[2]) + rule.Eps)) + (rule.WeightDecay * y));
            x += Math.Pow(Rate(t), 2) / SquaredRates(t) * (z - x);
            (s[0], s[1]) = (x, z);
            return z + (beta1 * (x - z));
        });
        return (p, g, s, ts, t) =>
        {
            update(p, g, s, ts, t);
            ts[0] = SquaredRates(t);
        };
    }

    public static Reference Adopt(Adopt rule)
    {
        (double lr, double beta1, double beta2) = (rule.Lr, rule.Beta1, rule.Beta2);
        return PerElement((p, g, s, t) =>
        {
            double old = s[1];
            s[1] = t == 1 ? g * g : Average(beta2, old, g * g);
            if (t == 1)
            {
                return p;
            }

            double bound = Math.Sqrt(Math.Sqrt(t - 1));
            double normalized = g / Math.Max(Math.Sqrt(old), rule.Eps);
            s[0] = Average(beta1, s[0], Math.Abs(normalized) > bound ? Math.Sign(g) * bound : normalized);
            return p - (lr * s[0]);
        });
    }

    public static Reference GrokfastAdamW(GrokfastAdamW rule)
    {
        (double lr, double beta1, double beta2) = (rule.Lr, rule.Beta1, rule.Beta2);
        return PerElement((p, g, s, t) =>
        {
            s[0] = Average(rule.Alpha, s[0], g);
            double amplified = g + (rule.Lambda * s[0]);
            s[1] = Average(beta1, s[1], amplified);
            s[2] = Average(beta2, s[2], amplified * amplified);
            double update = Corrected(s[1], beta1, t) / (Math.Sqrt(Corrected(s[2], beta2, t)) + rule.Eps);
            return p - (lr * (update + (rule.WeightDecay * p)));
        });
    }

    public static Reference Madgrad(Madgrad rule) => PerElement((p, g, s, t) =>
    {
        double weight = rule.Lr * Math.Sqrt(t);
        s[0] = t == 1 ? p : s[0];
        s[1] += weight * g;
        s[2] += weight * g * g;
        double z = s[0] - (s[1] / (Math.Pow(s[2], 1 / 3.0) + rule.Eps));
        return Average(1 - (double)rule.C, p, z);
    });

    public static Reference AggMo(AggMo rule)
    {
        double[] betas = [rule.Beta1, rule.Beta2, rule.Beta3];
        return PerElement((p, g, s, _) =>
        {
            double sum = 0;
            for (int i = 0; i < betas.Length; i++)
            {
                s[i] = (betas[i] * s[i]) - g;
                sum += s[i];
            }

            return p + (rule.Lr * sum / betas.Length);
        });
    }
}
