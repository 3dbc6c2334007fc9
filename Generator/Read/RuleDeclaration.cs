using Requant.Generator.Ir;
using Requant.Generator.Support;

namespace Requant.Generator.Read;

/// <summary>A rule's declaration, without anything of the compilation it came from.</summary>
/// <param name="TypeName">Name of the generated record.</param>
/// <param name="Namespace">Its namespace, empty for the global one.</param>
/// <param name="MethodReference">The method for documentation, as in <c>MyRules.Lion</c>.</param>
/// <param name="BlockSize">Elements that share one absmax.</param>
/// <param name="Source">The method's text without comments.</param>
/// <param name="ParameterName">The author's name of the element.</param>
/// <param name="GradientName">The author's name of the gradient.</param>
/// <param name="States">Per-element states in order.</param>
/// <param name="TensorStates">Scalars of each tensor in order.</param>
/// <param name="LineStates">Floats of each row or column in order.</param>
/// <param name="Hyperparameters">Hyperparameters in order.</param>
/// <param name="Torch">The TorchSharp optimizer to be made of it, or null.</param>
internal record RuleDeclaration(
    string TypeName,
    string Namespace,
    string MethodReference,
    int BlockSize,
    string Source,
    string ParameterName,
    string GradientName,
    EquatableArray<StateModel> States,
    EquatableArray<TensorStateModel> TensorStates,
    EquatableArray<LineStateModel> LineStates,
    EquatableArray<HyperparameterModel> Hyperparameters,
    TorchDeclaration? Torch = null);

/// <summary>One per-element state.</summary>
internal sealed record StateModel(string Name, string Codec, string Rounding)
{
    public bool IsQuantized => Codec != "Float32";

    /// <summary>Whether codes are not the nearest ones.</summary>
    public bool IsStochastic => IsQuantized && Rounding == "Stochastic";

    /// <summary>Whether the codec has no negative values.</summary>
    public bool IsUnsigned => Codec is "DynamicUnsigned" or "MiniFloatUnsigned" or "LinearUnsigned" or "SquareRoot";
}

/// <summary>One scalar that is kept for each tensor.</summary>
internal sealed record TensorStateModel(string Name, float Initial);

/// <summary>One float that is kept for each row or column.</summary>
internal sealed record LineStateModel(string Name, float Initial, Level Level);

/// <summary>One hyperparameter; a bool default is 0 or 1.</summary>
internal sealed record HyperparameterModel(
    string Name, IrType Type, double DefaultValue, RangeModel Range, string Description = "")
{
    public string PropertyName => Names.Pascal(Name);

    public string FieldName => "_" + Names.Camel(PropertyName);
}

/// <summary>The values that a hyperparameter can have: within what <c>[Range]</c> says, and infinite only where
/// the default is.</summary>
internal sealed record RangeModel(
    double Minimum, double Maximum, bool IsMinimumExclusive = false, bool IsMaximumExclusive = false)
{
    public bool HasInfinity => double.IsInfinity(Minimum) || double.IsInfinity(Maximum);

    /// <summary>Without <c>[Range]</c>: all finite values of a type, and the default.</summary>
    public static RangeModel Of(IrType type, double defaultValue) => type switch
    {
        IrType.Float => new RangeModel(
            double.IsNegativeInfinity(defaultValue) ? defaultValue : -float.MaxValue,
            double.IsPositiveInfinity(defaultValue) ? defaultValue : float.MaxValue),
        IrType.Double => new RangeModel(
            double.IsNegativeInfinity(defaultValue) ? defaultValue : -double.MaxValue,
            double.IsPositiveInfinity(defaultValue) ? defaultValue : double.MaxValue),
        IrType.Int => new RangeModel(int.MinValue, int.MaxValue),
        _ => new RangeModel(0, 1),
    };

    /// <summary>As mathematics writes it; an end that the type has anyway is left open.</summary>
    public string Text =>
        (IsMinimumExclusive || !HasMinimum ? "(" : "[") + (HasMinimum ? BoundText(Minimum) : "-∞") + ", "
        + (HasMaximum ? BoundText(Maximum) : "∞") + (IsMaximumExclusive || !HasMaximum ? ")" : "]");

    private bool HasMinimum => Minimum is not (-float.MaxValue or -double.MaxValue or int.MinValue);

    private bool HasMaximum => Maximum is not (float.MaxValue or double.MaxValue or int.MaxValue);

    public bool Contains(double value) => (IsMinimumExclusive ? value > Minimum : value >= Minimum)
        && (IsMaximumExclusive ? value < Maximum : value <= Maximum);

    private static string BoundText(double bound) =>
        double.IsInfinity(bound) ? bound > 0 ? "∞" : "-∞" : Literals.Float((float)bound).TrimEnd('f');
}
