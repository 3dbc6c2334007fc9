using Requant.Generator.Emit.Ilgpu;
using Requant.Generator.Emit.Rule;
using Requant.Generator.Emit.Scalar;
using Requant.Generator.Emit.Shared;
using Requant.Generator.Emit.Simd;
using Requant.Generator.Emit.Torch;
using Requant.Generator.Plan;
using Requant.Generator.Support;

namespace Requant.Generator.Emit;

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
        SourceFile[] torch = plan.Rule.Torch is { } declared ? [TorchEmitter.Emit(plan.Rule, declared)] : [];
        return new[]
        {
            new SourceFile(HintName.Of(plan.Rule, "Rule"), rule),
            new SourceFile(HintName.Of(plan.Rule, "Scalar"), scalar),
            new SourceFile(HintName.Of(plan.Rule, "Simd"), simd),
            new SourceFile(HintName.Of(plan.Rule, "Ilgpu"), ilgpu),
            new SourceFile(HintName.Of(plan.Rule, "Listing"), listing),
        }.Concat(torch).ToEquatableArray();
    }
}
