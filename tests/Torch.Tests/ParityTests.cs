using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

/// <summary>Ours against float32 optimizers that start every step from our states, so that errors cannot hide in
/// drift.</summary>
public sealed class ParityTests
{
    /// <summary>The order of float32 operations differs from torch's; a handful of roundings of 6e-8 add up in an
    /// update.</summary>
    private const double RelativeUpdateTolerance = 5e-6;

    /// <summary>The parameter is rounded when the update is subtracted, and decayed before: two units in the last
    /// place.</summary>
    private const double RelativeParameterTolerance = 2.4e-7;

    /// <summary>Where the terms of a moment cancel, what is left has their rounding: two units in the last place of
    /// terms as large as the learning rate or the tensor's largest update.</summary>
    private const double CancellationTolerance = 1.2e-7;

    /// <summary>New states differ from torch's by roundings, relative to their block's absmax.</summary>
    private const double RelativeStateTolerance = 2e-6;

    private const int Steps = 5;

    // Rules hold hyperparameters in float32. Torch, which takes doubles, gets the same numbers: 1 - 0.999f and 1 -
    // 0.999 differ
    // by 1e-5 of their value.
    private const double Lr = 1e-2f;
    private const double Decay = 0.1f;
    private const double Beta1 = 0.9f;
    private const double Beta2 = 0.999f;
    private const double Alpha = 0.99f;
    private const double Momentum = 0.9f;
    private const double Dampening = 0.3f;
    private const double MomentumDecay = 4e-3f;
    private const double Rho = 0.9f;
    private const double Eps = 1e-10f;
    private const double DeltaEps = 1e-6f;

    private static readonly int[] Lengths = [1, 255, 256, 257, 4096, Requant.Tests.LongRun.Of(20_011, 100_003)];

    private static readonly TorchOptions QuantizeAll = new() { MinQuantizedLength = 0 };

    public static TheoryData<string, int> Cases
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (string name in Makers.Keys)
            {
                Array.ForEach(Lengths, length => data.Add(name, length));
            }

            return data;
        }
    }

    private static Dictionary<string,
        (Func<Parameter, OptimizerHelper> Ours, Func<Parameter, IReference> Reference)> Makers { get; } = new()
    {
        ["Adam"] = (p => new Adam8bit([p], Lr, options: QuantizeAll),
            p => Reference(p, optim.Adam([p], Lr, Beta1, Beta2))),
        ["Adam, L2, maximize"] = (p => new Adam8bit([p], Lr, weight_decay: Decay, maximize: true, options: QuantizeAll),
            p => Reference(p, optim.Adam([p], Lr, Beta1, Beta2, weight_decay: Decay, maximize: true))),
        ["AdamW"] = (p => new AdamW8bit([p], Lr, weight_decay: Decay, options: QuantizeAll),
            p => Reference(p, optim.AdamW([p], Lr, Beta1, Beta2, weight_decay: Decay))),
        ["SGD"] = (p => new Sgd8bit([p], Lr, options: QuantizeAll), p => Reference(p, optim.SGD([p], Lr))),
        ["SGD, momentum, dampening, L2"] = (
            p => new Sgd8bit([p], Lr, Momentum, dampening: Dampening, weight_decay: Decay, options: QuantizeAll),
            p => Reference(p, optim.SGD([p], Lr, Momentum, dampening: Dampening, weight_decay: Decay))),
        ["SGD, Nesterov, L2"] = (p => new Sgd8bit([p], Lr, Momentum, weight_decay: Decay, nesterov: true,
            options: QuantizeAll),
            p => Reference(p, optim.SGD([p], Lr, Momentum, weight_decay: Decay, nesterov: true))),
        ["RMSProp, L2"] = (p => new RMSProp8bit([p], Lr, weight_decay: Decay, options: QuantizeAll),
            p => Reference(p, optim.RMSProp([p], Lr, Alpha, weight_decay: Decay))),
        ["Adam, AMSGrad"] = (p => new Adam8bit([p], Lr, amsgrad: true, options: QuantizeAll),
            p => Reference(p, optim.Adam([p], Lr, Beta1, Beta2, amsgrad: true))),
        ["AdamW, AMSGrad"] = (p => new AdamW8bit([p], Lr, weight_decay: Decay, amsgrad: true, options: QuantizeAll),
            p => Reference(p, optim.AdamW([p], Lr, Beta1, Beta2, weight_decay: Decay, amsgrad: true))),
        ["RMSProp, momentum"] = (p => new RMSProp8bit([p], Lr, momentum: Momentum, options: QuantizeAll),
            p => Reference(p, optim.RMSProp([p], Lr, Alpha, momentum: Momentum))),
        ["RMSProp, centered"] = (p => new RMSProp8bit([p], Lr, centered: true, options: QuantizeAll),
            p => Reference(p, optim.RMSProp([p], Lr, Alpha, centered: true))),
        ["RMSProp, centered, momentum, L2"] = (
            p =>
                new RMSProp8bit([p], Lr, weight_decay: Decay, momentum: Momentum, centered: true, options: QuantizeAll),
            p => Reference(p, optim.RMSProp([p], Lr, Alpha, weight_decay: Decay, momentum: Momentum, centered: true))),
        ["Adagrad, L2"] = (
            p => new Adagrad8bit([p], Lr, lr_decay: Decay, weight_decay: Decay, eps: Eps, options: QuantizeAll),
            p => Reference(p, optim.Adagrad([p], Lr, Decay, Decay, eps: Eps))),
        ["Adagrad, initial accumulator"] = (
            p => new Adagrad8bit([p], Lr, initial_accumulator_value: Decay, options: QuantizeAll),
            p => new TorchReference(p, optim.Adagrad([p], Lr, initial_accumulator_value: Decay),
                (state, steps, values) =>
                    (((Adagrad.State)state).step, ((Adagrad.State)state).sum) = (steps, values("sum") + Decay),
                (state, _) => ((Adagrad.State)state).sum - Decay)),
        ["Adadelta, L2"] = (p => new Adadelta8bit([p], Lr, weight_decay: Decay, options: QuantizeAll),
            p => Reference(p, optim.Adadelta([p], Lr, Rho, DeltaEps, Decay))),
        ["Adamax, L2"] = (p => new Adamax8bit([p], Lr, weight_decay: Decay, options: QuantizeAll),
            p => Reference(p, optim.Adamax([p], Lr, Beta1, Beta2, weight_decay: Decay))),
        ["NAdam, L2"] = (p => new NAdam8bit([p], Lr, weight_decay: Decay, options: QuantizeAll),
            p => Reference(p, optim.NAdam([p], Lr, Beta1, Beta2, weight_decay: Decay, momentum_decay: MomentumDecay))),
        ["LAMB"] = (p => new Lamb8bit([p], Lr, weight_decay: Decay, options: QuantizeAll),
            p => new LambReference(p, Lr, Decay)),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_FromSameStates_MatchesFloat32Reference(string name, int length)
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter parameter = Some.Parameter(1, length);
        using OptimizerHelper ours = Makers[name].Ours(parameter);
        using IReference reference = Makers[name].Reference(new Parameter(parameter.detach().clone()));
        ParameterState states = Some.States(ours)[0].State;
        Assert.True(states.IsQuantized);

        for (int step = 0; step < Steps; step++)
        {
            using (no_grad())
            {
                reference.Parameter.copy_(parameter);
            }

            float[] before = Some.Array(parameter);
            reference.SetStates(step, name => states.States.FirstOrDefault(state => state.Name == name) is { } state
                ? tensor(Values(state)) : zeros(length));
            Some.SetGradient(parameter, 100 + step);
            Some.SetGradient(reference.Parameter, 100 + step);

            ours.step();
            reference.Step();

            AssertParametersAgree(before, Some.Array(reference.Parameter), Some.Array(parameter));
            // Without momentum there is nothing to keep.
            foreach (QuantizedState state in name == "SGD" ? [] : states.States.ToArray())
            {
                AssertStateAgrees(Some.Array(reference.State(state.Name)), state);
            }
        }
    }

    private static TorchReference Reference(Parameter parameter, OptimizerHelper optimizer) =>
        new(parameter, optimizer, Set, Get);

    private static void Set(OptimizerState state, int steps, Func<string, Tensor> values)
    {
        switch (state)
        {
            case Adam.State adam:
                (adam.step, adam.exp_avg, adam.exp_avg_sq) = (steps, values("m"), values("v"));
                adam.max_exp_avg_sq = adam.max_exp_avg_sq is null ? null : values("vMax");
                break;
            case AdamW.State adam:
                (adam.step, adam.exp_avg, adam.exp_avg_sq) = (steps, values("m"), values("v"));
                adam.max_exp_avg_sq = adam.max_exp_avg_sq is null ? null : values("vMax");
                break;
            case SGD.State sgd:
                sgd.momentum_buffer = steps == 0 ? null : values("m");
                break;
            case RMSProp.State rmsProp:
                // Ours is the variance when centered, and the mean of squares where there is no mean.
                (rmsProp.grad_avg, rmsProp.momentum_buffer) = (values("gAvg"), values("buffer"));
                rmsProp.square_avg = values("v") + rmsProp.grad_avg.square();
                break;
            case Adagrad.State adagrad:
                (adagrad.step, adagrad.sum) = (steps, values("sum"));
                break;
            case Adadelta.State adadelta:
                (adadelta.square_avg, adadelta.acc_delta) = (values("v"), values("deltaAvg"));
                break;
            case NAdam.State nadam:
                // The product of the momentum factors needs no setting: it does not depend on the gradients.
                (nadam.step, nadam.exp_avg, nadam.exp_avg_sq) = (steps, values("m"), values("v"));
                break;
            case Adamax.State adamax:
                (adamax.step, adamax.exp_avg, adamax.exp_inf) = (steps, values("m"), values("u"));
                break;
        }
    }

    private static Tensor Get(OptimizerState state, string name) => (state, name) switch
    {
        (Adam.State adam, "m") => adam.exp_avg,
        (Adam.State adam, "v") => adam.exp_avg_sq,
        (Adam.State adam, "vMax") => adam.max_exp_avg_sq ?? zeros_like(adam.exp_avg),
        (AdamW.State adam, "m") => adam.exp_avg,
        (AdamW.State adam, "v") => adam.exp_avg_sq,
        (AdamW.State adam, "vMax") => adam.max_exp_avg_sq ?? zeros_like(adam.exp_avg),
        (SGD.State sgd, _) => sgd.momentum_buffer,
        (RMSProp.State rmsProp, "v") => rmsProp.square_avg - rmsProp.grad_avg.square(),
        (RMSProp.State rmsProp, "gAvg") => rmsProp.grad_avg,
        (RMSProp.State rmsProp, "buffer") => rmsProp.momentum_buffer,
        (Adagrad.State adagrad, _) => adagrad.sum,
        (Adadelta.State adadelta, "v") => adadelta.square_avg,
        (Adadelta.State adadelta, "deltaAvg") => adadelta.acc_delta,
        (NAdam.State nadam, "m") => nadam.exp_avg,
        (NAdam.State nadam, "v") => nadam.exp_avg_sq,
        (Adamax.State adamax, "m") => adamax.exp_avg,
        (Adamax.State adamax, "u") => adamax.exp_inf,
        _ => throw new NotSupportedException($"{state}, {name}"),
    };

    private static float[] Values(QuantizedState state)
    {
        float[] values = new float[state.Length];
        state.Dequantize(values);
        return values;
    }

    private static void AssertParametersAgree(float[] before, float[] expected, float[] actual)
    {
        double largest = Math.Max(Lr, before.Zip(expected, (old, updated) => Math.Abs((double)updated - old)).Max());
        for (int i = 0; i < expected.Length; i++)
        {
            double allowed = (CancellationTolerance * largest)
                + (RelativeUpdateTolerance * Math.Abs((double)expected[i] - before[i]))
                + (RelativeParameterTolerance * Math.Max(Math.Abs(before[i]), Math.Abs(expected[i])));
            Assert.True(Math.Abs((double)expected[i] - actual[i]) <= allowed,
                $"Parameter {i} went from {before[i]:R} to {actual[i]:R}; the reference to {expected[i]:R}.");
        }
    }

    private static void AssertStateAgrees(float[] expected, QuantizedState state)
    {
        float[] actual = Values(state);
        if (Array.TrueForAll(expected, value => value == 0))
        {
            // A state that the variant does not need may have no codes.
            Assert.Equal(expected, actual);
            return;
        }

        double[] farthest = QuantizationError.Farthest(Codebook.For(state.Codec), state.Rounding);
        for (int i = 0; i < expected.Length; i++)
        {
            float absmax = state.Absmax[i / state.BlockSize];
            double allowed = absmax * (farthest[state.Codes[i]] + RelativeStateTolerance);
            Assert.True(Math.Abs((double)expected[i] - actual[i]) <= allowed,
                $"State {state.Name}[{i}] is {actual[i]:R} (absmax {absmax:R}); the reference has {expected[i]:R}.");
        }
    }
}
