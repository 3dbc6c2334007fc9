using Requant.CompilerServices;

namespace Requant.Bench.Gpu.Rules;

/// <summary>A rule on one kind of elements and states.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Types">Its elements.</param>
/// <param name="Format">How its states are stored and rounded.</param>
internal sealed record RuleCase(GpuRule Rule, ElementPair Types, StateFormat Format)
{
    /// <summary>States of the paper's codecs.</summary>
    public static readonly StateFormat Dynamic = new(StateCodecs.Dynamic, StateRounding.Nearest);

    /// <summary>States whose codes are cut from floats.</summary>
    public static readonly StateFormat MiniFloat = new(StateCodecs.MiniFloat, StateRounding.Nearest);

    /// <summary>As it is named in tables.</summary>
    public string States => StatesName(Format);

    /// <summary>Its kernels with the rule's hyperparameters.</summary>
    /// <param name="architecture">As in <c>sm_90</c>.</param>
    public IEnumerable<RuleKernel> Kernels(string architecture) => Rule.Kernels(Types, Format, architecture);

    /// <inheritdoc/>
    public override string ToString() => $"{Rule.Name} {Types} {States}";

    /// <summary>What states are called in tables.</summary>
    public static string StatesName(StateFormat format) => format.Codecs.ToString().ToLowerInvariant()
        + (format.Rounding == StateRounding.Stochastic ? " stochastic" : "");
}
