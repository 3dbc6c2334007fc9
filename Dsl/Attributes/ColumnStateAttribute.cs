namespace Requant;

/// <summary>Marks a <c>ref float</c> parameter of a rule as one float32 that is kept for each column of the parameter;
/// see <see cref="Shape"/>.</summary>
/// <param name="initial">Value before the first update.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ColumnStateAttribute(float initial = 0f) : Attribute
{
    /// <summary>Value before the first update.</summary>
    public float Initial { get; } = initial;
}
