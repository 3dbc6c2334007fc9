namespace Requant.Generator.Ir;

/// <summary>Names of reductions: <c>Sum</c>, <c>Norm</c> or <c>Max</c>, and what it is taken over before that.</summary>
internal static class ReductionKind
{
    private const string Row = "Row";
    private const string Column = "Column";

    /// <summary>What the result is the same for.</summary>
    public static Level LevelOf(string name) => name.StartsWith(Row, StringComparison.Ordinal) ? Level.Row
        : name.StartsWith(Column, StringComparison.Ordinal) ? Level.Column : Level.Uniform;

    /// <summary>What is computed.</summary>
    public static string FunctionOf(string name) => name.Substring(PrefixOf(name).Length);

    /// <summary>The same over another function.</summary>
    public static string With(string name, string function) => PrefixOf(name) + function;

    private static string PrefixOf(string name) => LevelOf(name) switch
    {
        Level.Row => Row,
        Level.Column => Column,
        _ => "",
    };
}
