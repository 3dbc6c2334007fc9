namespace Requant.Optimizers.Tests.Language;

/// <summary>Rules for what the shipped ones do not use.</summary>
public static class LanguageRules
{
    /// <summary>NovoGrad (arXiv 1905.11286): one second moment per tensor.</summary>
    [OptimizerRule]
    public static void NovoGrad(
        ref float p, float g, [State] ref float m, [TensorState] ref float v, int step,
        float lr = 0.01f, float beta1 = 0.95f, float beta2 = 0.98f, float eps = 1e-8f, float weightDecay = 0f)
    {
        float norm = Reduce.Norm(g);
        v = step == 1 ? norm * norm : beta2 * v + (1 - beta2) * norm * norm;
        m = beta1 * m + (g / (MathF.Sqrt(v) + eps) + weightDecay * p);
        p -= lr * m;
    }

    /// <summary>Every reduction, and one of a value that depends on others.</summary>
    [OptimizerRule]
    public static void Reductions(
        ref float p, float g, [TensorState(2f)] ref float largest, [TensorState] ref float mean,
        [TensorState] ref float count,
        float lr = 1f)
    {
        mean = Reduce.Mean(g);
        largest = Reduce.Max(g);
        count += Reduce.Sum(1f);
        float spread = Reduce.Mean((g - mean) * (g - mean));
        p -= lr * (MathF.Sqrt(spread) + largest);
    }

    /// <summary>States and a reduction that hyperparameters and the step bring into use.</summary>
    [OptimizerRule]
    public static void Optional(
        ref float p, float g, [State] ref float first, [State(Codec.DynamicUnsigned)] ref float second,
        [State] ref float later, int step,
        float lr = 0.1f, bool useSecond = false, bool clip = false, int from = 0)
    {
        first = 0.9f * first + g;
        float update = first;
        if (useSecond)
        {
            second = 0.9f * second + g * g;
            update /= MathF.Sqrt(second) + 1e-3f;
        }

        if (from > 0)
        {
            if (step < from)
            {
                return;
            }

            later = 0.5f * later + update;
            update = later;
        }

        float norm = Reduce.Norm(update);
        p -= lr * (clip && norm > 1f ? update / norm : update);
    }

    /// <summary>A step size that is infinite in the first step where beta is 1.</summary>
    [OptimizerRule]
    public static void Corrected(
        ref float p, float g, [State] ref float m, int step, float lr = 0.1f, float beta = 0.9f)
    {
        m = beta * m + (1 - beta) * g;
        float stepSize = lr / (1 - MathF.Pow(beta, step));
        p -= stepSize * m;
    }

    /// <summary>A host value that is infinite where a kernel does without it.</summary>
    [OptimizerRule]
    public static void Clipped(ref float p, float g, float clip = 0f)
    {
        float inverse = 1 / clip;
        p -= clip > 0 ? MathF.Min(g * inverse, 1f) * clip : g;
    }

    /// <summary>A state that begins where hyperparameters bring it into use, whatever the step.</summary>
    [OptimizerRule]
    public static void LateStart(
        ref float p, float g, [State] ref float m, float lr = 1f, float beta = 0.5f, float dampening = 0.75f)
    {
        float direction = g;
        if (beta != 0)
        {
            float weight = State.IsFirst(m) ? 1f : 1 - dampening;
            m = beta * m + weight * g;
            direction = m;
        }

        p -= lr * direction;
    }
}
