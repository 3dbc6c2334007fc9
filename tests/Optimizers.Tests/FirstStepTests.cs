namespace Requant.Optimizers.Tests;

/// <summary>First steps that can be checked by hand, with float32 states.</summary>
public class FirstStepTests
{
    /// <summary>A few roundings of numbers around 1.</summary>
    private const float Tolerance = 5e-7f;

    [Fact]
    public void Adam_Amsgrad_KeepsTheLargestSecondMoment()
    {
        var rule = new Adam { Lr = 0.1f, Beta1 = 0f, Beta2 = 0f, Eps = 0f };

        // √v is the gradient's magnitude: 2 and then 1.
        AssertSteps(rule with { Amsgrad = true }, [1f], [[2f], [1f]], [1f - 0.1f - (0.1f * 1 / 2)]);
        AssertSteps(rule, [1f], [[2f], [1f]], [1f - 0.1f - (0.1f * 1 / 1)]);
    }

    [Fact]
    public void AdamW_Amsgrad_KeepsTheLargestSecondMoment() => AssertSteps(
        new AdamW { Lr = 0.1f, Beta1 = 0f, Beta2 = 0f, Eps = 0f, WeightDecay = 0f, Amsgrad = true },
        [1f], [[2f], [1f]], [1f - 0.1f - (0.1f * 1 / 2)]);

    [Fact]
    public void Adagrad_FirstSteps_DivideByTheRootOfTheSum()
    {
        // √0.25, then √(0.25 + 0.75) with gradient √0.75 and the rate halved.
        AssertSteps(
            new Adagrad { Lr = 0.1f, LrDecay = 1f }, [1f], [[0.5f], [0.8660254f]], [1f - 0.1f - (0.05f * 0.8660254f)]);
        AssertSteps(new Adagrad { Lr = 0.1f, InitialAccumulator = 0.75f }, [1f], [[0.5f]], [1f - (0.1f * 0.5f)]);
        AssertSteps(
            new Adagrad { Lr = 0.1f, WeightDecay = 0.5f, Eps = 0.5f }, [1f], [[0f]],
            [1f - (0.1f * 0.5f / (0.5f + 0.5f))]);
    }

    [Fact]
    public void Lion_FirstSteps_MoveByTheSign()
    {
        AssertSteps(new Lion { Lr = 0.01f, WeightDecay = 0.5f }, [1f], [[-3f]], [1f - (0.01f * (-1f + 0.5f))]);

        // m = 0.01 * -3; the second update is 0.9 m + 0.1 * 0.2 < 0.
        AssertSteps(new Lion { Lr = 0.01f }, [1f, 1f], [[-3f, 0f], [0.2f, 0f]], [1.02f, 1f]);
    }

    [Fact]
    public void Signum_FirstSteps_MoveByTheSignOfTheMomentum()
    {
        AssertSteps(new Signum { Lr = 0.01f, WeightDecay = 0.5f }, [1f], [[-3f]], [1f - (0.01f * (-1f + 0.5f))]);

        // m = 0.1 * -3, then 0.9 * -0.3 + 0.1 * 1 < 0; without momentum the second sign is the gradient's.
        AssertSteps(new Signum { Lr = 0.01f }, [1f], [[-3f], [1f]], [1.02f]);
        AssertSteps(new Signum { Lr = 0.01f, Momentum = 0f }, [1f], [[-3f], [1f]], [1f]);
    }

    [Fact]
    public void SgdW_FirstStep_DecaysApartFromTheMomentum()
    {
        var rule = new SgdW { Lr = 0.1f, WeightDecay = 0.5f, Dampening = 0.5f };

        AssertSteps(rule, [1f], [[2f]], [0.95f - (0.1f * 2f)]);
        AssertSteps(rule with { Nesterov = true }, [1f], [[2f]], [0.95f - (0.1f * (2f + (0.9f * 2f)))]);
        AssertSteps(rule, [0f], [[2f], [0f]], [-0.2f + (0.05f * 0.2f) - (0.1f * 0.9f * 2f)]);
    }

    [Fact]
    public void Lars_FirstSteps_ScaleWithTheNorms()
    {
        var rule = new Lars { Lr = 1f, TrustCoefficient = 0.1f, Eps = 0f };

        // ‖p‖ = 5 and ‖g‖ = 0.5: the local rate is 0.1 * 5 / 0.5 = 1.
        AssertSteps(rule, [3f, 4f], [[0f, 0.5f]], [3f, 3.5f]);

        // 0.1 * 5 / (2.5 + 0.5 * 5) = 0.1, of g + p / 2.
        AssertSteps(rule with { WeightDecay = 0.5f }, [3f, 4f], [[2.5f, 0f]], [3f - (0.1f * 4f), 4f - (0.1f * 2f)]);
    }

    [Fact]
    public void Lars_NormOfZero_TakesTheGlobalRate()
    {
        AssertSteps(new Lars { Lr = 0.1f }, [0f, 0f], [[0.5f, 1f]], [-0.05f, -0.1f]);
        AssertSteps(new Lars { Lr = 0.1f, WeightDecay = 0.5f }, [1f, 2f], [[0f, 0f]], [0.95f, 1.9f]);
    }

    [Fact]
    public void Lamb_ZeroParameters_TrustRatioIsOne() =>
        AssertSteps(new Lamb { Lr = 0.01f, WeightDecay = 0f, Eps = 0f }, [0f, 0f], [[0.5f, 0.5f]], [-0.01f, -0.01f]);

    [Fact]
    public void AdEMAMix_FirstStep_AddsTheSlowMoment()
    {
        // m̂1 / √v̂ is 1 and m2 / √v̂ is 1 - beta3.
        var rule = new AdEMAMix { Lr = 0.1f, Beta3 = 0.9f, Eps = 0f, WeightDecay = 0f };

        AssertSteps(rule, [1f], [[0.5f]], [1f - (0.1f * (1f + (5f * 0.1f)))]);
        AssertSteps(rule with { TAlpha = 10 }, [1f], [[0.5f]], [1f - (0.1f * (1f + (0.5f * 0.1f)))]);
        AssertSteps(rule with { WeightDecay = 0.5f }, [1f], [[0.5f]], [1f - (0.1f * (1.5f + 0.5f))]);
    }

    [Fact]
    public void AdEMAMix_HalfwayOfWarmUp_HasTheMeanOfTheHalfLives() =>
        // Half-lives of 1 step (0.5) and 3 steps (0.5^(1/3)); the mean is 2 steps, √0.5.
        AssertSteps(
            new AdEMAMix { Lr = 0.1f, Beta1 = 0.5f, Beta3 = 0.7937005f, TBeta3 = 2, Eps = 0f, WeightDecay = 0f },
            [1f], [[0.5f]], [1f - (0.1f * (1f + (5f * (1f - 0.70710678f))))]);

    [Fact]
    public void NAdam_FirstSteps_LookAhead()
    {
        // Without momentum decay every mu is 0.45. Gradient 1: m = 0.1, v̂ = 1.
        var rule = new NAdam { Lr = 0.1f, Eps = 0f, MomentumDecay = 0f };
        float first = 0.1f * (1f + (0.45f * 0.1f / (1f - 0.2025f)));

        AssertSteps(rule, [1f], [[1f]], [1f - first]);
        AssertSteps(rule with { WeightDecay = 0.5f, DecoupledWeightDecay = true }, [1f], [[1f]], [0.95f - first]);

        // Then gradient 0: m = 0.09, v̂ = 0.000999 / 0.001999, and the product is 0.45 * 0.45.
        AssertSteps(rule, [1f], [[1f], [0f]], [1f - first - (0.1f * 0.45f * 0.09f / (1f - 0.091125f) / 0.70693f)]);
    }

    [Fact]
    public void Adamax_FirstSteps_DivideByTheLargestGradient()
    {
        AssertSteps(new Adamax { Lr = 0.1f }, [1f], [[-3f]], [1.1f]);

        // u = max(0.5 * 4, 1) = 2, m̂ = 1.
        AssertSteps(new Adamax { Lr = 0.1f, Beta1 = 0f, Beta2 = 0.5f }, [1f], [[4f], [1f]], [1f - 0.1f - (0.1f / 2f)]);
    }

    [Fact]
    public void Adadelta_FirstStep_IsTheRatioOfTheRoots() =>
        // v = 0.25 * 4 = 1, so that the update is √3 / √(1 + 3) * 2 = √3.
        AssertSteps(new Adadelta { Rho = 0.75f, Eps = 3f }, [1f], [[2f]], [1f - 1.7320508f]);

    [Fact]
    public void RMSProp_Centered_DividesByTheDeviation() =>
        // Mean of squares 0.25 * 4 = 1, mean 0.25 * 2 = 0.5: 2 / √(1 - 0.25).
        AssertSteps(
            new RMSProp { Lr = 0.1f, Alpha = 0.75f, Centered = true }, [1f], [[2f]], [1f - (0.1f * 2f / 0.8660254f)]);

    [Fact]
    public void RMSProp_Momentum_AddsUpUpdates() =>
        // With alpha 0, every update is the gradient's sign: 1, then 0.5 + 1.
        AssertSteps(new RMSProp { Lr = 0.1f, Alpha = 0f, Momentum = 0.5f }, [1f], [[2f], [3f]], [1f - 0.1f - 0.15f]);

    private static void AssertSteps<TRule>(TRule rule, float[] parameters, float[][] gradients, float[] expected)
        where TRule : IOptimizerRule<TRule>
    {
        using var optimizer = new Optimizer<TRule>(rule);
        ParameterState state = optimizer.Add("w", parameters.Length);
        foreach (float[] gradient in gradients)
        {
            optimizer.Step(state, parameters, gradient);
        }

        Assert.Equal(expected, parameters, (left, right) => MathF.Abs(left - right) <= Tolerance);
    }
}
