namespace Requant;

/// <summary>Marks a <c>ref float</c> parameter of a rule as a scalar that is kept once per tensor.</summary>
/// <param name="initial">Value before the first update.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class TensorStateAttribute(float initial = 0f) : Attribute
{
    /// <summary>Value before the first update.</summary>
    public float Initial { get; } = initial;
}
