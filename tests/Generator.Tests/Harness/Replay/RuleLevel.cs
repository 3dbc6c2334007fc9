namespace Requant.Generator.Tests.Harness.Replay;

/// <summary>For which elements a value is the same, as docs/write-a-rule.md says it. What is computed of two values
/// has the bits of both.</summary>
[Flags]
internal enum RuleLevel
{
    /// <summary>For all.</summary>
    Uniform = 0,

    /// <summary>For those of a row.</summary>
    Row = 1,

    /// <summary>For those of a column.</summary>
    Column = 2,

    /// <summary>For none.</summary>
    Element = Row | Column,
}

/// <summary>An expression of a rule.</summary>
/// <param name="Code">Its text.</param>
/// <param name="Level">Where its value differs.</param>
/// <param name="Value">The same for expressions that are one value: a variable and what was assigned to it.</param>
/// <param name="IsConstant">Whether the compiler knows the value.</param>
internal readonly record struct RuleExpression(string Code, RuleLevel Level, int Value, bool IsConstant = false);
