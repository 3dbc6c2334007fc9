using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

/// <summary>What a constructor or a group is given, in the documented order, is what the rule computes with.</summary>
public sealed class OptionTests
{
    [Fact]
    public void Adam_Options_ReachTheRule() => Check(
        p => new Adam8bit([p], 0.5, 0.8, 0.95, 0.1, 0.2, true, true),
        p => new Adam8bit([new Adam8bit.ParamGroup([("w", p)], 0.5, 0.8, 0.95, 0.1, 0.2, true, true)]),
        new Optimizers.Adam
        {
            Lr = 0.5f, Beta1 = 0.8f, Beta2 = 0.95f, Eps = 0.1f, WeightDecay = 0.2f, Amsgrad = true,
        }, isMaximized: true);

    [Fact]
    public void AdamW_Options_ReachTheRule() => Check(
        p => new AdamW8bit([p], 0.5, 0.8, 0.95, 0.1, 0.2, true),
        p => new AdamW8bit([new AdamW8bit.ParamGroup([("w", p)], 0.5, 0.8, 0.95, 0.1, 0.2, true)]),
        new Optimizers.AdamW
        {
            Lr = 0.5f, Beta1 = 0.8f, Beta2 = 0.95f, Eps = 0.1f, WeightDecay = 0.2f, Amsgrad = true,
        });

    [Fact]
    public void Lamb_Options_ReachTheRule() => Check(
        p => new Lamb8bit([p], 0.5, 0.8, 0.95, 0.1, 0.2, true),
        p => new Lamb8bit([new Lamb8bit.ParamGroup([("w", p)], 0.5, 0.8, 0.95, 0.1, 0.2, true)]),
        new Optimizers.Lamb { Lr = 0.5f, Beta1 = 0.8f, Beta2 = 0.95f, Eps = 0.1f, WeightDecay = 0.2f },
        isMaximized: true);

    [Fact]
    public void Sgd_Options_ReachTheRule() => Check(
        p => new Sgd8bit([p], 0.5, 0.8, 0.3, 0.2),
        p => new Sgd8bit([new Sgd8bit.ParamGroup([("w", p)], 0.5, 0.8, 0.3, 0.2)], 1),
        new Optimizers.Momentum { Lr = 0.5f, Beta = 0.8f, Dampening = 0.3f, WeightDecay = 0.2f });

    [Fact]
    public void Sgd_Nesterov_ReachesTheRule() => Check(
        p => new Sgd8bit([p], 0.5, 0.8, 0, 0.2, true, true),
        p => new Sgd8bit([new Sgd8bit.ParamGroup([("w", p)], 0.5, 0.8, 0, 0.2, true, true)], 1),
        new Optimizers.Momentum { Lr = 0.5f, Beta = 0.8f, WeightDecay = 0.2f, Nesterov = true }, isMaximized: true);

    [Fact]
    public void SgdW_Options_ReachTheRule()
    {
        var rule = new Optimizers.SgdW { Lr = 0.5f, Momentum = 0.8f, WeightDecay = 0.2f };
        Check(
            p => new SgdW8bit([p], 0.5, 0.8, 0.3, 0.2),
            p => new SgdW8bit([new SgdW8bit.ParamGroup([("w", p)], 0.5, 0.8, 0.3, 0.2)], 1),
            rule with { Dampening = 0.3f });
        Check(
            p => new SgdW8bit([p], 0.5, 0.8, 0, 0.2, true, true),
            p => new SgdW8bit([new SgdW8bit.ParamGroup([("w", p)], 0.5, 0.8, 0, 0.2, true, true)], 1),
            rule with { Nesterov = true }, isMaximized: true);
    }

    [Fact]
    public void RMSProp_Options_ReachTheRule() => Check(
        p => new RMSProp8bit([p], 0.5, 0.8, 0.1, 0.2, 0.7, true, true),
        p => new RMSProp8bit([new RMSProp8bit.ParamGroup([("w", p)], 0.5, 0.1, 0.8, 0.2, 0.7, true, true)]),
        new Optimizers.RMSProp
        {
            Lr = 0.5f, Alpha = 0.8f, Eps = 0.1f, WeightDecay = 0.2f, Momentum = 0.7f, Centered = true,
        }, isMaximized: true);

    [Fact]
    public void Adagrad_Options_ReachTheRule() => Check(
        p => new Adagrad8bit([p], 0.5, 0.3, 0.2, 0.4, 0.1, true),
        p => new Adagrad8bit([new Adagrad8bit.ParamGroup([("w", p)], 0.5, 0.3, 0.2, 0.4, 0.1, true)]),
        new Optimizers.Adagrad { Lr = 0.5f, LrDecay = 0.3f, WeightDecay = 0.2f, InitialAccumulator = 0.4f, Eps = 0.1f },
        isMaximized: true);

    [Fact]
    public void Adadelta_Options_ReachTheRule() => Check(
        p => new Adadelta8bit([p], 0.5, 0.8, 0.1, 0.2, true),
        p => new Adadelta8bit([new Adadelta8bit.ParamGroup([("w", p)], 0.5, 0.8, 0.1, 0.2, true)]),
        new Optimizers.Adadelta { Lr = 0.5f, Rho = 0.8f, Eps = 0.1f, WeightDecay = 0.2f }, isMaximized: true);

    [Fact]
    public void Adamax_Options_ReachTheRule() => Check(
        p => new Adamax8bit([p], 0.5, 0.8, 0.95, 0.1, 0.2, true),
        p => new Adamax8bit([new Adamax8bit.ParamGroup([("w", p)], 0.5, 0.8, 0.95, 0.1, 0.2, true)]),
        new Optimizers.Adamax { Lr = 0.5f, Beta1 = 0.8f, Beta2 = 0.95f, Eps = 0.1f, WeightDecay = 0.2f },
        isMaximized: true);

    [Fact]
    public void NAdam_Options_ReachTheRule() => Check(
        p => new NAdam8bit([p], 0.5, 0.8, 0.95, 0.1, 0.2, 0.3, true, true),
        p => new NAdam8bit([new NAdam8bit.ParamGroup([("w", p)], 0.5, 0.8, 0.95, 0.1, 0.2, 0.3, true, true)]),
        new Optimizers.NAdam
        {
            Lr = 0.5f, Beta1 = 0.8f, Beta2 = 0.95f, Eps = 0.1f, WeightDecay = 0.2f, MomentumDecay = 0.3f,
            DecoupledWeightDecay = true,
        }, isMaximized: true);

    [Fact]
    public void AdEMAMix_Options_ReachTheRule() => Check(
        p => new AdEMAMix8bit([p], 0.5, 0.8, 0.95, 0.97, 3, 7, 9, 0.1, 0.2, true),
        p => new AdEMAMix8bit([new AdEMAMix8bit.ParamGroup([("w", p)], 0.5, 0.8, 0.95, 0.97, 3, 7, 9, 0.1, 0.2, true)]),
        new Optimizers.AdEMAMix
        {
            Lr = 0.5f, Beta1 = 0.8f, Beta2 = 0.95f, Beta3 = 0.97f, Alpha = 3f, TAlpha = 7, TBeta3 = 9, Eps = 0.1f,
            WeightDecay = 0.2f,
        }, isMaximized: true);

    [Fact]
    public void Lion_Options_ReachTheRule() => Check(
        p => new Lion8bit([p], 0.5, 0.8, 0.95, 0.2, true),
        p => new Lion8bit([new Lion8bit.ParamGroup([("w", p)], 0.5, 0.8, 0.95, 0.2, true)]),
        new Optimizers.Lion { Lr = 0.5f, Beta1 = 0.8f, Beta2 = 0.95f, WeightDecay = 0.2f }, isMaximized: true);

    [Fact]
    public void Signum_Options_ReachTheRule() => Check(
        p => new Signum8bit([p], 0.5, 0.8, 0.2, true),
        p => new Signum8bit([new Signum8bit.ParamGroup([("w", p)], 0.5, 0.8, 0.2, true)]),
        new Optimizers.Signum { Lr = 0.5f, Momentum = 0.8f, WeightDecay = 0.2f }, isMaximized: true);

    [Fact]
    public void Lars_Options_ReachTheRule() => Check(
        p => new Lars8bit([p], 0.5, 0.8, 0.2, 0.3, 0.1, true),
        p => new Lars8bit([new Lars8bit.ParamGroup([("w", p)], 0.5, 0.8, 0.2, 0.3, 0.1, true)]),
        new Optimizers.Lars { Lr = 0.5f, Momentum = 0.8f, WeightDecay = 0.2f, TrustCoefficient = 0.3f, Eps = 0.1f },
        isMaximized: true);

    [Fact]
    public void Constructors_OutOfRange_ThrowAndNameIt()
    {
        Parameter[] parameters = [Some.Parameter(1, 5)];
        AssertRefused("initial_accumulator_value", () => new Adagrad8bit(parameters, initial_accumulator_value: -1));
        AssertRefused("lr_decay", () => new Adagrad8bit.ParamGroup(parameters, lr_decay: -1));
        AssertRefused("rho", () => new Adadelta8bit(parameters, rho: 1));
        AssertRefused("beta2", () => new Adamax8bit(parameters, beta2: 1));
        AssertRefused("beta3", () => new AdEMAMix8bit(parameters, beta3: 1));
        AssertRefused("t_alpha", () => new AdEMAMix8bit(parameters, t_alpha: -1));
        AssertRefused("t_beta3", () => new AdEMAMix8bit.ParamGroup(parameters, t_beta3: -1));
        AssertRefused("beta1", () => new Lion8bit(parameters, beta1: -0.1));
        AssertRefused("momentum", () => new Signum8bit(parameters, momentum: 1));
        AssertRefused("momentum", () => new Lars8bit(parameters, momentum: double.NaN));
        AssertRefused("trust_coefficient", () => new Lars8bit.ParamGroup(parameters, trust_coefficient: -1));
        AssertRefused("weight_decay", () => new SgdW8bit(parameters, 0.1, weight_decay: double.PositiveInfinity));
        AssertRefused("lr", () => new SgdW8bit.ParamGroup(parameters, lr: -1));
        AssertRefused("momentum", () => new RMSProp8bit(parameters, momentum: -1));
        AssertRefused("dampening", () => new Sgd8bit(parameters, 0.1, dampening: double.NaN));
        AssertRefused("beta2", () => new Adam8bit.Options { beta2 = 1 });
        AssertRefused("t_alpha", () => new AdEMAMix8bit.Options { t_alpha = -1 });
        Assert.Throws<ArgumentException>(() => new SgdW8bit(parameters, 0.1, nesterov: true));
    }

    private static void AssertRefused(string argument, Func<object> make) =>
        Assert.Equal(argument, Assert.Throws<ArgumentOutOfRangeException>(make).ParamName);

    private static void Check<TRule>(
        Func<Parameter, TorchOptimizer<TRule>> byConstructor, Func<Parameter, TorchOptimizer<TRule>> byGroup,
        TRule rule,
        bool isMaximized = false) where TRule : IOptimizerRule<TRule>
    {
        foreach (Func<Parameter, TorchOptimizer<TRule>> make in new[] { byConstructor, byGroup })
        {
            Parameter parameter = Some.Parameter(1, Some.QuantizedLength);
            float[] expected = Some.Array(parameter);
            using TorchOptimizer<TRule> optimizer = make(parameter);
            using var reference = new Optimizer<TRule>(rule);
            ParameterState state = reference.Add(optimizer.States[0].State.Name, expected.Length);
            for (int step = 0; step < 3; step++)
            {
                Some.SetGradient(parameter, step);
                float[] gradient = Some.Array(isMaximized ? parameter.grad!.neg() : parameter.grad!);
                optimizer.step();
                reference.Step(state, expected, gradient);
            }

            Assert.Equal(expected, Some.Array(parameter));
        }
    }
}
