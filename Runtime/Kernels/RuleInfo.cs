using System.Globalization;
using Requant.CompilerServices;

namespace Requant;

/// <summary>What the generator knows about a rule.</summary>
public sealed record RuleInfo
{
    /// <summary>Name of the generated type.</summary>
    public required string Name { get; init; }

    /// <summary>Hexadecimal hash of the rule's meaning: its lowered form and the names of its states. Two rules with
    /// one hash compute the same updates where their states are stored alike, which
    /// <see cref="States"/> says.</summary>
    public required string Hash { get; init; }

    /// <summary>Elements that share one absmax in its quantized states.</summary>
    public required int BlockSize { get; init; }

    /// <summary>The rule as written.</summary>
    public required string Source { get; init; }

    /// <summary>Per-element states, in the order of the method's parameters; then those of rows and
    /// columns.</summary>
    public IReadOnlyList<StateInfo> States
    {
        get;
        init => (field, ElementStates) = (value, value.Count(state => state.Level == StateLevel.Element));
    } = [];

    /// <summary>Scalars of each tensor, in the order of the method's parameters.</summary>
    public IReadOnlyList<TensorStateInfo> TensorStates { get; init; } = [];

    /// <summary>Hyperparameters, in the order of the method's parameters.</summary>
    public IReadOnlyList<HyperparameterInfo> Hyperparameters { get; init; } = [];

    /// <summary>Reductions over the tensor, in the order of the phases that compute them.</summary>
    public IReadOnlyList<ReductionInfo> Reductions { get; init; } = [];

    /// <summary>Values of rows that kernels exchange.</summary>
    public IReadOnlyList<LineValueInfo> RowValues { get; init; } = [];

    /// <summary>Values of columns that kernels exchange.</summary>
    public IReadOnlyList<LineValueInfo> ColumnValues { get; init; } = [];

    /// <summary>For each variant the row and column states that get new values: bit i for the i-th of
    /// them.</summary>
    public IReadOnlyList<int> LineStatesWritten { get; init; } = [];

    /// <summary>Matrices that are orthogonalized.</summary>
    public IReadOnlyList<MatrixInfo> Matrices { get; init; } = [];

    /// <summary>The variants that need no values of rows, columns or matrices: bit i for variant i.</summary>
    public int ElementwiseVariants { get; init; } = -1;

    /// <summary>For a rule of rows, columns or matrices, the phases behind which the host computes values, also where
    /// kernels run on a device: bit i for phase i.</summary>
    public int HostPhases { get; init; }

    /// <summary>Whether the rule asks for rows or columns, in whichever way: its parameters are added with their
    /// shape.</summary>
    public bool ReadsShape { get; init; }

    /// <summary>Blocks of scratch memory that a kernel takes beside those of states.</summary>
    public int ScratchSlots { get; init; }

    /// <summary>How many of <see cref="States"/> are per element.</summary>
    internal int ElementStates { get; private init; }

    /// <summary>Whether kernels need nothing of rows, columns or matrices.</summary>
    internal bool IsElementwise => RowValues.Count == 0 && ColumnValues.Count == 0 && Matrices.Count == 0;

    /// <summary>Passes over the tensor: 1 plus the depth of nested reductions.</summary>
    public required int PhaseCount { get; init; }

    /// <summary>Specialised kernels per phase.</summary>
    public required int VariantCount { get; init; }

    /// <summary>Values computed once per tensor and step on the host.</summary>
    public required int UniformCount { get; init; }

    /// <summary>Those of them that are known before the first phase and have to be finite where a variant
    /// computes with them.</summary>
    public IReadOnlyList<FiniteUniformInfo> FiniteUniforms { get; init; } = [];

    /// <summary>What the generator knows about a rule.</summary>
    /// <typeparam name="TRule">The record that the generator made of it.</typeparam>
    /// <exception cref="NotSupportedException">The rule was compiled for another version of Requant, whose generated
    /// code this one cannot run.</exception>
    public static RuleInfo Of<TRule>()
        where TRule : IOptimizerRule<TRule>
    {
        GeneratedCode.Require<TRule>();
        return TRule.Info;
    }

    /// <summary>For each state whether another one takes its old value, so that it must be copied before a step: the
    /// state may be overwritten first.</summary>
    internal bool[] FindHandedStates()
    {
        var isHanded = new bool[States.Count];
        for (int state = ElementStates; state < States.Count; state++)
        {
            IReadOnlyList<LineValueInfo> values = States[state].Level == StateLevel.Row ? RowValues : ColumnValues;
            int taken = values[States[state].NewValue].State;
            if (taken >= 0 && taken != state)
            {
                isHanded[taken] = true;
            }
        }

        return isHanded;
    }

    /// <summary>Whether a variant needs values of rows, columns or matrices.</summary>
    internal bool NeedsLines(int variant) => (ElementwiseVariants & (1 << variant)) == 0;

    /// <summary>Whether a variant needs matrices: its tensors take a step one by one, since they share
    /// memory.</summary>
    internal bool HasMatrices(int variant)
    {
        for (int i = 0; i < Matrices.Count; i++)
        {
            if ((Matrices[i].Variants & (1 << variant)) != 0)
            {
                return true;
            }
        }

        return false;
    }

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
public sealed record StateInfo
{
    /// <summary>The method parameter's name.</summary>
    public required string Name { get; init; }

    /// <summary>How its values are stored.</summary>
    public required Codec Codec { get; init; }

    /// <summary>Which of the two codes around a value is stored.</summary>
    public StateRounding Rounding { get; init; }

    /// <summary>What there is one value for: each element, row or column.</summary>
    public StateLevel Level { get; init; }

    /// <summary>Its values before the first update.</summary>
    public float Initial { get; init; }

    /// <summary>For a row or column state, which value of <see cref="RuleInfo.RowValues"/> or
    /// <see cref="RuleInfo.ColumnValues"/> is its new one.</summary>
    public int NewValue { get; init; }
}

/// <summary>A value of each row, or of each column.</summary>
public sealed record LineValueInfo
{
    /// <summary>The state whose old value it is, or -1.</summary>
    public required int State { get; init; }

    /// <summary>The reduction whose result it is, or -1.</summary>
    public required int Reduction { get; init; }
}

/// <summary>A matrix of one value of each element that is orthogonalized.</summary>
public sealed record MatrixInfo
{
    /// <summary>The phase before whose kernel that happens.</summary>
    public required int Phase { get; init; }

    /// <summary>The reduction that is its Frobenius norm.</summary>
    public required int Norm { get; init; }

    /// <summary>The uniform value that is the number of steps.</summary>
    public required int Steps { get; init; }

    /// <summary>The variants that need it: bit i for variant i.</summary>
    public required int Variants { get; init; }
}

/// <summary>One scalar of each tensor.</summary>
public sealed record TensorStateInfo
{
    /// <summary>The method parameter's name.</summary>
    public required string Name { get; init; }

    /// <summary>Its value before the first update.</summary>
    public required float Initial { get; init; }

    /// <summary>Which uniform value is its new value once the last phase's are computed.</summary>
    public required int Uniform { get; init; }
}

/// <summary>One hyperparameter of a rule.</summary>
public sealed record HyperparameterInfo
{
    /// <summary>The method parameter's name.</summary>
    public required string Name { get; init; }

    /// <summary>Its C# type.</summary>
    public required HyperparameterKind Kind { get; init; }

    /// <summary>Its default; a <c>bool</c> is 0 or 1.</summary>
    public required double DefaultValue { get; init; }

    /// <summary>The values that it can have; all finite ones of its type when null.</summary>
    public HyperparameterRange? Range { get; init; }

    /// <summary>Returns the value if a rule can have it.</summary>
    /// <param name="value">As it was given; a <c>bool</c> is 0 or 1. Rules have it as float32.</param>
    /// <param name="name">What the caller calls the hyperparameter; its name in the rule when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is outside the range, not whole, or not a number.</exception>
    public double Require(double value, string? name = null) => Complaint(value) is { } complaint
        ? throw new ArgumentOutOfRangeException(
            name ?? Name, value,
            string.Create(CultureInfo.InvariantCulture, $"{name ?? Name} is {value}; it must be {complaint}."))
        : value;

    /// <summary>What a value must be for the rule to have it, as the end of "it must be"; null if it is.</summary>
    /// <param name="value">As it was given; a <c>bool</c> is 0 or 1. Rules have it as float32.</param>
    public string? Complaint(double value) => Kind switch
    {
        HyperparameterKind.Bool => value is 0 or 1 ? null : "0 or 1",
        HyperparameterKind.Int when value != Math.Truncate(value) => "a whole number",
        HyperparameterKind.Int => Complaint(Range ?? HyperparameterRange.Integers, value),
        HyperparameterKind.Double => Complaint(Range ?? HyperparameterRange.FiniteDoubles, value),
        _ => Complaint(Range ?? HyperparameterRange.Finite, (float)value),
    };

    /// <summary>A value as the rule has it: a float's digits are fewer than those of the same double.</summary>
    internal IFormattable Shown(double value) => Kind == HyperparameterKind.Double ? value : (IFormattable)(float)value;

    private static string? Complaint(HyperparameterRange range, double value) =>
        range.Contains(value) ? null : range.ToString();
}

/// <summary>A value computed once per tensor and step that has to be finite.</summary>
public sealed record FiniteUniformInfo
{
    /// <summary>Its name in kernels.</summary>
    public required string Name { get; init; }

    /// <summary>Its position among the uniform values.</summary>
    public required int Uniform { get; init; }

    /// <summary>The variants that compute with it: bit i for variant i.</summary>
    public required int Variants { get; init; }
}

/// <summary>The C# type of a hyperparameter.</summary>
public enum HyperparameterKind
{
    /// <summary>float32.</summary>
    Float,

    /// <summary>int32.</summary>
    Int,

    /// <summary>true or false.</summary>
    Bool,

    /// <summary>float64.</summary>
    Double,
}

/// <summary>One reduction over the parameter tensor.</summary>
public sealed record ReductionInfo
{
    /// <summary>What is computed.</summary>
    public required ReductionKind Kind { get; init; }

    /// <summary>The phase whose kernel computes its partial results.</summary>
    public required int Phase { get; init; }

    /// <summary>Whether there is one result, or one for each row or column.</summary>
    public StateLevel Into { get; init; } = StateLevel.Tensor;

    /// <summary>Whether there is a term of each element, row or column.</summary>
    public StateLevel Over { get; init; }

    /// <summary>Whether each term is 1: it counts the elements that take part.</summary>
    public bool IsCount { get; init; }

    /// <summary>Which value of rows or columns the terms are, where there is one of each row or column; or the results,
    /// where there are several. -1 otherwise.</summary>
    public int Slot { get; init; } = -1;
}

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
