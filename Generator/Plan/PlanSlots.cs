using Requant.Generator.Ir;
using Requant.Generator.Lower;

namespace Requant.Generator.Plan;

/// <summary>The values that kernels take from elsewhere: the host's, and those of rows and columns.</summary>
internal sealed class PlanSlots(RuleModel rule, LevelAnalysis levels)
{
    public UniformSlots Uniforms { get; } = new(rule, levels);

    public LineSlots Rows { get; } = new(rule, levels, Level.Row);

    public LineSlots Columns { get; } = new(rule, levels, Level.Column);

    public LineSlots Of(Level level) => level == Level.Row ? Rows : Columns;
}
