using static Requant.Optimizers.Tests.ElementUpdates;

namespace Requant.Optimizers.Tests;

/// <summary>One step over a whole tensor in float64, in the form that the paper or PyTorch's
/// documentation prints.</summary>
/// <param name="p">Parameters, updated.</param>
/// <param name="g">Gradients.</param>
/// <param name="s">States in the rule's order, updated.</param>
/// <param name="ts">Tensor states in the rule's order, updated.</param>
/// <param name="t">1 on the first step.</param>
internal delegate void Reference(double[] p, double[] g, double[][] s, double[] ts, int t);

/// <summary>Float64 references of the shipped rules. They share the float32 hyperparameters and nothing
/// else with them.</summary>
internal static class References
{
    public static Reference Adam(Adam rule)
    {
        (double lr, double weightDecay) = (rule.Lr, rule.WeightDecay);
        return PerElement((p, g, s, t) =>
            p - (lr * AdamUpdate(g + (weightDecay * p), s, t, rule.Beta1, rule.Beta2, rule.Eps, rule.Amsgrad)));
    }

    public static Reference AdamW(AdamW rule)
    {
        (double lr, double weightDecay) = (rule.Lr, rule.WeightDecay);
        return PerElement((p, g, s, t) =>
            p - (lr * weightDecay * p) - (lr * AdamUpdate(g, s, t, rule.Beta1, rule.Beta2, rule.Eps, rule.Amsgrad)));
    }

    public static Reference Lamb(Lamb rule) => (p, g, s, _, t) =>
    {
        double[] update = new double[p.Length];
        ElementUpdate adam = (element, gradient, states, step) =>
            AdamUpdate(gradient, states, step, rule.Beta1, rule.Beta2, rule.Eps, amsgrad: false)
            + (rule.WeightDecay * element);
        adam.WriteTo(update, p, g, s, t);
        double trustRatio = Norm(p) > 0 && Norm(update) > 0 ? Norm(p) / Norm(update) : 1;
        for (int i = 0; i < p.Length; i++)
        {
            p[i] -= rule.Lr * trustRatio * update[i];
        }
    };

    public static Reference AdEMAMix(AdEMAMix rule)
    {
        (double lr, double beta1, double beta2, double beta3, double alpha) =
            (rule.Lr, rule.Beta1, rule.Beta2, rule.Beta3, rule.Alpha);
        return PerElement((p, g, s, t) =>
        {
            double alphaNow = rule.TAlpha == 0 ? alpha : Math.Min(t * alpha / rule.TAlpha, alpha);
            double progress = (double)t / Math.Max(rule.TBeta3, 1);
            double beta3Now = rule.TBeta3 == 0 ? beta3 : Math.Min(beta3, Math.Exp(Math.Log(beta1) * Math.Log(beta3)
                / (((1 - progress) * Math.Log(beta3)) + (progress * Math.Log(beta1)))));
            s[0] = (beta1 * s[0]) + ((1 - beta1) * g);
            s[1] = (beta3Now * s[1]) + ((1 - beta3Now) * g);
            s[2] = (beta2 * s[2]) + ((1 - beta2) * g * g);
            double fast = s[0] / (1 - Math.Pow(beta1, t));
            double update = (fast + (alphaNow * s[1])) / (Math.Sqrt(s[2] / (1 - Math.Pow(beta2, t))) + rule.Eps);
            return p - (lr * (update + (rule.WeightDecay * p)));
        });
    }

    public static Reference Adamax(Adamax rule)
    {
        (double lr, double beta1, double beta2, double weightDecay) =
            (rule.Lr, rule.Beta1, rule.Beta2, rule.WeightDecay);
        return PerElement((p, g, s, t) =>
        {
            g += weightDecay * p;
            s[0] = (beta1 * s[0]) + ((1 - beta1) * g);
            s[1] = Math.Max(beta2 * s[1], Math.Abs(g) + rule.Eps);
            return p - (lr / (1 - Math.Pow(beta1, t)) * s[0] / s[1]);
        });
    }

    public static Reference NAdam(NAdam rule)
    {
        (double lr, double beta1, double beta2, double weightDecay) =
            (rule.Lr, rule.Beta1, rule.Beta2, rule.WeightDecay);
        double Mu(int step) => beta1 * (1 - (0.5 * Math.Pow(0.96, step * (double)rule.MomentumDecay)));
        double Product(int count) => Enumerable.Range(1, count).Aggregate(1.0, (all, step) => all * Mu(step));
        Reference update = PerElement((p, g, s, t) =>
        {
            double product = Product(t);
            g += rule.DecoupledWeightDecay ? 0 : weightDecay * p;
            p -= rule.DecoupledWeightDecay ? lr * weightDecay * p : 0;
            s[0] = (beta1 * s[0]) + ((1 - beta1) * g);
            s[1] = (beta2 * s[1]) + ((1 - beta2) * g * g);
            double denominator = Math.Sqrt(s[1] / (1 - Math.Pow(beta2, t))) + rule.Eps;
            return p - (lr * (1 - Mu(t)) / (1 - product) * g / denominator)
                - (lr * Mu(t + 1) / (1 - (product * Mu(t + 1))) * s[0] / denominator);
        });
        return (p, g, s, ts, t) =>
        {
            update(p, g, s, ts, t);
            ts[0] = Product(t);
        };
    }

    public static Reference Adagrad(Adagrad rule)
    {
        (double lr, double lrDecay, double weightDecay, double initial) =
            (rule.Lr, rule.LrDecay, rule.WeightDecay, rule.InitialAccumulator);
        return PerElement((p, g, s, t) =>
        {
            g += weightDecay * p;
            double sum = initial + s[0] + (g * g);
            s[0] = sum - initial;
            return p - (lr / (1 + ((t - 1) * lrDecay)) * g / (Math.Sqrt(sum) + rule.Eps));
        });
    }

    public static Reference Adadelta(Adadelta rule)
    {
        (double lr, double rho, double eps, double weightDecay) = (rule.Lr, rule.Rho, rule.Eps, rule.WeightDecay);
        return PerElement((p, g, s, _) =>
        {
            g += weightDecay * p;
            s[0] = (rho * s[0]) + ((1 - rho) * g * g);
            double delta = Math.Sqrt((s[1] + eps) / (s[0] + eps)) * g;
            s[1] = (rho * s[1]) + ((1 - rho) * delta * delta);
            return p - (lr * delta);
        });
    }

    /// <summary>PyTorch's form: the mean of squares, from which the squared mean is subtracted
    /// where it is used.</summary>
    public static Reference RMSProp(RMSProp rule)
    {
        (double lr, double alpha, double weightDecay, double momentum) =
            (rule.Lr, rule.Alpha, rule.WeightDecay, rule.Momentum);
        return PerElement((p, g, s, _) =>
        {
            g += weightDecay * p;
            double squareAvg = (alpha * (s[0] + (s[1] * s[1]))) + ((1 - alpha) * g * g);
            s[1] = rule.Centered ? (alpha * s[1]) + ((1 - alpha) * g) : 0;
            s[0] = squareAvg - (s[1] * s[1]);
            double update = g / (Math.Sqrt(s[0]) + rule.Eps);
            s[2] = momentum > 0 ? (momentum * s[2]) + update : 0;
            return p - (lr * (momentum > 0 ? s[2] : update));
        });
    }

    public static Reference Momentum(Momentum rule)
    {
        (double lr, double weightDecay) = (rule.Lr, rule.WeightDecay);
        return PerElement((p, g, s, t) =>
            p - (lr * Direction(g + (weightDecay * p), s, t, rule.Beta, rule.Dampening, rule.Nesterov)));
    }

    public static Reference SgdW(SgdW rule)
    {
        (double lr, double weightDecay) = (rule.Lr, rule.WeightDecay);
        return PerElement((p, g, s, t) =>
            p - (lr * weightDecay * p) - (lr * Direction(g, s, t, rule.Momentum, rule.Dampening, rule.Nesterov)));
    }

    public static Reference Lion(Lion rule)
    {
        (double lr, double beta1, double beta2) = (rule.Lr, rule.Beta1, rule.Beta2);
        return PerElement((p, g, s, _) =>
        {
            double update = (beta1 * s[0]) + ((1 - beta1) * g);
            s[0] = (beta2 * s[0]) + ((1 - beta2) * g);
            return p - (lr * (Math.Sign(update) + (rule.WeightDecay * p)));
        });
    }

    public static Reference Signum(Signum rule)
    {
        (double lr, double momentum) = (rule.Lr, rule.Momentum);
        return PerElement((p, g, s, _) =>
        {
            s[0] = momentum > 0 ? (momentum * s[0]) + ((1 - momentum) * g) : 0;
            return p - (lr * (Math.Sign(momentum > 0 ? s[0] : g) + (rule.WeightDecay * p)));
        });
    }

    public static Reference Lars(Lars rule) => (p, g, s, _, t) =>
    {
        (double lr, double momentum, double weightDecay) = (rule.Lr, rule.Momentum, rule.WeightDecay);
        double denominator = Norm(g) + (weightDecay * Norm(p)) + rule.Eps;
        double localRate = Norm(p) > 0 && Norm(g) > 0 ? rule.TrustCoefficient * Norm(p) / denominator : 1;
        for (int i = 0; i < p.Length; i++)
        {
            double velocity = (momentum * s[0][i]) + (lr * localRate * (g[i] + (weightDecay * p[i])));
            s[0][i] = momentum > 0 ? velocity : 0;
            p[i] -= velocity;
        }
    };

    private static double AdamUpdate(
        double g, Span<double> s, int t, double beta1, double beta2, double eps, bool amsgrad)
    {
        s[0] = (beta1 * s[0]) + ((1 - beta1) * g);
        s[1] = (beta2 * s[1]) + ((1 - beta2) * g * g);
        double second = s[1];
        if (amsgrad)
        {
            second = s[2] = Math.Max(s[2], s[1]);
        }

        return s[0] / (1 - Math.Pow(beta1, t)) / (Math.Sqrt(second / (1 - Math.Pow(beta2, t))) + eps);
    }

    private static double Direction(double g, Span<double> s, int t, double momentum, double dampening, bool nesterov)
    {
        if (momentum == 0)
        {
            return g;
        }

        s[0] = t == 1 ? g : (momentum * s[0]) + ((1 - dampening) * g);
        return nesterov ? g + (momentum * s[0]) : s[0];
    }
}
