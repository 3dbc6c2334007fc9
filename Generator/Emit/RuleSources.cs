using Requant.Generator.Analyze;
using Requant.Generator.Emit.Ilgpu;
using Requant.Generator.Emit.Rule;
using Requant.Generator.Emit.Scalar;
using Requant.Generator.Emit.Simd;
using Requant.Generator.Support;

namespace Requant.Generator.Emit;

/// <summary>A generated file.</summary>
internal sealed record SourceFile(string HintName, string Text);

/// <summary>All files of one rule.</summary>
internal static class RuleSources
{
    public static EquatableArray<SourceFile> Emit(KernelPlan plan)
    {
        string scalar = ScalarEmitter.Emit(plan);
        string simd = SimdEmitter.Emit(plan);
        string ilgpu = IlgpuEmitter.Emit(plan);
        string rule = RuleEmitter.Emit(plan);
        string listing = ListingEmitter.Emit(plan,
            [("ir", ListingEmitter.Ir(plan)), ("rule", rule), ("scalar", scalar), ("simd", simd), ("ilgpu", ilgpu)]);
        string name = (plan.Rule.Namespace.Length == 0 ? "" : plan.Rule.Namespace.Replace("@", "") + ".") + plan.Rule.TypeName;
        return new[]
        {
            new SourceFile(name + ".Rule.g.cs", rule),
            new SourceFile(name + ".Scalar.g.cs", scalar),
            new SourceFile(name + ".Simd.g.cs", simd),
            new SourceFile(name + ".Ilgpu.g.cs", ilgpu),
            new SourceFile(name + ".Listing.g.cs", listing),
        }.ToEquatableArray();
    }
}
