using System.Collections.Immutable;
using System.Reflection;
using Microsoft.CodeAnalysis;

namespace Requant.Generator.Diagnostics;

/// <summary>Every diagnostic. REQ0xxx: declaration; REQ1xxx: C# that a rule cannot use; REQ2xxx: states and codecs;
/// REQ3xxx: limits of phases and backends; REQ9xxx: a fault of the generator. Each has a page in
/// docs/diagnostics.</summary>
internal static class Catalog
{
    /// <summary>The repository's address (RequantRepositoryUrl in Directory.Build.props), or null.</summary>
    private static readonly string? Repository = typeof(Catalog).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().SingleOrDefault(data => data.Key == "RepositoryUrl")?.Value;

    public static readonly DiagnosticDescriptor NotStatic = Error("REQ0001", "A rule is a static method",
        "Rule '{0}' must be a static, non-generic method of a static, non-generic class that is not nested in a "
        + "generic one; {1}");

    public static readonly DiagnosticDescriptor NotVoid = Error("REQ0002", "A rule returns nothing",
        "Rule '{0}' returns '{1}'; declare it void and assign the new parameter and states");

    public static readonly DiagnosticDescriptor FirstParameter = Error("REQ0003", "The first parameter is the element",
        "The first parameter of rule '{0}' must be 'ref float', the parameter's element that the rule updates");

    public static readonly DiagnosticDescriptor SecondParameter = Error(
        "REQ0004", "The second parameter is the gradient",
        "The second parameter of rule '{0}' must be 'float', the element's gradient, without a default value");

    public static readonly DiagnosticDescriptor UnknownParameter = Error(
        "REQ0005", "A parameter has no meaning in a rule",
        "Parameter '{0}' of type '{1}' has no meaning in a rule; {2}");

    public static readonly DiagnosticDescriptor NoDefault = Error("REQ0006", "A hyperparameter needs a default value",
        "Parameter '{0}' needs a default value to be a hyperparameter, as in '{1} {0} = {2}'; a rule has one gradient, "
        + "its second parameter");

    public static readonly DiagnosticDescriptor MemberClash = Error("REQ0007", "A hyperparameter's property clashes",
        "Hyperparameter '{0}' would become property '{1}', which {2}; rename the hyperparameter");

    public static readonly DiagnosticDescriptor NoBody = Error("REQ0008", "A rule has a body of its own",
        "Rule '{0}' must have a plain body: not partial, extern, async or an iterator");

    public static readonly DiagnosticDescriptor BadName = Error(
        "REQ0009", "The generated type's name is not an identifier",
        "'{0}' cannot name the generated type; use a C# identifier that is neither a keyword nor a name "
        + "that rules use");

    public static readonly DiagnosticDescriptor TypeClash = Error("REQ0010", "The generated type's name is taken",
        "Rule '{0}' would generate type '{1}', but there is '{2}' already; set Name in [OptimizerRule(Name = \"…\")]");

    public static readonly DiagnosticDescriptor TwoKindsOfState = Error("REQ0011", "A parameter is two kinds of state",
        "Parameter '{0}' is marked {1}; one value is kept for each element, tensor, row or column: leave one of them");

    public static readonly DiagnosticDescriptor UnusedHyperparameter = Warning(
        "REQ0013", "A hyperparameter is never used",
        "Hyperparameter '{0}' has no effect on what rule '{1}' computes; use or remove it");

    public static readonly DiagnosticDescriptor OldLanguage = Error("REQ0014", "The project's C# is too old",
        "Generated code needs C# {1}, and this project is compiled as C# {0}; remove <LangVersion> from the project, "
        + "or set it to {1} or later");

    public static readonly DiagnosticDescriptor MissingReference = Error("REQ0015", "The project lacks a reference",
        "Generated code uses assembly '{0}', which this project does not reference; add a reference to package '{1}', "
        + "its compile-time assets included");

    public static readonly DiagnosticDescriptor Range = Error("REQ0016", "A range that does not fit its hyperparameter",
        "Parameter '{0}' {1}");

    public static readonly DiagnosticDescriptor TorchArguments = Error(
        "REQ0017", "Arguments that a TorchSharp optimizer cannot have",
        "The TorchSharp optimizer of rule '{0}' cannot be made: {1}");

    public static readonly DiagnosticDescriptor Statement = Error("REQ1001", "A statement that a rule cannot use",
        "{0} cannot be used in a rule; {1}");

    public static readonly DiagnosticDescriptor Expression = Error("REQ1002", "An expression that a rule cannot use",
        "{0} cannot be used in a rule; {1}");

    public static readonly DiagnosticDescriptor Type = Error("REQ1003", "A type that a rule cannot use",
        "A value of type '{0}' cannot be used in a rule, which computes in float, int and bool, and in double where a "
        + "value is the same for all elements; {1}");

    public static readonly DiagnosticDescriptor UnknownCall = Error("REQ1004", "A call that a rule cannot make",
        "'{0}' cannot be called in a rule; {1}");

    public static readonly DiagnosticDescriptor PerElement = Error("REQ1005", "Not available for every element",
        "{0} of values that differ from element to element cannot be used in a rule; {1}");

    public static readonly DiagnosticDescriptor Recursion = Error("REQ1006", "A rule cannot recurse",
        "'{0}' calls itself; helper methods are inlined and must end");

    public static readonly DiagnosticDescriptor Loop = Error("REQ1007", "A rule cannot loop",
        "A loop cannot be used in a rule, which is the update of one element; combine elements with Reduce, and write "
        + "repetitions out");

    public static readonly DiagnosticDescriptor Field = Error("REQ1008", "A rule cannot read a field or property",
        "'{0}' is not a constant; make it 'const', or pass it as a hyperparameter");

    public static readonly DiagnosticDescriptor Assignment = Error(
        "REQ1009", "Only locals, the element and states can be assigned",
        "'{0}' cannot be assigned in a rule; assign a local variable instead");

    public static readonly DiagnosticDescriptor Switch = Error("REQ1011", "A rule cannot switch",
        "A 'switch' cannot be used in a rule; use 'if'/'else' or '?:'");

    public static readonly DiagnosticDescriptor Lambda = Error("REQ1012", "A rule has no functions of its own",
        "A lambda, delegate or local function cannot be used in a rule; write a static method beside it and call that");

    public static readonly DiagnosticDescriptor Async = Error("REQ1013", "A rule cannot wait",
        "'{0}' is async, and a rule is computed without waiting; await before the step and pass the result as a "
        + "hyperparameter");

    public static readonly DiagnosticDescriptor Exceptions = Error("REQ1014", "A rule cannot fail",
        "{0} cannot be used in a rule, which has a result for every element; choose a value with '?:', or check "
        + "hyperparameters before the step");

    public static readonly DiagnosticDescriptor Array = Error("REQ1015", "A rule has no arrays",
        "An array, span or index cannot be used in a rule; use a local variable for each value, and [State] for "
        + "what is kept");

    public static readonly DiagnosticDescriptor Pattern = Error("REQ1016", "A rule cannot match patterns",
        "A pattern cannot be used in a rule; write comparisons with && and ||");

    public static readonly DiagnosticDescriptor Jump = Error("REQ1017", "A rule cannot jump",
        "'goto' and labels cannot be used in a rule; use 'if'/'else' and 'return'");

    public static readonly DiagnosticDescriptor Tuple = Error("REQ1018", "A rule has no tuples",
        "A tuple or deconstruction cannot be used in a rule; assign one variable at a time");

    public static readonly DiagnosticDescriptor ConstantPower = Warning(
        "REQ1019", "A power with a constant exponent for every element",
        "MathF.Pow with the constant exponent {0} runs for every element; {1} is faster and exact");

    public static readonly DiagnosticDescriptor PerElementDouble = Error(
        "REQ1020", "A double for every element",
        "A value that differs from element to element is a float, and this is a double; cast what is the same for all "
        + "elements to float, as in (float)x, before it meets an element");

    public static readonly DiagnosticDescriptor ShapeDivision = Warning(
        "REQ1021", "Sides of a shape divided as integers",
        "This division of integers drops what is behind the point; write (float){0} / {1}, or cast its result to say "
        + "that this is meant");

    public static readonly DiagnosticDescriptor StateNotRefFloat = Error("REQ2001", "A state is a 'ref float'",
        "State '{0}' must be declared 'ref float', so that the rule can read the old value and assign the new one");

    public static readonly DiagnosticDescriptor BlockSize = Error("REQ2002", "A block size outside the range",
        "Block size {0} of rule '{1}' must be a multiple of 16 from 16 to 4096; 256 is the usual one");

    public static readonly DiagnosticDescriptor TooManyStates = Error("REQ2003", "Too many states",
        "Rule '{0}' has {1} {2}; 4 is the most");

    public static readonly DiagnosticDescriptor OwnBlockSize = Error("REQ2004", "A state with a block size of its own",
        "State '{0}' cannot have a block size of its own, for a rule has one for all states; "
        + "write [OptimizerRule(BlockSize = {1})] above the method");

    public static readonly DiagnosticDescriptor UnknownCodec = Error(
        "REQ2005", "A codec or rounding that does not exist",
        "State '{0}' names a {1} that does not exist, '{2}'; use one of {3}");

    public static readonly DiagnosticDescriptor NegativeUnsigned = Error(
        "REQ2006", "A negative value for a codec without a sign",
        "State '{0}' is stored by {1}, which has no negative values, and {2} would be stored as 0; "
        + "use a signed codec such as Codec.Dynamic");

    public static readonly DiagnosticDescriptor StateNeverRead = Warning("REQ2007", "A state is never read",
        "The old value of state '{0}' has no effect on the parameter; use it, or make '{0}' a local variable and "
        + "save its memory");

    public static readonly DiagnosticDescriptor TensorStatePerElement = Error(
        "REQ2008", "A tensor state gets a value of each element",
        "Tensor state '{0}' is one value for the whole tensor, and this differs from element to element; "
        + "reduce it with Reduce, or use [State]");

    public static readonly DiagnosticDescriptor TensorStateInitial = Error(
        "REQ2009", "A state begins with a number",
        "The initial value {0} of state '{1}' is not finite; give a finite one");

    public static readonly DiagnosticDescriptor LineStatePerElement = Error(
        "REQ2010", "A row or column state gets a value that differs along it",
        "{0} state '{1}' is one value for each {2}, and this differs from {3} to {3}; reduce it with Reduce.{0}Mean, "
        + "{0}Max or the like, or use {4}");

    public static readonly DiagnosticDescriptor ReduceInCondition = Error(
        "REQ3001", "A reduction inside a condition on elements",
        "'{0}' runs over all elements and cannot stand in a branch that only some take; compute it before the 'if'");

    public static readonly DiagnosticDescriptor MatrixSteps = Error(
        "REQ3002", "Steps that differ from element to element",
        "The number of steps of Matrix.Orthogonalize is one for the whole matrix, and this differs from element to "
        + "element; pass a constant or an int hyperparameter");

    public static readonly DiagnosticDescriptor Internal = Error("REQ9001", "A fault of the generator",
        "Requant's generator failed on rule '{0}': {1}; please report it with the rule");

    public static readonly ImmutableArray<DiagnosticDescriptor> All =
        typeof(Catalog).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => field.GetValue(null)).OfType<DiagnosticDescriptor>()
            .OrderBy(descriptor => descriptor.Id, StringComparer.Ordinal).ToImmutableArray();

    /// <summary>Faults of a project, found at each of its rules and reported at the first.</summary>
    public static readonly ImmutableHashSet<string> OfProject = ImmutableHashSet.Create(
        OldLanguage.Id, MissingReference.Id);

    public static readonly ImmutableDictionary<string, DiagnosticDescriptor> ById =
        All.ToImmutableDictionary(descriptor => descriptor.Id);

    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        Create(id, title, message, DiagnosticSeverity.Error);

    private static DiagnosticDescriptor Warning(string id, string title, string message) =>
        Create(id, title, message, DiagnosticSeverity.Warning);

    private static DiagnosticDescriptor Create(string id, string title, string message, DiagnosticSeverity severity) =>
        new(
            id, title, message, "Requant", severity, isEnabledByDefault: true,
            helpLinkUri: Repository is null ? null : $"{Repository}/blob/main/docs/diagnostics/{id}.md");
}
