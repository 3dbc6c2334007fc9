using Requant.Generator.Emit.Shared;
using Requant.Generator.Ir;
using Requant.Generator.Read;
using Requant.Generator.Support;
using Scriban.Runtime;

namespace Requant.Generator.Emit.Torch;

/// <summary>The TorchSharp optimizer of a rule: constructors, options and parameter groups.</summary>
internal static class TorchEmitter
{
    private const string LearningRate = "lr";
    private const string GroupList = "global::System.Collections.Generic.IEnumerable<ParamGroup>";

    /// <summary>What TorchSharp's optimizers take as parameters.</summary>
    private static readonly (string Type, string Summary)[] Parameters =
    [
        ("global::System.Collections.Generic.IEnumerable<global::TorchSharp.Modules.Parameter>", "one parameter group"),
        ("global::System.Collections.Generic.IEnumerable<(string name, "
            + "global::TorchSharp.Modules.Parameter parameter)>",
            "one group of named parameters"),
    ];

    public static SourceFile Emit(RuleDeclaration rule, TorchDeclaration torch)
    {
        string[] names = [.. rule.Hyperparameters.Select(one => one.Name)];
        ScriptObject[] arguments = [.. torch.Arguments.Select(argument => Argument(rule, argument))];
        string family = names.Contains("beta1") && names.Contains("beta2") ? "Betas"
            : torch.Arguments.Any(argument => argument.Name == "momentum") ? "Momentum" : "";
        var model = new ScriptObject
        {
            ["warnings"] = FileText.DisabledWarnings,
            ["version"] = FileText.Version,
            ["namespace"] = torch.Namespace,
            ["class"] = torch.ClassName,
            ["rule"] = $"global::{(rule.Namespace.Length == 0 ? "" : rule.Namespace + ".")}{rule.TypeName}",
            ["method"] = rule.MethodReference,
            ["replaces"] = torch.Replaces,
            ["remarks"] = torch.Remarks,
            ["example"] = string.Concat(torch.Arguments.Where(argument => argument.Default.Length == 0)
                .Select(argument =>
                    $", {argument.Name}: {(names[argument.Hyperparameter] == LearningRate ? "0.1" : "…")}")),
            ["base"] = family.Length == 0 ? "TorchOptimizer" : family + "Optimizer",
            ["group_base"] = family.Length == 0 ? "RuleParamGroup" : family + "ParamGroup",
            ["momentum"] = family == "Momentum"
                ? Literals.Text(names[torch.Arguments.First(argument => argument.Name == "momentum").Hyperparameter])
                : "",
            ["arguments"] = new ScriptArray(arguments),
            ["other_rate"] = torch.Arguments.FirstOrDefault(argument =>
                names[argument.Hyperparameter] == LearningRate && argument.Name != LearningRate) is { } rate
                ? Literals.Text(rate.Name)
                : "",
            ["values"] = Values(arguments, "name"),
            ["constructors"] = new ScriptArray(Constructors(arguments)),
            ["group_arguments"] = new ScriptArray(torch.GroupOrder.Select(index => arguments[index])),
            ["group_values"] = Values(arguments, "group_name"),
            ["parameter_types"] = new ScriptArray(Parameters.Select(one => one.Type)),
        };
        return new SourceFile(HintName.Of(torch.Namespace, torch.ClassName, "Torch"), Templates.Render("Torch", model));
    }

    private static ScriptObject Argument(RuleDeclaration rule, TorchArgument argument)
    {
        HyperparameterModel hyperparameter = rule.Hyperparameters[argument.Hyperparameter];
        bool isRate = hyperparameter.Name == LearningRate;
        string name = Names.Escape(argument.Name);
        return new ScriptObject
        {
            ["name"] = name,
            ["value"] = name,
            // Groups have the rate by the name that schedulers know.
            ["group_name"] = isRate ? LearningRate : name,
            ["type"] = hyperparameter.Type switch { IrType.Int => "int", IrType.Bool => "bool", _ => "double" },
            ["cast"] = hyperparameter.Type == IrType.Int ? "(int?)" : "",
            ["is_rate"] = isRate,
            ["is_flag"] = hyperparameter.Type == IrType.Bool,
            ["hyperparameter"] = Literals.Text(hyperparameter.Name),
            ["default"] = argument.Default.Length == 0 ? "" : " = " + argument.Default,
            ["description"] = HyperparameterText.Of(hyperparameter) + ".",
        };
    }

    /// <summary>One for groups and one for each kind of parameters; where the learning rate has another name, once more
    /// for PyTorch's.</summary>
    private static IEnumerable<ScriptObject> Constructors(ScriptObject[] arguments)
    {
        ScriptObject[] renamed = [.. arguments.Select(ByRate)];
        bool hasOtherName = arguments.Any(
            argument => argument["is_rate"] is true && argument["name"] is not LearningRate);
        foreach (ScriptObject[] signature in hasOtherName ? new[] { arguments, renamed } : [arguments])
        {
            string note = signature == renamed ? "; the learning rate by PyTorch's name" : "";
            yield return Constructor(
                GroupList, "several parameter groups" + note, "parameters", signature, isFirst: signature == arguments);
            foreach ((string type, string summary) in Parameters)
            {
                yield return Constructor(
                    type, summary + note, "[new ParamGroup(parameters)]", signature, isFirst: false);
            }
        }
    }

    private static ScriptObject Constructor(
        string type, string summary, string groups, ScriptObject[] arguments, bool isFirst) => new()
    {
        ["type"] = type,
        ["summary"] = summary,
        ["groups"] = groups,
        ["arguments"] = new ScriptArray(arguments),
        ["values"] = Values(arguments, "value"),
        ["is_first"] = isFirst,
    };

    private static ScriptObject ByRate(ScriptObject argument)
    {
        if (argument["is_rate"] is not true)
        {
            return argument;
        }

        var renamed = (ScriptObject)argument.Clone(deep: false);
        renamed["name"] = LearningRate;
        renamed["value"] = LearningRate + ".Value";
        renamed["type"] = "global::Requant.Torch.LearningRate";
        return renamed;
    }

    private static string Values(IEnumerable<ScriptObject> arguments, string key) =>
        string.Concat(arguments.Select(argument => argument[key] + ", "));
}
