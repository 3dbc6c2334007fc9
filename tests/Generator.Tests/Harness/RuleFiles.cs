namespace Requant.Generator.Tests.Harness;

/// <summary>The rules that have goldens: one compilation of all of them, run once.</summary>
internal static class RuleFiles
{
    private static readonly Lazy<GeneratorRun> LazyRun = new(() =>
        GeneratorRun.Of(Sources));

    private static readonly string[] Shipped =
    [
        "AdEMAMix", "Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Came", "Lamb", "Lars", "Lion",
        "Momentum", "Muon", "NAdam", "RMSProp", "SgdW", "Signum", "Sm3",
    ];

    /// <summary>Rules whose emitted code has goldens too: states that not every variant uses; phases with reductions;
    /// branches without states. The others have the same shapes.</summary>
    public static IReadOnlyList<string> NamesWithCode { get; } = ["AdamW", "Lamb", "Branches"];

    private static readonly string[] Small =
    [
        "Branches", "Functions", "Helpers", "Hyperparameters", "Logic", "Reductions", "Rounded", "Swap",
    ];

    public static IReadOnlyList<string> Names { get; } = [.. Shipped, .. Small];

    public static GeneratorRun Run => LazyRun.Value;

    public static IEnumerable<(string Path, string Text)> Sources =>
        Names.Select(name => (PathOf(name), Repository.Rule(name)));

    public static string PathOf(string name) => name + ".cs";

    public static string NamespaceOf(string name) => Shipped.Contains(name) ? "Requant.Optimizers" : "Small";
}
