using Requant.Generator.Ir;
using Requant.Generator.Read;

namespace Requant.Generator.Emit.Shared;

/// <summary>A hyperparameter as documentation comments describe it.</summary>
internal static class HyperparameterText
{
    /// <summary>What it is and which values it has, without a full stop.</summary>
    public static string Of(HyperparameterModel hyperparameter)
    {
        string meaning = hyperparameter.Description.Length == 0
            ? $"Hyperparameter <c>{hyperparameter.Name}</c>" : Escaped(hyperparameter.Description.TrimEnd('.'));
        return TakesAnything(hyperparameter) ? meaning : $"{meaning}, {RangeOf(hyperparameter)}";
    }

    /// <summary>Whether the type has no values but those that the rule can have.</summary>
    private static bool TakesAnything(HyperparameterModel hyperparameter) =>
        hyperparameter.Type is not (IrType.Float or IrType.Double)
        && hyperparameter.Range.Equals(RangeModel.Of(hyperparameter.Type, defaultValue: 0));

    private static string RangeOf(HyperparameterModel hyperparameter) =>
        hyperparameter.Range.Equals(RangeModel.Of(hyperparameter.Type, defaultValue: 0))
            ? "finite"
            : "in " + hyperparameter.Range.Text;

    private static string Escaped(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");
}
