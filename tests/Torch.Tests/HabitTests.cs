using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

/// <summary>What users of torch.optim do, done to our optimizer and to TorchSharp's at once: with float32 states both
/// leave the same parameters.</summary>
public sealed class HabitTests
{
    /// <summary>Some tens of updates of about the learning rate, which differ by parts in 1e7 (the rule's
    /// hyperparameters are float32, torch's are doubles that float32 has).</summary>
    private const double Tolerance = 2e-6;

    [Fact]
    public void Groups_WithOwnHyperparameters_TrainAsTorchs()
    {
        using var twins = new Twins(
            p => new Adam8bit([new Adam8bit.ParamGroup([p[0]], lr: 0.25, beta1: 0.5, beta2: 0.75, weight_decay: 0.125),
                new Adam8bit.ParamGroup([p[1], p[2]], lr: 0.0625, beta1: 0.875, beta2: 0.9375, eps: 1 / 1024.0)]),
            p => optim.Adam([new Adam.ParamGroup([p[0]], lr: 0.25, beta1: 0.5, beta2: 0.75, weight_decay: 0.125),
                new Adam.ParamGroup([p[1], p[2]], lr: 0.0625, beta1: 0.875, beta2: 0.9375, eps: 1 / 1024.0)]));

        twins.Steps(20);

        twins.AssertSame();
    }

    [Fact]
    public void AddParamGroup_InMidTraining_TrainsAsTorchs()
    {
        using var twins = new Twins(p => new Adam8bit([p[0]], 0.0625), p => optim.Adam([p[0]], 0.0625));
        twins.Steps(5);

        ((Adam8bit)twins.Ours.Optimizer).add_param_group(
            new Adam8bit.ParamGroup(twins.Ours.Parameters[1..], lr: 0.125, beta1: 0.5));
        ((Adam)twins.Torchs.Optimizer).add_param_group(
            new Adam.ParamGroup(twins.Torchs.Parameters[1..], lr: 0.125, beta1: 0.5));
        twins.Steps(10);

        twins.AssertSame();
        Assert.Equal([15, 10, 10], ((Adam8bit)twins.Ours.Optimizer).States.Select(state => state.State.Step));
        Assert.Equal([0.0625, 0.125], twins.Ours.Optimizer.ParamGroups.Select(group => group.InitialLearningRate));
    }

    [Fact]
    public void LearningRate_SetOnAGroup_TrainsAsTorchs()
    {
        using var twins = new Twins(p => new Adam8bit(p, 0.0625), p => optim.Adam(p, 0.0625));
        twins.Steps(5);

        twins.Both(run => run.Optimizer.ParamGroups.Single().LearningRate = 0.25);
        twins.Steps(5);

        twins.AssertSame();
    }

    [Fact]
    public void Step_Closure_TrainsAsTorchsAndGivesItsLoss()
    {
        using var twins = new Twins(
            p => new Sgd8bit(p, 0.0625, momentum: 0.5), p => optim.SGD(p, 0.0625, momentum: 0.5));
        List<float> losses = [];
        for (int step = 0; step < 5; step++)
        {
            twins.Both(run =>
            {
                using Tensor loss = run.Optimizer.step(() =>
                {
                    run.Optimizer.zero_grad();
                    Tensor value = run.Parameters.Select(p => p.square().sum()).Aggregate((x, y) => x + y);
                    value.backward();
                    return value;
                });
                losses.Add(loss.item<float>());
            });
        }

        twins.AssertSame();
        Assert.All(losses.Chunk(2), pair => Assert.Equal(pair[1], pair[0], Tolerance * pair[1]));
        Assert.True(losses[^1] < losses[0]);
    }

    [Fact]
    public void ZeroGrad_ThenStep_MovesByMomentumAsTorchs()
    {
        using var twins = new Twins(
            p => new Sgd8bit(p, 0.0625, momentum: 0.5), p => optim.SGD(p, 0.0625, momentum: 0.5));
        twins.Steps(3);
        float[] before = Some.Array(twins.Ours.Parameters[0]);

        twins.Both(run => run.Optimizer.zero_grad());
        Assert.All(twins.Ours.Parameters, p => Assert.Equal(0f, p.grad!.abs().sum().item<float>()));
        twins.Both(run => run.Optimizer.step());

        twins.AssertSame();
        Assert.NotEqual(before, Some.Array(twins.Ours.Parameters[0]));
    }

    [Fact]
    public void Backward_Twice_AccumulatesAsTorchs()
    {
        using var twins = new Twins(p => new Adam8bit(p, 0.0625), p => optim.Adam(p, 0.0625));
        for (int step = 0; step < 4; step++)
        {
            twins.Both(run =>
            {
                run.Optimizer.zero_grad();
                run.Parameters.ForEach(p => p.square().sum().backward());
                run.Parameters.ForEach(p => p.sin().sum().backward());
                run.Optimizer.step();
            });
        }

        twins.AssertSame();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ClippedGradients_TrainAsTorchs(bool byNorm)
    {
        using var twins = new Twins(
            p => new Sgd8bit(p, 0.0625, momentum: 0.5), p => optim.SGD(p, 0.0625, momentum: 0.5));
        List<double> norms = [];
        twins.Steps(6, run =>
        {
            if (byNorm)
            {
                norms.Add(nn.utils.clip_grad_norm_(run.Optimizer.parameters(), 0.5));
            }
            else
            {
                nn.utils.clip_grad_value_(run.Optimizer.parameters(), 0.25);
            }
        });

        twins.AssertSame();
        Assert.All(norms, norm => Assert.True(norm > 0.5));
    }

    [Fact]
    public void Frozen_ThenUnfrozen_TrainsAsTorchs()
    {
        using var twins = new Twins(p => new Adam8bit(p, 0.0625), p => optim.Adam(p, 0.0625));
        float[] before = Some.Array(twins.Ours.Parameters[1]);
        twins.Both(run => run.Parameters[1].requires_grad = false);
        Train(5);
        Assert.Equal(before, Some.Array(twins.Ours.Parameters[1]));
        Assert.Equal([5, 0, 5], ((Adam8bit)twins.Ours.Optimizer).States.Select(state => state.State.Step));

        twins.Both(run => run.Parameters[1].requires_grad = true);
        Train(5);
        // Frozen again: zero_grad leaves zeros, and both go on with what their momenta have.
        twins.Both(run => run.Parameters[2].requires_grad = false);
        Train(3);

        twins.AssertSame();
        Assert.Equal([13, 8, 13], ((Adam8bit)twins.Ours.Optimizer).States.Select(state => state.State.Step));

        void Train(int steps)
        {
            for (int step = 0; step < steps; step++)
            {
                twins.Both(run =>
                {
                    run.Optimizer.zero_grad();
                    run.Parameters.Select(p => p.square().sum()).Aggregate((x, y) => x + y).backward();
                    run.Optimizer.step();
                });
            }
        }
    }

    [Fact]
    public void TiedParameters_AreTrainedOnceAStepAsTorchs()
    {
        using Tied own = new(1);
        using Tied reference = new(1);
        using var ours = new Adam8bit(own.named_parameters(), 0.0625);
        using Adam torchs = optim.Adam(reference.parameters(), 0.0625);
        for (int step = 0; step < 5; step++)
        {
            own.Train(ours, Some.Values(step, 6, 4));
            reference.Train(torchs, Some.Values(step, 6, 4));
        }

        Assert.Equal(
            ["first.bias", "first.weight", "second.bias"], ours.States.Select(state => state.State.Name).Order());
        Assert.All(ours.States, state => Assert.Equal(5, state.State.Step));
        own.parameters().Zip(reference.parameters()).ToList()
            .ForEach(pair => Some.AssertClose(pair.Second, pair.First, Tolerance));
    }

    [Fact]
    public void WholeLoop_InDisposeScopes_KeepsStates()
    {
        using var twins = new Twins(p => new Sgd8bit([p[0]], 0.0625), p => optim.SGD([p[0]], 0.0625));
        var ours = (Sgd8bit)twins.Ours.Optimizer;
        using (NewDisposeScope())
        {
            twins.Steps(2);
            // States come into use within one scope, and of a group that is added within it.
            ours.add_param_group(new Sgd8bit.ParamGroup(twins.Ours.Parameters[1..], lr: 0.125, momentum: 0.25));
            ((SGD)twins.Torchs.Optimizer).add_param_group(
                new SGD.ParamGroup(twins.Torchs.Parameters[1..], lr: 0.125, momentum: 0.25));
            twins.Both(run => run.Optimizer.ParamGroups.Cast<optim.IMomentum>().First().Momentum = 0.5);
            twins.Steps(1);
        }

        Assert.All(ours.States.SelectMany(state => state.Tensors), tensor => Assert.False(tensor.Tensor.IsInvalid));
        Assert.Equal(3, ours.States.SelectMany(state => state.Tensors).Count());
        ours.step();
    }

    /// <summary>The same parameters twice, one set for each optimizer, with the same gradients.</summary>
    private sealed class Twins : IDisposable
    {
        private int _seed = 100;

        public Twins(Func<List<Parameter>, OptimizerHelper> ours, Func<List<Parameter>, OptimizerHelper> torchs)
        {
            List<Parameter> own = Make();
            List<Parameter> reference = Make();
            Ours = new Run(own, ours(own));
            Torchs = new Run(reference, torchs(reference));

            static List<Parameter> Make() =>
                [Some.Parameter(1, 50), Some.Parameter(2, 7, 9), Some.Parameter(3, 1)];
        }

        public Run Ours { get; }

        public Run Torchs { get; }

        public void Both(Action<Run> action)
        {
            action(Ours);
            action(Torchs);
        }

        public void Steps(int count, Action<Run>? beforeStep = null)
        {
            for (int step = 0; step < count; step++, _seed += 10)
            {
                Both(run =>
                {
                    foreach ((int i, Parameter parameter) in run.Optimizer.parameters().Index())
                    {
                        Some.SetGradient(parameter, _seed + i);
                    }

                    beforeStep?.Invoke(run);
                    run.Optimizer.step();
                });
            }
        }

        public void AssertSame() => Ours.Parameters.Zip(Torchs.Parameters).ToList()
            .ForEach(pair => Some.AssertClose(pair.Second, pair.First, Tolerance));

        public void Dispose() => Both(run => run.Optimizer.Dispose());
    }

    private sealed record Run(List<Parameter> Parameters, OptimizerHelper Optimizer);

    private sealed class Tied : nn.Module<Tensor, Tensor>
    {
        private readonly Linear first = nn.Linear(4, 4);
        private readonly Linear second = nn.Linear(4, 4);

        public Tied(int seed)
            : base(nameof(Tied))
        {
            second.weight = first.weight;
            RegisterComponents();
            using IDisposable noGradients = no_grad();
            parameters().ToList().ForEach(parameter => parameter.copy_(Some.Values(seed++, parameter.shape)));
        }

        public override Tensor forward(Tensor input) => second.forward(first.forward(input).tanh());

        public void Train(OptimizerHelper optimizer, Tensor input)
        {
            optimizer.zero_grad();
            forward(input).square().mean().backward();
            optimizer.step();
        }
    }
}
