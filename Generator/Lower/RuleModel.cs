using Requant.Generator.Ir;
using Requant.Generator.Read;

namespace Requant.Generator.Lower;

/// <summary>A rule: its declaration, and what it computes.</summary>
internal sealed record RuleModel : RuleDeclaration
{
    public RuleModel(RuleDeclaration declaration, KernelIr body)
        : base(declaration) => Body = body;

    public KernelIr Body { get; init; }
}
