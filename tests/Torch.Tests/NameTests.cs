using System.Reflection;
using Requant.Optimizers;
using TorchSharp.Modules;

namespace Requant.Torch.Tests;

/// <summary>Names of ours that a file with TorchSharp's usings cannot use without saying which it means;
/// documentation lists them.</summary>
public sealed class NameTests
{
    private static readonly HashSet<string> Theirs =
        [
            .. NamesIn(typeof(Parameter).Assembly, "TorchSharp.Modules"),
            .. NamesIn(typeof(Parameter).Assembly, "TorchSharp"),
        ];

    [Fact]
    public void Names_OfTheRuntime_AreOursButForTwo() =>
        Assert.Equal(["BFloat16", "OptimizerOptions"], Shared(typeof(OptimizerOptions).Assembly, "Requant"));

    [Fact]
    public void Names_OfTheDropIns_AreOurs() => Assert.Empty(Shared(typeof(Adam8bit).Assembly, "Requant.Torch"));

    [Fact]
    public void Names_OfRules_AreTheAlgorithms() => Assert.Equal(
        ["Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "NAdam", "RMSProp"],
        Shared(typeof(Lion).Assembly, "Requant.Optimizers"));

    private static IEnumerable<string> Shared(Assembly assembly, string space) =>
        NamesIn(assembly, space).Where(Theirs.Contains).Order(StringComparer.Ordinal);

    private static IEnumerable<string> NamesIn(Assembly assembly, string space) =>
        assembly.GetExportedTypes().Where(type => type.Namespace == space && !type.IsNested).Select(type => type.Name)
            .Distinct();
}
