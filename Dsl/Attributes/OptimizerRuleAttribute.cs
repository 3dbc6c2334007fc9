namespace Requant;

/// <summary>Marks a static method as the update rule of one element; the generator turns it into
/// an optimizer.</summary>
/// <remarks>
/// <para>Parameters: the element (<c>ref float</c>), its gradient (<c>float</c>), then in any order states
/// (<see cref="StateAttribute"/>), <c>int step</c> (1 on the first update of a tensor) and hyperparameters
/// (<c>float</c>, <c>int</c> or <c>bool</c> with a default value). A hyperparameter's range is
/// <c>[Range(0, 1, MaximumIsExclusive = true)]</c> of System.ComponentModel.DataAnnotations; every other value is an
/// exception wherever it is set, and so is NaN without a range, and infinity unless the default is.</para>
/// <para>The generator emits <c>public sealed partial record NAME : IOptimizerRule&lt;NAME&gt;</c> in the namespace of
/// the containing class, NAME being the method's name unless <see cref="Name"/> is set.</para>
/// </remarks>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class OptimizerRuleAttribute : Attribute
{
    /// <summary>Name of the generated type; the method's name when not set.</summary>
    public string? Name { get; set; }

    /// <summary>Elements of the flattened tensor that share one absmax, in all quantized states of the rule: a multiple
    /// of 16 from 16 to 4096.</summary>
    public int BlockSize { get; set; } = DefaultBlockSize;

    /// <summary>The paper's choice is 2048 for Adam and 256 in later versions of bitsandbytes.</summary>
    public const int DefaultBlockSize = 256;
}
