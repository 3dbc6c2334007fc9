using Requant;
using Requant.Testing;
using Xunit;

namespace Training.Tests;

public class TheRuleTests
{
    /// <summary>Scalar code, every vector width and ILGPU's CPU accelerator give the same bits.</summary>
    [Fact]
    public void Rule_EveryBackend_GivesTheSameBits() => RuleConformance.Check<TheRule>();

    [Fact]
    public void Rule_FiftySteps_HalveTheLoss()
    {
        using var optimizer = new Optimizer<TheRule>(new TheRule { Lr = 1e-3f });
        var problem = new Problem(points: 128, features: 4096, seed: 2);
        float[] weights = new float[problem.Features], gradient = new float[problem.Features];
        ParameterState state = optimizer.Add("weights", weights.Length);
        float before = problem.Loss(weights, gradient);

        for (int step = 0; step < 50; step++)
        {
            _ = problem.Loss(weights, gradient);
            optimizer.Step(state, weights, gradient);
        }

        Assert.True(problem.Loss(weights, gradient) < before / 2);
    }
}
