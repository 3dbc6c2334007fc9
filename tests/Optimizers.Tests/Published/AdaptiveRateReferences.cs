using static Requant.Optimizers.Tests.ElementUpdates;

namespace Requant.Optimizers.Tests.Published;

/// <summary>Float64 references of <see cref="AdaptiveRateRules"/>.</summary>
internal static class AdaptiveRateReferences
{
    public static Reference AdaBelief(AdaBelief rule)
    {
        (double lr, double beta1, double beta2, double eps) = (rule.Lr, rule.Beta1, rule.Beta2, rule.Eps);
        return PerElement((p, g, s, t) =>
        {
            s[0] = Average(beta1, s[0], g);
            s[1] = Average(beta2, s[1], Math.Pow(g - s[0], 2)) + eps;
            return p - (lr * Corrected(s[0], beta1, t) / (Math.Sqrt(Corrected(s[1], beta2, t)) + eps));
        });
    }

    public static Reference RAdam(RAdam rule)
    {
        (double lr, double beta1, double beta2) = (rule.Lr, rule.Beta1, rule.Beta2);
        double longest = (2 / (1 - beta2)) - 1;
        return PerElement((p, g, s, t) =>
        {
            s[0] = Average(beta1, s[0], g);
            s[1] = Average(beta2, s[1], g * g);
            double length = longest - (2 * t / (Math.Pow(beta2, -t) - 1));
            if (length <= 4)
            {
                return p - (lr * Corrected(s[0], beta1, t));
            }

            double rectification = (length - 4) / (longest - 4) * (length - 2) / (longest - 2) * longest / length;
            double root = Math.Sqrt(s[1]) + rule.Eps;
            return p - (lr * Math.Sqrt(rectification * (1 - Math.Pow(beta2, t))) * Corrected(s[0], beta1, t) / root);
        });
    }

    public static Reference Yogi(Yogi rule)
    {
        (double lr, double beta1, double beta2) = (rule.Lr, rule.Beta1, rule.Beta2);
        return PerElement((p, g, s, _) =>
        {
            double square = g * g;
            s[0] = Average(beta1, s[0], g);
            s[1] += s[1] > square ? -(1 - beta2) * square : (1 - beta2) * square;
            return p - (lr * s[0] / (Math.Sqrt(s[1]) + rule.Eps));
        });
    }

    public static Reference AdaBound(AdaBound rule)
    {
        (double lr, double beta1, double beta2, double final) = (rule.Lr, rule.Beta1, rule.Beta2, rule.FinalLr);
        return PerElement((p, g, s, t) =>
        {
            s[0] = Average(beta1, s[0], g);
            s[1] = Average(beta2, s[1], g * g);
            double lower = final - (final / (((1 - beta2) * t) + 1));
            double upper = final + (final / ((1 - beta2) * t));
            double rate = s[1] == 0 ? upper : Math.Max(lower, Math.Min(upper, lr / Math.Sqrt(s[1])));
            return p - (rate * s[0] / Math.Sqrt(t));
        });
    }

    public static Reference AdaMod(AdaMod rule)
    {
        (double lr, double beta1, double beta2, double beta3) = (rule.Lr, rule.Beta1, rule.Beta2, rule.Beta3);
        return PerElement((p, g, s, t) =>
        {
            s[0] = Average(beta1, s[0], g);
            s[1] = Average(beta2, s[1], g * g);
            double rate = lr / (Math.Sqrt(Corrected(s[1], beta2, t)) + rule.Eps);
            s[2] = Average(beta3, s[2], rate);
            return p - ((rate < s[2] ? rate : s[2]) * Corrected(s[0], beta1, t));
        });
    }

    public static Reference Padam(Padam rule)
    {
        (double lr, double beta1, double beta2, double partial) = (rule.Lr, rule.Beta1, rule.Beta2, rule.Partial);
        return PerElement((p, g, s, _) =>
        {
            s[0] = Average(beta1, s[0], g);
            s[1] = Average(beta2, s[1], g * g);
            s[2] = s[1] > s[2] ? s[1] : s[2];
            return p - (lr * s[0] * Math.Exp(-2 * partial * Math.Log(Math.Sqrt(s[2]) + rule.Eps)));
        });
    }

    public static Reference QHAdam(QHAdam rule)
    {
        (double lr, double beta1, double beta2, double nu1, double nu2) =
            (rule.Lr, rule.Beta1, rule.Beta2, rule.Nu1, rule.Nu2);
        return PerElement((p, g, s, t) =>
        {
            s[0] = Average(beta1, s[0], g);
            s[1] = Average(beta2, s[1], g * g);
            double numerator = g + (nu1 * (Corrected(s[0], beta1, t) - g));
            double denominator = Math.Sqrt((g * g) + (nu2 * (Corrected(s[1], beta2, t) - (g * g)))) + rule.Eps;
            return p - (lr * numerator / denominator);
        });
    }

    public static Reference DiffGrad(DiffGrad rule)
    {
        (double lr, double beta1, double beta2) = (rule.Lr, rule.Beta1, rule.Beta2);
        return PerElement((p, g, s, t) =>
        {
            double friction = 1 / (1 + Math.Exp(-Math.Abs(g - s[2])));
            s[0] = Average(beta1, s[0], g);
            s[1] = Average(beta2, s[1], g * g);
            s[2] = g;
            return p - (lr * friction * Corrected(s[0], beta1, t) / (Math.Sqrt(Corrected(s[1], beta2, t)) + rule.Eps));
        });
    }

    public static Reference LaProp(LaProp rule)
    {
        (double lr, double mu, double nu) = (rule.Lr, rule.Mu, rule.Nu);
        return PerElement((p, g, s, t) =>
        {
            s[0] = Average(nu, s[0], g * g);
            s[1] = Average(mu, s[1], g / (Math.Sqrt(Corrected(s[0], nu, t)) + rule.Eps));
            return p - (lr * Corrected(s[1], mu, t));
        });
    }
}
