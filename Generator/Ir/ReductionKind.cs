namespace Requant.Generator.Ir;

/// <summary>Names of reductions: <c>Sum</c>, <c>Norm</c> or <c>Max</c>, and what it is taken over before
/// that.</summary>
internal static class ReductionKind
{
    private const string Row = "Row";
    private const string Column = "Column";
    private const string Element = "Element";

    /// <summary>What the result is the same for.</summary>
    public static Level LevelOf(string name) => name.StartsWith(Row, StringComparison.Ordinal) ? Level.Row
        : name.StartsWith(Column, StringComparison.Ordinal) ? Level.Column : Level.Uniform;

    /// <summary>Whether each element has a term, also where all of a row or a column are the same.</summary>
    public static bool IsOfElements(string name) => name.StartsWith(Element, StringComparison.Ordinal);

    /// <summary>The same function with a term of each element.</summary>
    public static string OfElements(string function) => Element + function;

    /// <summary>What is computed.</summary>
    public static string FunctionOf(string name) => name.Substring(PrefixOf(name).Length);

    /// <summary>The same over another function.</summary>
    public static string With(string name, string function) => PrefixOf(name) + function;

    private static string PrefixOf(string name) => LevelOf(name) switch
    {
        Level.Row => Row,
        Level.Column => Column,
        _ => IsOfElements(name) ? Element : "",
    };
}
