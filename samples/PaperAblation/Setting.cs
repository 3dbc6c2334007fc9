using Requant.Optimizers;

namespace Requant.Samples.PaperAblation;

/// <summary>Adam's hyperparameters in a run.</summary>
internal sealed record Setting(float Eps, float Beta1, float Beta2)
{
    private static readonly float[] AllEps = [1e-8f, 1e-7f, 1e-6f];
    private static readonly float[] AllBeta1 = [0.9f, 0.87f, 0.93f];
    private static readonly float[] AllBeta2 = [0.999f, 0.99f, 0.98f];

    /// <summary>PyTorch's defaults.</summary>
    public static Setting Default { get; } = new(1e-8f, 0.9f, 0.999f);

    /// <summary>The default and those that differ from it in eps.</summary>
    public static IReadOnlyList<Setting> EveryEps { get; } = [.. AllEps.Select(eps => Default with { Eps = eps })];

    /// <summary>The default and all that differ from it in one hyperparameter.</summary>
    public static IReadOnlyList<Setting> OneAtATime { get; } =
    [
        .. EveryEps
            .Concat(AllBeta1.Select(beta1 => Default with { Beta1 = beta1 }))
            .Concat(AllBeta2.Select(beta2 => Default with { Beta2 = beta2 })).Distinct(),
    ];

    /// <summary>Every combination of the paper's values.</summary>
    public static IReadOnlyList<Setting> Full { get; } =
    [
        .. from eps in AllEps
           from beta1 in AllBeta1
           from beta2 in AllBeta2
           select new Setting(eps, beta1, beta2),
    ];

    /// <summary>The rule with these values.</summary>
    public Adam Rule(float learningRate) => new() { Lr = learningRate, Eps = Eps, Beta1 = Beta1, Beta2 = Beta2 };

    /// <summary>For people: what is not as in <see cref="Default"/>.</summary>
    public string Difference
    {
        get
        {
            string[] parts = ToString().Split(", "), defaults = Default.ToString().Split(", ");
            string[] others = [.. parts.Where((part, i) => part != defaults[i])];
            return others.Length == 0 ? "default" : string.Join(", ", others);
        }
    }

    /// <summary>For people.</summary>
    public override string ToString() => FormattableString.Invariant($"eps {Eps:0e0}, beta1 {Beta1}, beta2 {Beta2}");
}
