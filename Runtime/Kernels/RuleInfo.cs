using System.Globalization;

namespace Requant;

/// <summary>What the generator found out about a rule.</summary>
/// <param name="Name">Name of the generated type.</param>
/// <param name="Hash">Hexadecimal hash of the rule's meaning: its lowered form and the names of its states. Two rules
/// with one hash compute the same updates where their states are stored alike, which <paramref name="States"/>
/// says.</param>
/// <param name="BlockSize">Elements that share one absmax in its quantized states.</param>
/// <param name="Source">The rule as written.</param>
/// <param name="States">Per-element states, in the order of the method's parameters.</param>
/// <param name="TensorStates">Scalars of each tensor, in the order of the method's parameters.</param>
/// <param name="Hyperparameters">Hyperparameters, in the order of the method's parameters.</param>
/// <param name="Reductions">Reductions over the tensor, in the order of the phases that compute them.</param>
/// <param name="PhaseCount">Passes over the tensor: 1 plus the depth of nested reductions.</param>
/// <param name="VariantCount">Specialised kernels per phase.</param>
/// <param name="UniformCount">Values computed once per tensor and step on the host.</param>
/// <param name="FiniteUniforms">Those of them that are known before the first phase and have to be finite where a variant computes with
/// them; none when null.</param>
public sealed record RuleInfo(
    string Name,
    string Hash,
    int BlockSize,
    string Source,
    IReadOnlyList<StateInfo> States,
    IReadOnlyList<TensorStateInfo> TensorStates,
    IReadOnlyList<HyperparameterInfo> Hyperparameters,
    IReadOnlyList<ReductionInfo> Reductions,
    int PhaseCount,
    int VariantCount,
    int UniformCount,
    IReadOnlyList<FiniteUniformInfo>? FiniteUniforms = null)
{
    /// <summary>What the generator found out about a rule.</summary>
    /// <typeparam name="TRule">The record that the generator made of it.</typeparam>
    public static RuleInfo Of<TRule>()
        where TRule : IOptimizerRule<TRule> => TRule.Info;

    /// <summary>Position of a hyperparameter by its name in the rule, or -1.</summary>
    /// <param name="name">The method parameter's name, as in <c>lr</c>.</param>
    public int IndexOfHyperparameter(string name)
    {
        for (int i = 0; i < Hyperparameters.Count; i++)
        {
            if (Hyperparameters[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }
}

/// <summary>One per-element state of a rule.</summary>
/// <param name="Name">The method parameter's name.</param>
/// <param name="Codec">How its values are stored.</param>
/// <param name="Rounding">Which of the two codes around a value is stored.</param>
public sealed record StateInfo(string Name, Codec Codec, StateRounding Rounding = StateRounding.Nearest);

/// <summary>One scalar of each tensor.</summary>
/// <param name="Name">The method parameter's name.</param>
/// <param name="Initial">Its value before the first update.</param>
/// <param name="Uniform">Which uniform value is its new value once the last phase's are computed.</param>
public sealed record TensorStateInfo(string Name, float Initial, int Uniform);

/// <summary>One hyperparameter of a rule.</summary>
/// <param name="Name">The method parameter's name.</param>
/// <param name="Kind">Its C# type.</param>
/// <param name="DefaultValue">Its default; a <c>bool</c> is 0 or 1.</param>
/// <param name="Range">The values that it can have; all finite ones of its type when null.</param>
public sealed record HyperparameterInfo(string Name, HyperparameterKind Kind, double DefaultValue, HyperparameterRange? Range = null)
{
    /// <summary>Returns the value if a rule can have it.</summary>
    /// <param name="value">As it was given; a <c>bool</c> is 0 or 1. Rules have it as float32.</param>
    /// <param name="name">What the caller calls the hyperparameter; its name in the rule when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is outside the range, not whole, or not a number.</exception>
    public double Require(double value, string? name = null) => Complaint(value) is { } complaint
        ? throw new ArgumentOutOfRangeException(
            name ?? Name, value, string.Create(CultureInfo.InvariantCulture, $"{name ?? Name} is {value}; it must be {complaint}."))
        : value;

    /// <summary>What a value must be for the rule to have it, as the end of "it must be"; null if it is.</summary>
    /// <param name="value">As it was given; a <c>bool</c> is 0 or 1. Rules have it as float32.</param>
    public string? Complaint(double value) => Kind switch
    {
        HyperparameterKind.Bool => value is 0 or 1 ? null : "0 or 1",
        HyperparameterKind.Int when value != Math.Truncate(value) => "a whole number",
        HyperparameterKind.Int => Complaint(Range ?? HyperparameterRange.Integers, value),
        _ => Complaint(Range ?? HyperparameterRange.Finite, (float)value),
    };

    private static string? Complaint(HyperparameterRange range, double value) => range.Contains(value) ? null : range.ToString();
}

/// <summary>A value computed once per tensor and step that has to be finite.</summary>
/// <param name="Name">Its name in kernels.</param>
/// <param name="Uniform">Its position among the uniform values.</param>
/// <param name="Variants">The variants that compute with it: bit i for variant i.</param>
public sealed record FiniteUniformInfo(string Name, int Uniform, int Variants);

/// <summary>The C# type of a hyperparameter.</summary>
public enum HyperparameterKind
{
    /// <summary>float32.</summary>
    Float,

    /// <summary>int32.</summary>
    Int,

    /// <summary>true or false.</summary>
    Bool,
}

/// <summary>One reduction over the parameter tensor.</summary>
/// <param name="Kind">What is computed.</param>
/// <param name="Phase">The phase whose kernel computes its partial results.</param>
public sealed record ReductionInfo(ReductionKind Kind, int Phase);

/// <summary>The functions of <see cref="Reduce"/>.</summary>
public enum ReductionKind
{
    /// <summary>Square root of the sum of squares.</summary>
    Norm,

    /// <summary>Sum.</summary>
    Sum,

    /// <summary>Largest value; 0 where no element takes part.</summary>
    Max,
}
