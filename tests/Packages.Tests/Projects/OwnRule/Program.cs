using System;
using Company.Training;
using Requant;
using Requant.Optimizers;
using Requant.Testing;

Train(new OwnLion { Lr = 0.01f });
Train(new Everything { Lr = 0.01f });
Train(new Descent());
Train(new Adam { Lr = 0.01f });
Console.WriteLine(RuleConformance.Check<OwnLion>());

// The distance of 4096 weights from a target, before and after ten steps towards it.
static void Train<TRule>(TRule rule)
    where TRule : IOptimizerRule<TRule>
{
    using Optimizer<TRule> optimizer = new(rule);
    float[] weights = new float[4096], gradient = new float[weights.Length];
    ParameterState state = optimizer.Add("weights", weights.Length);
    float before = Distance(weights, gradient);
    for (int step = 0; step < 10; step++)
    {
        optimizer.Step(state, weights, gradient);
        _ = Distance(weights, gradient);
    }

    Console.WriteLine(FormattableString.Invariant(
        $"{TRule.Info.Name} {before} {Distance(weights, gradient)} {state.StateBytes}"));
}

static float Distance(float[] weights, float[] gradient)
{
    float sum = 0f;
    for (int i = 0; i < weights.Length; i++)
    {
        gradient[i] = weights[i] - 1f;
        sum += gradient[i] * gradient[i];
    }

    return sum;
}
