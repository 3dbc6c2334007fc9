using Requant.Generator.Ir;
using Requant.Generator.Plan;
using Requant.Generator.Support;
using Scriban.Runtime;

namespace Requant.Generator.Emit.Shared;

/// <summary>What every generated file begins with.</summary>
internal static class FileText
{
    /// <summary>This generator's, without what marks a pre-release.</summary>
    public static readonly string Version = typeof(FileText).Assembly.GetName().Version.ToString(3);

    /// <summary>The runtime's number for what generated code uses of it:
    /// Requant.CompilerServices.GeneratedCode.Contract.</summary>
    public const int Contract = 2;

    /// <summary>Warnings about what the rule's author chose: cref of an overloaded or file-local method, no
    /// documentation, a value compared with itself, a type's name in lower case. Then, where the assembly claims to be
    /// CLS-compliant, that kernels take the runtime's types, which are not. Kernels are public for devices' sake alone,
    /// and none of a project's own API (RS0016).</summary>
    public const string DisabledWarnings = "CS0419, CS1574, CS1591, CS1718, CS8981, CS3001, CS3024";

    public static ScriptObject Model(KernelPlan plan, KernelNames names) => new()
    {
        ["name"] = plan.Rule.TypeName,
        ["kernel_namespace"] = KernelPlace.NamespaceOf(plan.Rule),
        ["kernel_class"] = KernelPlace.ClassOf(plan.Rule),
        ["namespace"] = plan.Rule.Namespace,
        ["version"] = Version,
        ["warnings"] = DisabledWarnings,
        ["source"] = new ScriptArray(plan.Rule.Source.Split('\n').Select((text, line) => text.Marked(line + 1))),
        ["parameter_name"] = names.Parameter.Marked(LineOf(plan, OpCode.Parameter)),
        ["gradient_name"] = names.Gradient.Marked(LineOf(plan, OpCode.Gradient)),
        ["generic"] = names.Generic,
        ["codecs"] = new ScriptArray(names.Codecs),
    };

    /// <summary>The line that an input is declared on; 0 where the rule does not use it.</summary>
    public static int LineOf(KernelPlan plan, OpCode input, int index = 0) => plan.Rule.Body.Ops
        .FirstOrDefault(op => op.Code == input && op.Index == index)?.Line ?? 0;
}
