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
        (string Text, string Lines) scalar = LineMarks.Strip(ScalarEmitter.Emit(plan));
        (string Text, string Lines) simd = LineMarks.Strip(SimdEmitter.Emit(plan));
        (string Text, string Lines) ilgpu = LineMarks.Strip(IlgpuEmitter.Emit(plan));
        (string Text, string Lines) rule = LineMarks.Strip(RuleEmitter.Emit(plan));
        (string Text, string Lines) ir = LineMarks.Strip(ListingEmitter.Ir(plan));
        string listing = ListingEmitter.Emit(
            plan, [("ir", ir), ("rule", rule), ("scalar", scalar), ("simd", simd), ("ilgpu", ilgpu)]);
        SourceFile[] torch = plan.Rule.Torch is { } declared ? [TorchEmitter.Emit(plan.Rule, declared)] : [];
        return new[]
        {
            new SourceFile(HintName.Of(plan.Rule, "Rule"), rule.Text),
            new SourceFile(HintName.Of(plan.Rule, "Scalar"), scalar.Text),
            new SourceFile(HintName.Of(plan.Rule, "Simd"), simd.Text),
            new SourceFile(HintName.Of(plan.Rule, "Ilgpu"), ilgpu.Text),
            new SourceFile(HintName.Of(plan.Rule, "Listing"), listing),
        }.Concat(torch).ToEquatableArray();
    }
}
