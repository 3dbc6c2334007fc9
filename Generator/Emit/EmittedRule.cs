using Requant.Generator.Emit.Shared;
using Requant.Generator.Lower;
using Requant.Generator.Plan;
using Requant.Generator.Support;

namespace Requant.Generator.Emit;

/// <summary>The files of one rule, or the fault that kept the generator from writing them.</summary>
internal sealed record EmittedRule(string RuleName, EquatableArray<SourceFile> Files, string? Fault)
{
    public static EmittedRule From(RuleModel rule)
    {
        try
        {
            return new EmittedRule(rule.TypeName, RuleSources.Emit(Planner.Plan(rule)), null);
        }
        catch (Exception exception)
        {
            return new EmittedRule(rule.TypeName, default, $"{exception.GetType().Name}: {exception.Message}");
        }
    }
}
