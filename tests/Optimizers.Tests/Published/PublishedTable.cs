using static Requant.Optimizers.Tests.ReferenceTable;

namespace Requant.Optimizers.Tests.Published;

/// <summary>Published optimizers that the library does not ship, with hyperparameters that make every term and every
/// branch matter, and their references.</summary>
internal static class PublishedTable
{
    /// <summary>Large enough that its place in the formula shows.</summary>
    private const float Eps = 1e-3f;

    /// <summary>The length of the average is a difference of numbers near 2 / (1 - beta2) = 2000; in float32 what is
    /// left of it is off by half a percent at the first rectified step.</summary>
    private static readonly Tolerances LongRectification = new() { Update = 0.01 };

    /// <summary>A rate is 1 - beta2^step, as an update is. The parameter is a sum of weighted states that are sums
    /// themselves: four roundings of 6e-8.</summary>
    private static readonly Tolerances AveragedParameter =
        new() { TensorState = Tolerances.Default.Update, Result = 2.5e-7 };

    /// <summary>A parameter that is divided, by a number that is rounded itself: three roundings of 6e-8.</summary>
    private static readonly Tolerances DividedParameter = new() { Result = 1.9e-7 };

    /// <summary>The distance moved is the difference of parameters, whose rounding it has, and is a tenth of
    /// them or less.</summary>
    private static readonly Tolerances DistanceMoved = new() { TensorState = 2e-5 };

    private static readonly Dictionary<string, Action<IReferenceCheck>> Cases = new()
    {
        ["AdaBelief"] = Case(new AdaBelief { Lr = 0.01f, Eps = Eps }, AdaptiveRateReferences.AdaBelief),
        ["RAdam"] = Case(new RAdam { Lr = 0.01f, Beta2 = 0.9f, Eps = Eps }, AdaptiveRateReferences.RAdam),
        ["RAdam, long average"] = Case(
            new RAdam { Lr = 0.01f, Eps = Eps }, AdaptiveRateReferences.RAdam, LongRectification),
        ["Yogi"] = Case(new Yogi { Beta2 = 0.9f }, AdaptiveRateReferences.Yogi),
        ["AdaBound"] = Case(new AdaBound { Lr = 5e-3f, Beta2 = 0.9f }, AdaptiveRateReferences.AdaBound),
        ["AdaMod"] = Case(new AdaMod { Lr = 0.01f, Beta3 = 0.9f, Eps = Eps }, AdaptiveRateReferences.AdaMod),
        ["Padam"] = Case(new Padam { Beta2 = 0.9f, Eps = Eps }, AdaptiveRateReferences.Padam),
        ["QHAdam"] = Case(
            new QHAdam { Lr = 0.01f, Beta1 = 0.95f, Nu2 = 0.8f, Eps = Eps }, AdaptiveRateReferences.QHAdam),
        ["DiffGrad"] = Case(new DiffGrad { Lr = 0.01f, Eps = Eps }, AdaptiveRateReferences.DiffGrad),

        // Its bias correction goes into the moment, and no state may be as far off as 1 - 0.999f is.
        ["LaProp"] = Case(new LaProp { Lr = 0.01f, Nu = 0.99f, Eps = Eps }, AdaptiveRateReferences.LaProp),
        ["Adan"] = Case(new Adan { Lr = 0.01f, WeightDecay = 0.1f, Eps = Eps }, AveragingReferences.Adan),
        ["ScheduleFreeAdamW"] = Case(
            new ScheduleFreeAdamW { Lr = 0.01f, WeightDecay = 0.1f, Eps = Eps, Warmup = 8 },
            AveragingReferences.ScheduleFreeAdamW,
            AveragedParameter),
        ["Adopt"] = Case(new Adopt { Lr = 0.01f, Beta2 = 0.99f, Eps = Eps }, AveragingReferences.Adopt),
        ["GrokfastAdamW"] = Case(
            new GrokfastAdamW { Lr = 0.01f, Alpha = 0.9f, WeightDecay = 0.1f, Eps = Eps },
            AveragingReferences.GrokfastAdamW),
        ["Madgrad"] = Case(new Madgrad { Eps = Eps }, AveragingReferences.Madgrad),
        ["AggMo"] = Case(new AggMo(), AveragingReferences.AggMo),
        ["NovoGrad"] = Case(new Language.NovoGrad { WeightDecay = 0.1f, Eps = Eps }, WholeTensorReferences.NovoGrad),
        ["Prodigy"] = Case(
            new Prodigy { Lr = 2f, D0 = 0.1f, Beta2 = 0.9f, Eps = Eps }, WholeTensorReferences.Prodigy, DistanceMoved),
        ["LayerwiseDoG"] = Case(
            new LayerwiseDoG { InitialDistance = 1e-2f, Eps = Eps }, WholeTensorReferences.LayerwiseDoG),
        // Nearly as large as the largest gradients, so that the bound on their average shows.
        ["StableAdamW"] = Case(
            new StableAdamW { Lr = 0.01f, WeightDecay = 0.1f, Eps = 0.08f }, WholeTensorReferences.StableAdamW),
        ["LambC"] = Case(new LambC { Lr = 0.01f, WeightDecay = 0.1f, Eps = Eps }, WholeTensorReferences.LambC),
        ["AdamP"] = Case(new AdamP { Lr = 0.01f, Eps = Eps, Delta = 0.8f }, WholeTensorReferences.AdamP),
        ["CautiousAdamW"] = Case(
            new CautiousAdamW { Lr = 0.01f, WeightDecay = 0.1f, Eps = Eps }, WholeTensorReferences.CautiousAdamW),
        ["MarsAdamW"] = Case(
            new MarsAdamW { Lr = 0.01f, Gamma = 0.1f, WeightDecay = 0.1f, Eps = Eps }, WholeTensorReferences.MarsAdamW),
        ["Fromage"] = Case(new Fromage(), WholeTensorReferences.Fromage, DividedParameter),
    };

    public static IReadOnlyCollection<string> Names => Cases.Keys;

    /// <summary>Calls <paramref name="check"/> with the rule of that name and its reference.</summary>
    public static void Run(string name, IReferenceCheck check) => Cases[name](check);
}
