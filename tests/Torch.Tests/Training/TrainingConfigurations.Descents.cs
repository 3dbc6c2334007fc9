using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim.lr_scheduler;

namespace Requant.Torch.Tests.Training;

/// <content>Stochastic gradient descent, which TorchSharp tests its schedulers with.</content>
internal static partial class TrainingConfigurations
{
    private static Dictionary<string, TrainingConfiguration> Descents() => new()
    {
        ["SGD"] = Sgd(62.494),
        ["SGD, momentum"] = new(
            53.711,
            n => optim.SGD(n.All, Small, momentum: 0.5),
            (n, o) => new Sgd8bit(n.All, Small, momentum: 0.5, options: o)),
        ["SGD, dampening"] = new(
            62.494,
            n => optim.SGD(n.All, Small, dampening: 0.5),
            (n, o) => new Sgd8bit(n.All, Small, dampening: 0.5, options: o)),
        ["SGD, Nesterov"] = new(
            59.270,
            n => optim.SGD(n.All, Small, momentum: 0.1, nesterov: true),
            (n, o) => new Sgd8bit(n.All, Small, momentum: 0.1, nesterov: true, options: o)),
        ["SGD, groups"] = new(
            58.698,
            n => optim.SGD(
                [
                    new SGD.ParamGroup(n.Hidden, lr: 5e-5),
                    new SGD.ParamGroup(n.Output, lr: 3e-5, momentum: 0.25, dampening: 0.05),
                ],
                Small),
            (n, o) => new Sgd8bit(
                [
                    new Sgd8bit.ParamGroup(n.Hidden, lr: 5e-5),
                    new Sgd8bit.ParamGroup(n.Output, lr: 3e-5, momentum: 0.25, dampening: 0.05),
                ],
                Small, options: o)),

        ["SGD, StepLR"] = Sgd(67.36136) with { Schedule = optimizer => StepLR(optimizer, 1, 0.97) },
        ["SGD, LambdaLR"] = Sgd(73.87) with
        {
            Schedule = optimizer => LambdaLR(optimizer, step => Math.Pow(0.95, step + 1)),
        },
        ["SGD, MultiplicativeLR"] = Sgd(71.1419) with
        {
            Schedule = optimizer => MultiplicativeLR(optimizer, _ => 0.95),
        },
        ["SGD, ExponentialLR"] = Sgd(180.249) with { Schedule = optimizer => ExponentialLR(optimizer) },
        ["SGD, LinearLR"] = Sgd(101.83) with { Schedule = Linear },
        ["SGD, SequentialLR"] = Sgd(67.5635) with
        {
            Steps = 20,
            Schedule = optimizer => SequentialLR(
                optimizer, [Linear(optimizer), ConstantLR(optimizer), ExponentialLR(optimizer)], [10, 15]),
        },
        ["SGD, SequentialLR of eight"] = Sgd(52.36025) with { Steps = 35, Schedule = Eight },
        ["SGD, MultiStepLR"] = Sgd(64.019) with { Schedule = optimizer => MultiStepLR(optimizer, [3, 5, 7], 0.97) },
        ["SGD, CosineAnnealingLR"] = Sgd(88.98) with { Schedule = optimizer => CosineAnnealingLR(optimizer, 10) },

        // CyclicLR and OneCycleLR bring a momentum along.
        ["SGD, CyclicLR"] = Sgd(65.459) with
        {
            Schedule = optimizer => CyclicLR(optimizer, 1e-4, 4e-4, step_size_up: 5),
        },
        ["SGD, OneCycleLR"] = Sgd(112.4992) with
        {
            Schedule = optimizer => OneCycleLR(optimizer, 4e-4, total_steps: 10),
        },

        ["SGD, groups, CyclicLR"] = SgdGroups(58.589) with
        {
            Schedule = optimizer => CyclicLR(optimizer, [1e-4, 4e-4], [3e-4, 4.5e-4]),
        },
        ["SGD, groups, ReduceLROnPlateau"] = SgdGroups(52.6109) with
        {
            Steps = 500,
            Schedule = optimizer => ReduceLROnPlateau(optimizer),
        },
    };

    private static LRScheduler Linear(optim.Optimizer optimizer) =>
        LinearLR(optimizer, end_factor: 0.75, total_iters: 10);

    private static LRScheduler Eight(optim.Optimizer optimizer) => SequentialLR(
        optimizer,
        [
            Linear(optimizer), ConstantLR(optimizer), StepLR(optimizer, 2), MultiStepLR(optimizer, [2, 4]),
            ExponentialLR(optimizer), PolynomialLR(optimizer, power: 2), CosineAnnealingLR(optimizer, 5, 0.1),
            LinearLR(optimizer, end_factor: 0.75),
        ],
        [5, 5, 5, 5, 5, 5, 5]);

    private static TrainingConfiguration Sgd(double knownLoss) =>
        new(knownLoss, n => optim.SGD(n.All, Small), (n, o) => new Sgd8bit(n.All, Small, options: o));

    private static TrainingConfiguration SgdGroups(double knownLoss) => new(
        knownLoss,
        n => optim.SGD([new SGD.ParamGroup(n.Hidden, lr: 0.003f), new SGD.ParamGroup(n.Output, lr: 2e-4)], 2e-4),
        (n, o) => new Sgd8bit(
            [new Sgd8bit.ParamGroup(n.Hidden, lr: 0.003f), new Sgd8bit.ParamGroup(n.Output, lr: 2e-4)],
            2e-4, options: o));
}
