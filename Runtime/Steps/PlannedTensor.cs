using Requant.CompilerServices;
using Requant.Numerics;

namespace Requant.Steps;

/// <summary>One tensor of a step, with all that is decided before the first kernel runs.</summary>
internal struct PlannedTensor<TRule>
    where TRule : IOptimizerRule<TRule>
{
    public ParameterState State;

    public ParameterGroup<TRule> Group;

    /// <summary>With the hyperparameters of this step.</summary>
    public TRule Rule;

    /// <summary>Address of its elements, in the memory of the optimizer's device.</summary>
    public nint Parameter;

    /// <summary>Address of its gradient's elements.</summary>
    public nint Gradient;

    public ElementType ParameterType;

    public ElementType GradientType;

    /// <summary>How its states are stored and rounded.</summary>
    public StateFormat Format;

    /// <summary>How its new elements are stored.</summary>
    public ParameterStorage Storage;

    /// <summary>Number of this update, from 1.</summary>
    public int Step;

    /// <summary>The states that no step has used yet: bit i for state i.</summary>
    public int Unused;

    /// <summary>Whether nothing of it is updated: a value that is computed of all its elements is not finite.</summary>
    public bool IsSkipped;

    /// <summary>The rule's specialisation for this update.</summary>
    public int Variant;

    /// <summary>What its gradient is multiplied by.</summary>
    public float GradientScale;

    /// <summary>Key of its random bits in this step; 0 where nothing is rounded by them.</summary>
    public ulong RoundingKey;
}
