using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

/// <summary>With float32 states our optimizers take TorchSharp's steps, a thousand of them, on the gradients of a model
/// that TorchSharp's optimizer trains.</summary>
/// <remarks>Gradients of a trajectory of each one's own would tell less: RMSProp and Adadelta circle the minimum, and
/// there two runs of TorchSharp's own drift apart by 2e-3 and 8e-2 when one initial weight differs by 1e-7.</remarks>
public sealed class ThousandStepTests
{
    private const int Steps = 1000;

    /// <summary>Ours and torch's round in another order, so each step's new parameter may differ by a unit in the last
    /// place, 6e-8 of parameters near 1. A thousand of them, to either side at random, add up to 30 times as much,
    /// 2e-6; this is five times that.</summary>
    private const double Tolerance = 1e-5;

    // A rule's hyperparameters are float32; torch gets the same numbers.
    private const double Beta1 = 0.9f;
    private const double Beta2 = 0.999f;
    private const double Alpha = 0.99f;
    private const double Eps = 1e-8f;
    private const double AdagradEps = 1e-10f;
    private const double Rho = 0.9f;
    private const double DeltaEps = 1e-6f;
    private const double MomentumDecay = 4e-3f;
    private const double Decay = 0.01f;
    private const double Lr = 1e-3f;

    private static readonly TorchOptions ByLength = new() { MinQuantizedLength = long.MaxValue };
    private static readonly TorchOptions ByChoice = new TorchOptions { MinQuantizedLength = 0 }.KeepFloat32(_ => true);

    public static TheoryData<string> Names => [.. Makers.Keys];

    private static Dictionary<string, (Func<IEnumerable<Parameter>, TorchOptions, OptimizerHelper> Ours,
        Func<IEnumerable<Parameter>, OptimizerHelper> Torchs)> Makers { get; } = new()
    {
        ["Adam"] = ((p, o) => new Adam8bit(p, Lr, options: o), p => optim.Adam(p, Lr, Beta1, Beta2, Eps)),
        ["AdamW"] = ((p, o) => new AdamW8bit(p, Lr, weight_decay: Decay, options: o),
            p => optim.AdamW(p, Lr, Beta1, Beta2, Eps, Decay)),
        ["SGD with momentum"] = ((p, o) => new Sgd8bit(p, 10 * Lr, momentum: Beta1, options: o),
            p => optim.SGD(p, 10 * Lr, momentum: Beta1)),
        ["RMSProp"] = ((p, o) => new RMSProp8bit(p, Lr, options: o), p => optim.RMSProp(p, Lr, Alpha, Eps)),
        ["Adagrad"] =
            ((p, o) => new Adagrad8bit(p, 10 * Lr, options: o), p => optim.Adagrad(p, 10 * Lr, eps: AdagradEps)),
        ["Adadelta"] = ((p, o) => new Adadelta8bit(p, options: o), p => optim.Adadelta(p, 1, Rho, DeltaEps)),
        ["Adamax"] = ((p, o) => new Adamax8bit(p, Lr, options: o), p => optim.Adamax(p, Lr, Beta1, Beta2, Eps)),
        ["NAdam"] = ((p, o) => new NAdam8bit(p, Lr, options: o),
            p => optim.NAdam(p, Lr, Beta1, Beta2, Eps, momentum_decay: MomentumDecay)),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Step_ThousandTimesWithFloat32States_EqualsTorchs(string name)
    {
        // The tensors are far too small to share out.
        using IDisposable threads = Some.Threads(1);
        using Sequential model = Model();
        Parameter[] byLength = Copy(model);
        Parameter[] byChoice = Copy(model);
        float[] initial = Values(byLength);
        using OptimizerHelper torchs = Makers[name].Torchs(model.parameters());
        using OptimizerHelper ours = Makers[name].Ours(byLength, ByLength);
        using OptimizerHelper other = Makers[name].Ours(byChoice, ByChoice);

        Train(model, torchs, step: () =>
        {
            foreach ((int i, Parameter parameter) in model.parameters().Index())
            {
                byLength[i].grad = parameter.grad;
                byChoice[i].grad = parameter.grad;
            }

            ours.step();
            other.step();
        });

        float[] expected = Values(model.parameters());
        double difference = Values(byLength).Zip(expected)
            .Max(pair => Math.Abs((double)pair.First - pair.Second) / Math.Max(1, Math.Abs(pair.Second)));
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: largest difference {difference:g3}");
        Assert.InRange(difference, 0, Tolerance);
        Assert.Equal(Values(byLength), Values(byChoice));
        Assert.True(initial.Zip(expected).Max(pair => Math.Abs(pair.First - pair.Second)) > 0.05);
    }

    private static Parameter[] Copy(Sequential model) =>
        [.. model.parameters().Select(parameter => new Parameter(parameter.detach().clone()))];

    private static float[] Values(IEnumerable<Parameter> parameters) => [.. parameters.SelectMany(Some.Array)];

    private static Sequential Model()
    {
        Sequential model = nn.Sequential(nn.Linear(8, 24), nn.Tanh(), nn.Linear(24, 3));
        using IDisposable noGradients = no_grad();
        int seed = 1;
        foreach (Parameter parameter in model.parameters())
        {
            parameter.copy_(Some.Values(seed++, parameter.shape) * 0.3);
        }

        return model;
    }

    private static void Train(Sequential model, OptimizerHelper optimizer, Action step)
    {
        using Tensor input = Some.Values(70, 64, 8);
        using Tensor target = Some.Values(71, 64, 3);
        for (int i = 0; i < Steps; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            optimizer.zero_grad();
            nn.functional.mse_loss(model.forward(input), target).backward();
            step();
            optimizer.TakeStep();
        }
    }
}
