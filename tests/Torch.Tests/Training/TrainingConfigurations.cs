using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests.Training;

/// <summary>The configurations of TorchSharp's training tests whose optimizer has a drop-in, all 59, and those of the
/// rules that TorchSharp lacks.</summary>
/// <remarks>TorchSharp tests ASGD, LBFGS, RAdam and Rprop as well, which have no drop-in here.</remarks>
internal static partial class TrainingConfigurations
{
    // TorchSharp's tests write some of their rates as float32.
    private const double Small = 0.00004f;
    private const double Large = 0.005f;

    public static IReadOnlyDictionary<string, TrainingConfiguration> All { get; } =
        new Dictionary<string, TrainingConfiguration>(
        [
            .. Adams(), .. NAdams(), .. Adagrads(), .. Adadeltas(), .. Adamaxes(), .. RMSProps(), .. Descents(),
            .. Others(),
        ]);

    private static Dictionary<string, TrainingConfiguration> Adams() => new()
    {
        ["Adam"] = new(53.3606, n => optim.Adam(n.All), (n, o) => new Adam8bit(n.All, options: o)),
        ["Adam, maximize"] = new(
            -53.3606, n => optim.Adam(n.All, maximize: true), (n, o) => new Adam8bit(n.All, maximize: true, options: o))
        {
            IsMaximized = true,
        },
        ["Adam, groups"] = new(
            105.82,
            n => optim.Adam([new Adam.ParamGroup(n.Hidden, lr: Large), new Adam.ParamGroup(n.Output, lr: 1e-3)]),
            (n, o) => new Adam8bit(
                [new Adam8bit.ParamGroup(n.Hidden, lr: Large), new Adam8bit.ParamGroup(n.Output)], options: o)),
        ["Adam, AMSGrad"] = new(
            53.34, n => optim.Adam(n.All, amsgrad: true), (n, o) => new Adam8bit(n.All, amsgrad: true, options: o)),
        ["Adam, decay"] = new(
            53.28,
            n => optim.Adam(n.All, weight_decay: 0.5),
            (n, o) => new Adam8bit(n.All, weight_decay: 0.5, options: o)),
        ["Adam, OneCycleLR"] = new(
            94.69524,
            n => optim.Adam(n.All, lr: 5e-4, amsgrad: true),
            (n, o) => new Adam8bit(n.All, lr: 5e-4, amsgrad: true, options: o))
        {
            Schedule = optimizer => optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps: 10),
        },
        ["AdamW"] = new(53.3606, n => optim.AdamW(n.All), (n, o) => new AdamW8bit(n.All, options: o)),
        ["AdamW, groups"] = new(
            105.82,
            n => optim.AdamW([new AdamW.ParamGroup(n.Hidden, lr: Large), new AdamW.ParamGroup(n.Output, lr: 1e-3)]),
            (n, o) => new AdamW8bit(
                [new AdamW8bit.ParamGroup(n.Hidden, lr: Large), new AdamW8bit.ParamGroup(n.Output)], options: o)),
        ["AdamW, AMSGrad"] = new(
            53.34, n => optim.AdamW(n.All, amsgrad: true), (n, o) => new AdamW8bit(n.All, amsgrad: true, options: o)),
        ["AdamW, decay"] = new(
            53.28,
            n => optim.AdamW(n.All, weight_decay: 0.5),
            (n, o) => new AdamW8bit(n.All, weight_decay: 0.5, options: o)),
        ["AdamW, OneCycleLR"] = new(
            197.873,
            n => optim.AdamW(n.All, lr: 1e-3, amsgrad: true),
            (n, o) => new AdamW8bit(n.All, lr: 1e-3, amsgrad: true, options: o))
        {
            Schedule = optimizer => optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps: 10),
        },
    };

    private static Dictionary<string, TrainingConfiguration> NAdams() => new()
    {
        ["NAdam"] = new(66.262, n => optim.NAdam(n.All), (n, o) => new NAdam8bit(n.All, options: o)),
        ["NAdam, decay"] = new(
            67.041,
            n => optim.NAdam(n.All, weight_decay: 0.45),
            (n, o) => new NAdam8bit(n.All, weight_decay: 0.45, options: o))
        {
            WakesUnits = true,
        },
        ["NAdam, betas"] = new(
            66.729,
            n => optim.NAdam(n.All, beta1: 0.75, beta2: 0.95),
            (n, o) => new NAdam8bit(n.All, beta1: 0.75, beta2: 0.95, options: o)),
        ["NAdam, momentum decay"] = new(
            66.739,
            n => optim.NAdam(n.All, momentum_decay: 0.04),
            (n, o) => new NAdam8bit(n.All, momentum_decay: 0.04, options: o)),
        ["NAdam, groups"] = new(
            56.438,
            n => optim.NAdam([new NAdam.ParamGroup(n.Hidden, lr: Large), new NAdam.ParamGroup(n.Output, lr: 2e-3)]),
            (n, o) => new NAdam8bit(
                [new NAdam8bit.ParamGroup(n.Hidden, lr: Large), new NAdam8bit.ParamGroup(n.Output)], options: o)),
        ["NAdam, OneCycleLR"] = new(145.415, n => optim.NAdam(n.All), (n, o) => new NAdam8bit(n.All, options: o))
        {
            Schedule = optimizer => optim.lr_scheduler.OneCycleLR(optimizer, 2e-2, total_steps: 10),
        },
    };

    private static Dictionary<string, TrainingConfiguration> Adagrads() => new()
    {
        ["Adagrad"] = new(
            203.20, n => optim.Adagrad(n.All, Small), (n, o) => new Adagrad8bit(n.All, Small, options: o)),
        ["Adagrad, decay"] = new(
            203.21,
            n => optim.Adagrad(n.All, Small, weight_decay: 0.5),
            (n, o) => new Adagrad8bit(n.All, Small, weight_decay: 0.5, options: o)),
        ["Adagrad, rate decay"] = new(
            211.065,
            n => optim.Adagrad(n.All, Small, lr_decay: 0.1),
            (n, o) => new Adagrad8bit(n.All, Small, lr_decay: 0.1, options: o)),
        ["Adagrad, groups"] = new(
            51.51,
            n => optim.Adagrad(
                [new Adagrad.ParamGroup(n.Hidden, lr: Large), new Adagrad.ParamGroup(n.Output, lr: 1e-2)]),
            (n, o) => new Adagrad8bit(
                [new Adagrad8bit.ParamGroup(n.Hidden, lr: Large), new Adagrad8bit.ParamGroup(n.Output)], options: o)),
        ["Adagrad, groups, decay"] = new(
            51.45,
            n => optim.Adagrad(
            [
                new Adagrad.ParamGroup(n.Hidden, lr: Large, weight_decay: 0.25),
                new Adagrad.ParamGroup(n.Output, lr: 1e-2),
            ]),
            (n, o) => new Adagrad8bit(
                [
                    new Adagrad8bit.ParamGroup(n.Hidden, lr: Large, weight_decay: 0.25),
                    new Adagrad8bit.ParamGroup(n.Output),
                ],
                options: o))
        {
            WakesUnits = true,
        },
    };

    private static Dictionary<string, TrainingConfiguration> Adadeltas() => new()
    {
        ["Adadelta"] = new(74.754, n => optim.Adadelta(n.All), (n, o) => new Adadelta8bit(n.All, options: o)),
        ["Adadelta, maximize"] = new(
            -74.754,
            n => optim.Adadelta(n.All, maximize: true),
            (n, o) => new Adadelta8bit(n.All, maximize: true, options: o))
        {
            IsMaximized = true,
        },
        ["Adadelta, decay"] = new(
            73.226,
            n => optim.Adadelta(n.All, weight_decay: 0.35),
            (n, o) => new Adadelta8bit(n.All, weight_decay: 0.35, options: o))
        {
            Amplifies = true,
            WakesUnits = true,
        },
        ["Adadelta, rho"] = new(
            73.027, n => optim.Adadelta(n.All, rho: 0.75), (n, o) => new Adadelta8bit(n.All, rho: 0.75, options: o)),
        ["Adadelta, groups"] = new(
            77.891,
            n => optim.Adadelta(
                [new Adadelta.ParamGroup(n.Hidden, lr: Large), new Adadelta.ParamGroup(n.Output, lr: 1)]),
            (n, o) => new Adadelta8bit(
                [new Adadelta8bit.ParamGroup(n.Hidden, lr: Large), new Adadelta8bit.ParamGroup(n.Output)], options: o)),
    };

    private static Dictionary<string, TrainingConfiguration> Adamaxes() => new()
    {
        ["Adamax"] = new(55.559, n => optim.Adamax(n.All), (n, o) => new Adamax8bit(n.All, options: o)),
        ["Adamax, decay"] = new(
            55.47,
            n => optim.Adamax(n.All, weight_decay: 0.35),
            (n, o) => new Adamax8bit(n.All, weight_decay: 0.35, options: o)),
        ["Adamax, betas"] = new(
            51.00,
            n => optim.Adamax(n.All, beta1: 0.75, beta2: 0.95),
            (n, o) => new Adamax8bit(n.All, beta1: 0.75, beta2: 0.95, options: o)),
        ["Adamax, groups"] = new(
            141.519,
            n => optim.Adamax([new Adamax.ParamGroup(n.Hidden, lr: Large), new Adamax.ParamGroup(n.Output, lr: 2e-3)]),
            (n, o) => new Adamax8bit(
                [new Adamax8bit.ParamGroup(n.Hidden, lr: Large), new Adamax8bit.ParamGroup(n.Output)], options: o)),
        ["Adamax, OneCycleLR"] = new(61.45, n => optim.Adamax(n.All), (n, o) => new Adamax8bit(n.All, options: o))
        {
            Schedule = optimizer => optim.lr_scheduler.OneCycleLR(optimizer, 2e-2, total_steps: 15),
        },
    };

    private static Dictionary<string, TrainingConfiguration> RMSProps() => new()
    {
        ["RMSProp"] = new(
            56.589, n => optim.RMSProp(n.All, Small), (n, o) => new RMSProp8bit(n.All, Small, options: o)),
        ["RMSProp, OneCycleLR"] = new(
            207.87, n => optim.RMSProp(n.All, Small), (n, o) => new RMSProp8bit(n.All, Small, options: o))
        {
            Schedule = optimizer => optim.lr_scheduler.OneCycleLR(optimizer, 10 * Small, total_steps: 10),
        },
        ["RMSProp, alpha"] = new(
            156.339,
            n => optim.RMSProp(n.All, Small, alpha: 0.75),
            (n, o) => new RMSProp8bit(n.All, Small, alpha: 0.75, options: o)),
        ["RMSProp, alpha, maximize"] = new(
            -156.339,
            n => optim.RMSProp(n.All, Small, alpha: 0.75, maximize: true),
            (n, o) => new RMSProp8bit(n.All, Small, alpha: 0.75, maximize: true, options: o))
        {
            IsMaximized = true,
        },
        ["RMSProp, decay"] = new(
            56.608,
            n => optim.RMSProp(n.All, Small, weight_decay: 0.15),
            (n, o) => new RMSProp8bit(n.All, Small, weight_decay: 0.15, options: o)),
        ["RMSProp, centered"] = new(
            56.189,
            n => optim.RMSProp(n.All, Small, centered: true),
            (n, o) => new RMSProp8bit(n.All, Small, centered: true, options: o)),
        ["RMSProp, centered, decay"] = new(
            56.189,
            n => optim.RMSProp(n.All, Small, weight_decay: 0.15, centered: true),
            (n, o) => new RMSProp8bit(n.All, Small, weight_decay: 0.15, centered: true, options: o)),
        ["RMSProp, momentum"] = new(
            53.50,
            n => optim.RMSProp(n.All, Small, momentum: 0.15),
            (n, o) => new RMSProp8bit(n.All, Small, momentum: 0.15, options: o)),

        // Groups of TorchSharp's that are made so take nothing from the optimizer: the first has a rate of 0.001, and
        // neither is centered.
        ["RMSProp, centered, groups"] = new(
            53.6049,
            n => optim.RMSProp(
                [new RMSProp.ParamGroup(n.Hidden), new RMSProp.ParamGroup(n.Output, lr: 10 * Small)],
                Small, centered: true),
            (n, o) => new RMSProp8bit(
                [
                    new RMSProp8bit.ParamGroup(n.Hidden, lr: 1e-3, centered: false),
                    new RMSProp8bit.ParamGroup(n.Output, lr: 10 * Small, centered: false),
                ],
                Small, centered: true, options: o)),
    };

    /// <summary>Rules that TorchSharp lacks.</summary>
    private static Dictionary<string, TrainingConfiguration> Others() => new()
    {
        ["AdEMAMix"] = new(null, null, (n, o) => new AdEMAMix8bit(n.All, options: o)),
        ["AdEMAMix, warm-up"] = new(
            null, null, (n, o) => new AdEMAMix8bit(n.All, t_alpha: 10, t_beta3: 10, options: o)),
        ["Lamb"] = new(null, null, (n, o) => new Lamb8bit(n.All, lr: 1e-2, options: o)) { Amplifies = true },
        ["Lars"] = new(null, null, (n, o) => new Lars8bit(n.All, lr: 1, trust_coefficient: 1e-2, options: o)),
        ["Lion"] = new(null, null, (n, o) => new Lion8bit(n.All, options: o)),
        ["Muon"] = new(null, null, (n, o) => new Muon8bit(n.All, options: o)),
        ["Muon, libtorch's products"] = new(
            null, null, (n, o) => new Muon8bit(n.All, options: o with { MatrixProduct = MatrixProduct.Torch })),
        ["Adafactor"] = new(null, null, (n, o) => new Adafactor8bit(n.All, options: o)),
        ["Adafactor, momentum"] = new(null, null, (n, o) => new Adafactor8bit(n.All, beta1: 0.9, options: o)),
        ["Came"] = new(null, null, (n, o) => new Came8bit(n.All, lr: 1e-3, options: o)),
        ["Sm3"] = new(null, null, (n, o) => new Sm38bit(n.All, lr: 1e-2, options: o)),
        ["SgdW"] = new(null, null, (n, o) => new SgdW8bit(n.All, Small, momentum: 0.5, options: o)),
        ["Signum"] = new(null, null, (n, o) => new Signum8bit(n.All, options: o)),
    };
}
