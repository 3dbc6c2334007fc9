using Microsoft.CodeAnalysis;
using Requant.Generator.Diagnostics;
using Requant.Generator.Ir;
using Requant.Generator.Support;

namespace Requant.Generator.Read;

/// <summary>Reads a rule's parameter list and reports every parameter that has no meaning.</summary>
internal sealed class SignatureParser(IMethodSymbol method, string typeName, List<DiagnosticInfo> diagnostics)
{
    private const int MaxStates = 4;

    // What an attribute that does not compile is taken to say; the compiler reports it.
    private const string DefaultCodec = "Dynamic";
    private const string DefaultRounding = "Nearest";

    private static readonly string[] StateKinds = ["State", "TensorState", "RowState", "ColumnState"];

    private readonly Dictionary<string, string> _descriptions = Documentation.OfParameters(method);

    public RuleSignature? Parse()
    {
        int before = diagnostics.Count;
        if (method.Parameters.Length < 1 || !IsRefFloat(method.Parameters[0])
            || KindsOfState(method.Parameters[0]).Length > 0)
        {
            Report(Catalog.FirstParameter, Place(0), method.Name);
        }

        if (method.Parameters.Length < 2 || !IsGradient(method.Parameters[1]))
        {
            Report(Catalog.SecondParameter, Place(1), method.Name);
        }

        if (diagnostics.Count > before)
        {
            return null;
        }

        var signature = new RuleSignature(method, method.Parameters[0], method.Parameters[1]);
        foreach (IParameterSymbol parameter in method.Parameters.Skip(2))
        {
            ParseParameter(signature, parameter);
        }

        CheckStates(signature);
        CheckPropertyNames(signature);
        return diagnostics.Count > before ? null : signature;
    }

    private static bool IsRefFloat(IParameterSymbol parameter) =>
        parameter.RefKind == RefKind.Ref && parameter.Type.SpecialType == SpecialType.System_Single;

    private static bool IsGradient(IParameterSymbol parameter) =>
        parameter.RefKind == RefKind.None && parameter.Type.SpecialType == SpecialType.System_Single
        && !parameter.HasExplicitDefaultValue && parameter.GetAttributes().Length == 0;

    private static AttributeData? Attribute(IParameterSymbol parameter, string name) => parameter.GetAttributes()
        .FirstOrDefault(attribute => attribute.AttributeClass is { } type && type.Name == name
            && type.ContainingNamespace.ToDisplayString() == "Requant");

    private void ParseParameter(RuleSignature signature, IParameterSymbol parameter)
    {
        (string Kind, AttributeData Attribute)[] kinds = KindsOfState(parameter);
        if (RangeParser.Find(parameter) is not null && (parameter.RefKind != RefKind.None || parameter.Name == "step"))
        {
            Report(
                Catalog.Range, Place(parameter), parameter.Name,
                "is marked [Range], and only hyperparameters have one; remove the attribute");
        }

        if (kinds.Length > 1)
        {
            Report(
                Catalog.TwoKindsOfState, Place(parameter), parameter.Name,
                string.Join(" and ", kinds.Select(kind => $"[{kind.Kind}]")));
        }
        else if (kinds.Length == 1 && kinds[0].Kind == "State")
        {
            ParseState(signature, parameter, kinds[0].Attribute);
        }
        else if (kinds.Length == 1)
        {
            ParseScalarState(signature, parameter, kinds[0].Kind, kinds[0].Attribute);
        }
        else if (parameter is { Name: "step", RefKind: RefKind.None, HasExplicitDefaultValue: false,
            Type.SpecialType: SpecialType.System_Int32 })
        {
            signature.Step = parameter;
        }
        else if (parameter.Name == "step")
        {
            ReportUnknown(parameter, "declare 'int step' without a default value for the number of the update, "
                + "or rename the hyperparameter");
        }
        else if (parameter.RefKind != RefKind.None)
        {
            ReportUnknown(parameter, "mark a state with [State], or pass a hyperparameter by value");
        }
        else
        {
            ParseHyperparameter(signature, parameter);
        }
    }

    private static (string Kind, AttributeData Attribute)[] KindsOfState(IParameterSymbol parameter) =>
    [
        .. from kind in StateKinds
           let attribute = Attribute(parameter, kind + "Attribute")
           where attribute is not null
           select (kind, attribute),
    ];

    private void ParseState(RuleSignature signature, IParameterSymbol parameter, AttributeData attribute)
    {
        if (!IsRefFloat(parameter))
        {
            Report(Catalog.StateNotRefFloat, Place(parameter), parameter.Name);
            return;
        }

        string codec = ParseEnum(parameter, "codec", attribute.ConstructorArguments.FirstOrDefault(), DefaultCodec);
        string rounding = ParseEnum(
            parameter, "rounding",
            attribute.NamedArguments.FirstOrDefault(argument => argument.Key == "Rounding").Value, DefaultRounding);
        if (AttributeText.Argument(attribute, "BlockSize") is { } own)
        {
            Report(Catalog.OwnBlockSize, own.GetLocation(), parameter.Name, own.Expression.ToString());
        }

        signature.States.Add((parameter, new StateModel(parameter.Name, codec, rounding)));
    }

    /// <summary>The name of an enum's value; a cast number that has none is reported.</summary>
    private string ParseEnum(IParameterSymbol parameter, string what, TypedConstant constant, string absent)
    {
        IFieldSymbol[] fields = [.. constant.Type?.GetMembers().OfType<IFieldSymbol>() ?? []];
        string? name = fields.FirstOrDefault(field => Equals(field.ConstantValue, constant.Value))?.Name;
        if (name is null && fields.Length > 0)
        {
            Report(
                Catalog.UnknownCodec, Place(parameter), parameter.Name, what, $"{constant.Value}",
                string.Join(", ", fields.Select(field => field.Name)));
        }

        return name ?? absent;
    }

    private void ParseScalarState(
        RuleSignature signature, IParameterSymbol parameter, string kind, AttributeData attribute)
    {
        if (!IsRefFloat(parameter))
        {
            Report(Catalog.StateNotRefFloat, Place(parameter), parameter.Name);
            return;
        }

        float initial = attribute.ConstructorArguments.FirstOrDefault().Value as float? ?? 0f;
        if (float.IsNaN(initial) || float.IsInfinity(initial))
        {
            Report(Catalog.TensorStateInitial, Place(parameter), Literals.Float(initial), parameter.Name);
            return;
        }

        if (kind == "TensorState")
        {
            signature.TensorStates.Add((parameter, new TensorStateModel(parameter.Name, initial)));
            return;
        }

        signature.LineStates.Add((parameter, new LineStateModel(
            parameter.Name, initial, kind == "RowState" ? Level.Row : Level.Column)));
    }

    private void ParseHyperparameter(RuleSignature signature, IParameterSymbol parameter)
    {
        (IrType Type, string Example)? kind = parameter.Type.SpecialType switch
        {
            SpecialType.System_Single => (IrType.Float, "0.001f"),
            SpecialType.System_Double => (IrType.Double, "0.001"),
            SpecialType.System_Int32 => (IrType.Int, "1"),
            SpecialType.System_Boolean => (IrType.Bool, "false"),
            _ => null,
        };
        if (kind is null)
        {
            ReportUnknown(
                parameter, "a hyperparameter is float, double, int or bool, and a state is [State] ref float");
            return;
        }

        if (!parameter.HasExplicitDefaultValue)
        {
            Report(
                Catalog.NoDefault, Place(parameter), parameter.Name, parameter.Type.ToDisplayString(),
                kind.Value.Example);
            return;
        }

        double value = parameter.ExplicitDefaultValue switch
        {
            float number => (double)number,
            double number => number,
            int number => number,
            bool flag => flag ? 1 : 0,
            _ => 0,
        };
        RangeModel range = RangeParser.Read(parameter, kind.Value.Type, value, out string? problem);
        if (problem is not null)
        {
            Report(Catalog.Range, Place(parameter), parameter.Name, problem);
        }

        signature.Hyperparameters.Add((parameter, new HyperparameterModel(
            parameter.Name, kind.Value.Type, value, range,
            _descriptions.TryGetValue(parameter.Name, out string? description) ? description : "")));
    }

    private void CheckStates(RuleSignature signature)
    {
        CheckCount([.. signature.States.Select(state => state.Symbol)], "states");
        foreach (Level level in new[] { Level.Row, Level.Column })
        {
            CheckCount(
                [.. signature.LineStates.Where(state => state.Model.Level == level).Select(state => state.Symbol)],
                $"{level.ToString().ToLowerInvariant()} states");
        }
    }

    private void CheckCount(IParameterSymbol[] states, string kind)
    {
        if (states.Length > MaxStates)
        {
            Report(
                Catalog.TooManyStates, Place(states[MaxStates]), method.Name, Literals.Int(states.Length), kind);
        }
    }

    private void CheckPropertyNames(RuleSignature signature)
    {
        var taken = new Dictionary<string, string>
        {
            [typeName] = "is the name of the generated type",
            ["Equals"] = "every record has",
            ["GetHashCode"] = "every record has",
            ["ToString"] = "every record has",
            ["GetType"] = "every record has",
            ["MemberwiseClone"] = "every record has",
            ["Finalize"] = "every record has",
            ["ReferenceEquals"] = "every record has",
            ["EqualityContract"] = "every record has",
            ["PrintMembers"] = "every record has",
            ["Clone"] = "a record cannot have",
            ["Kernels"] = "holds the generated kernels",
        };
        foreach (string member in UsersMembers())
        {
            taken[member] = $"'{typeName}.{member}' in another part of the record is in the way of";
        }

        foreach ((IParameterSymbol symbol, HyperparameterModel model) in signature.Hyperparameters)
        {
            string property = model.PropertyName;
            if (taken.TryGetValue(property, out string? reason) || taken.TryGetValue(model.FieldName, out reason))
            {
                Report(Catalog.MemberClash, Place(symbol), model.Name, property, reason);
            }
            else
            {
                taken[property] = $"hyperparameter '{model.Name}' has already";
            }
        }
    }

    /// <summary>What a user's part of the generated record declares.</summary>
    private IEnumerable<string> UsersMembers() => method.ContainingNamespace.GetTypeMembers(typeName, 0)
        .Where(type => SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, method.ContainingAssembly)
            && DeclarationReader.IsPartialRecord(type))
        .SelectMany(type => type.GetMembers())
        .Where(member => !member.IsImplicitlyDeclared)
        .Select(member => member.Name);

    private void ReportUnknown(IParameterSymbol parameter, string fix) =>
        Report(Catalog.UnknownParameter, Place(parameter), parameter.Name, TypeText(parameter), fix);

    private static string TypeText(IParameterSymbol parameter) =>
        (parameter.RefKind == RefKind.None ? "" : parameter.RefKind.ToString().ToLowerInvariant() + " ")
        + parameter.Type.ToDisplayString();

    private static Location Place(IParameterSymbol parameter) => parameter.Locations[0];

    private Location Place(int parameter) =>
        parameter < method.Parameters.Length ? Place(method.Parameters[parameter]) : method.Locations[0];

    private void Report(DiagnosticDescriptor descriptor, Location location, params string[] arguments) =>
        diagnostics.Add(DiagnosticInfo.Create(descriptor, location, arguments));
}
