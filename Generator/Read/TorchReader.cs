using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Requant.Generator.Diagnostics;
using Requant.Generator.Ir;
using Requant.Generator.Support;

namespace Requant.Generator.Read;

/// <summary>Reads what the TorchSharp optimizer of a rule is to look like.</summary>
internal static class TorchReader
{
    private const string OptimizerType = "Requant.Torch.TorchOptimizer`1";
    private const string Attribute = "Requant.TorchOptimizerAttribute";
    private const string Suffix = "8bit";

    /// <summary>Names that constructors have beside those of hyperparameters.</summary>
    private static readonly string[] Reserved = ["parameters", "options", "maximize"];

    private static readonly Regex Argument = new(
        @"^\s*([a-z]\w*)\s*(?:=\s*(\w+)\s*)?(?:(!)|:\s*(\S+)\s*)?$", RegexOptions.CultureInvariant);

    private static readonly Regex WordStart = new("(?<=[a-z0-9])([A-Z])", RegexOptions.CultureInvariant);

    /// <summary>The class to be made of a rule; null where the project does not reference Requant.Torch, or has such a
    /// class. An attribute is checked in any project.</summary>
    /// <param name="compilation">The project.</param>
    /// <param name="method">The rule.</param>
    /// <param name="rule">Its declaration.</param>
    /// <param name="space">The class's namespace.</param>
    /// <param name="diagnostics">Takes what is wrong with the attribute.</param>
    public static TorchDeclaration? Read(
        Compilation compilation, IMethodSymbol method, RuleDeclaration rule, string space,
        List<DiagnosticInfo> diagnostics)
    {
        AttributeData? attribute = method.GetAttributes()
            .FirstOrDefault(one => one.AttributeClass?.ToDisplayString() == Attribute);
        bool isMade = compilation.GetTypeByMetadataName(OptimizerType) is not null;
        if (!isMade && attribute is null)
        {
            return null;
        }

        string? problem = null;
        TorchArgument[] arguments = Arguments(attribute, rule.Hyperparameters, ref problem);
        int[] order = GroupOrder(attribute, arguments, ref problem);
        string name = Named(attribute, "Name").Value as string ?? rule.TypeName + Suffix;
        if (!SyntaxFacts.IsValidIdentifier(name))
        {
            problem ??= $"'{name}' is no name of a class";
        }

        if (problem is not null)
        {
            Location place = attribute?.ApplicationSyntaxReference is { } reference
                ? Location.Create(reference.SyntaxTree, reference.Span) : method.Locations[0];
            diagnostics.Add(DiagnosticInfo.Create(Catalog.TorchArguments, place, rule.TypeName, problem));
            return null;
        }

        return !isMade || IsTaken(compilation, space.Length == 0 ? name : $"{space}.{name}")
            ? null
            : new TorchDeclaration(
                name, space, Named(attribute, "Replaces").Value as string ?? "",
                Named(attribute, "Remarks").Value as string ?? "",
                arguments.ToEquatableArray(), order.ToEquatableArray());
    }

    private static bool IsTaken(Compilation compilation, string name) =>
        compilation.Assembly.GetTypeByMetadataName(name) is { } type
        && !type.DeclaringSyntaxReferences.All(reference =>
            reference.GetSyntax() is ClassDeclarationSyntax declared
            && declared.Modifiers.Any(SyntaxKind.PartialKeyword));

    private static TorchArgument[] Arguments(
        AttributeData? attribute, EquatableArray<HyperparameterModel> hyperparameters, ref string? problem)
    {
        TypedConstant given = attribute?.ConstructorArguments.FirstOrDefault() ?? default;
        string[] texts = given.Kind == TypedConstantKind.Array && !given.IsNull
            ? [.. given.Values.Select(value => value.Value as string ?? "")]
            : [];
        if (texts.Length == 0)
        {
            texts = [.. hyperparameters.Select(one => $"{Snake(one.Name)} = {one.Name}")];
        }

        var arguments = new List<TorchArgument>();
        foreach (string text in texts)
        {
            Match match = Argument.Match(text);
            string name = match.Groups[1].Value;
            string meant = match.Groups[2].Success ? match.Groups[2].Value : Camel(name);
            int index = hyperparameters.Select(one => one.Name).ToList().IndexOf(meant);
            bool isRequired = match.Groups[3].Success;
            if (!match.Success || index < 0 || arguments.Any(one => one.Hyperparameter == index || one.Name == name))
            {
                problem ??= !match.Success ? $"'{text}' is not of the form 'name = hyperparameter : default'"
                    : index < 0 ? $"'{text}' names no hyperparameter '{meant}'" : $"'{text}' is there twice";
                continue;
            }

            string defaultText = isRequired ? "" : Default(hyperparameters[index], match.Groups[4], ref problem);
            arguments.Add(new TorchArgument(Reserved.Contains(name) ? name + "_" : name, index, defaultText));
        }

        if (arguments.Count < hyperparameters.Count)
        {
            problem ??= "hyperparameters are missing: " + string.Join(", ", hyperparameters
                .Where((_, index) => !arguments.Any(one => one.Hyperparameter == index)).Select(one => one.Name));
        }

        // C# wants arguments without a default first.
        return [.. arguments.Where(one => one.Default.Length == 0), .. arguments.Where(one => one.Default.Length > 0)];
    }

    private static string Default(HyperparameterModel hyperparameter, Group given, ref string? problem)
    {
        if (!given.Success)
        {
            return hyperparameter.Type switch
            {
                IrType.Bool => Literals.Bool(hyperparameter.DefaultValue != 0),
                IrType.Int => Literals.Int((int)hyperparameter.DefaultValue),
                _ => Double(hyperparameter.DefaultValue),
            };
        }

        bool isValue = hyperparameter.Type == IrType.Bool ? given.Value is "true" or "false"
            : double.TryParse(given.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                && hyperparameter.Range.Contains(value);
        if (!isValue)
        {
            problem ??= $"'{given.Value}' is no value of hyperparameter '{hyperparameter.Name}'";
        }

        return given.Value;
    }

    /// <summary>0.001 for 0.001f: the shortest text that gives the same float32.</summary>
    private static string Double(double value) => float.IsInfinity((float)value)
        ? value > 0 ? "double.PositiveInfinity" : "double.NegativeInfinity"
        : Literals.Float((float)value).TrimEnd('f');

    private static int[] GroupOrder(AttributeData? attribute, TorchArgument[] arguments, ref string? problem)
    {
        TypedConstant given = Named(attribute, "GroupOrder");
        if (given.Kind != TypedConstantKind.Array || given.IsNull)
        {
            return [.. Enumerable.Range(0, arguments.Length)];
        }

        int[] order = [.. given.Values.Select(
            value => Array.FindIndex(arguments, argument => argument.Name == value.Value as string))];
        if (order.Length != arguments.Length || order.Contains(-1) || order.Distinct().Count() < order.Length)
        {
            problem ??= "GroupOrder must name each of " + string.Join(", ", arguments.Select(one => one.Name))
                + " once";
        }

        return order;
    }

    private static TypedConstant Named(AttributeData? attribute, string key) =>
        attribute?.NamedArguments.FirstOrDefault(argument => argument.Key == key).Value ?? default;

    private static string Snake(string name) => WordStart.Replace(name, "_$1").ToLowerInvariant();

    private static string Camel(string name)
    {
        string[] words = name.Split('_');
        return words[0] + string.Concat(words.Skip(1).Select(Names.Pascal));
    }
}
