using Requant.Generator.Lower;

namespace Requant.Generator.Emit.Shared;

/// <summary>Where a rule's kernels are: beside the rule's namespace in one that holds nothing else, in a class of the
/// rule's name.</summary>
internal static class KernelPlace
{
    private const string Namespace = "RequantKernels";

    public static string NamespaceOf(RuleModel rule) =>
        rule.Namespace.Length == 0 ? Namespace : $"{rule.Namespace}.{Namespace}";

    public static string ClassOf(RuleModel rule) => rule.TypeName + "Kernels";

    /// <summary>The class as code anywhere names it.</summary>
    public static string FullNameOf(RuleModel rule) => $"global::{NamespaceOf(rule)}.{ClassOf(rule)}";
}
