using Microsoft.CodeAnalysis;
using Requant.Generator.Ir;
using Requant.Generator.Support;

namespace Requant.Generator.Read;

/// <summary>Reads <c>[Range]</c> of a hyperparameter, which is the attribute of
/// System.ComponentModel.DataAnnotations.</summary>
internal static class RangeParser
{
    private const string Attribute = "System.ComponentModel.DataAnnotations.RangeAttribute";

    /// <summary>The attribute of a parameter, or null.</summary>
    public static AttributeData? Find(IParameterSymbol parameter) => parameter.GetAttributes()
        .FirstOrDefault(attribute => attribute.AttributeClass?.ToDisplayString() == Attribute);

    /// <summary>The range of a hyperparameter.</summary>
    /// <param name="parameter">The hyperparameter.</param>
    /// <param name="type">Its type.</param>
    /// <param name="defaultValue">Its default; a bool is 0 or 1.</param>
    /// <param name="problem">What is wrong with it and how to mend it, or null.</param>
    public static RangeModel Read(IParameterSymbol parameter, IrType type, double defaultValue, out string? problem)
    {
        var range = RangeModel.Of(type, defaultValue);
        problem = null;
        if (Find(parameter) is { } attribute)
        {
            problem = type == IrType.Bool
                ? "is marked [Range], and a bool is true or false; remove the attribute"
                : Narrow(attribute, type, ref range);
        }

        if (problem is null && !range.Contains(defaultValue))
        {
            problem = double.IsNaN(defaultValue)
                ? "has no number as its default; give one"
                : $"has the default {Literals.Float((float)defaultValue).TrimEnd('f')}, which is outside its range "
                    + $"{range.Text}; change one of them";
        }

        return range;
    }

    private static string? Narrow(AttributeData attribute, IrType type, ref RangeModel range)
    {
        if (attribute.ConstructorArguments.Length != 2
            || attribute.ConstructorArguments.Any(bound => bound.Value is not (int or double)))
        {
            return "has a range that is not given by two numbers; write [Range(0, 1)]";
        }

        double[] bounds = [.. attribute.ConstructorArguments.Select(bound => Bound(bound.Value!, type))];
        range = new RangeModel(
            Math.Max(bounds[0], range.Minimum), Math.Min(bounds[1], range.Maximum),
            IsSet(attribute, "MinimumIsExclusive"), IsSet(attribute, "MaximumIsExclusive"));
        bool isEmpty = !(range.Minimum < range.Maximum
            || (range.Minimum == range.Maximum && !range.IsMinimumExclusive && !range.IsMaximumExclusive));
        return isEmpty ? $"has the empty range {range.Text}; give the smaller bound first" : null;
    }

    /// <summary>A bound as the type has it: 0.1 bounds a float at 0.1f.</summary>
    private static double Bound(object value, IrType type) =>
        value is int number ? number : type == IrType.Float ? (float)(double)value : (double)value;

    private static bool IsSet(AttributeData attribute, string name) =>
        attribute.NamedArguments.Any(argument => argument.Key == name && argument.Value.Value is true);
}
