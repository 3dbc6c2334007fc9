namespace Requant.Bench.Gpu.Rules;

/// <summary>A rule on one kind of elements and states.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Types">Its elements.</param>
/// <param name="IsQuantized">Whether states are stored by their codecs; otherwise all are float32.</param>
internal sealed record RuleCase(GpuRule Rule, ElementPair Types, bool IsQuantized)
{
    /// <summary>As it is named in tables.</summary>
    public string States => StatesName(IsQuantized);

    /// <summary>Its kernels with the rule's hyperparameters.</summary>
    /// <param name="architecture">As in <c>sm_90</c>.</param>
    public IEnumerable<RuleKernel> Kernels(string architecture) => Rule.Kernels(Types, IsQuantized, architecture);

    /// <inheritdoc/>
    public override string ToString() => $"{Rule.Name} {Types} {States}";

    /// <summary>What states are called in tables.</summary>
    public static string StatesName(bool isQuantized) => isQuantized ? "8-bit" : "float32";
}
