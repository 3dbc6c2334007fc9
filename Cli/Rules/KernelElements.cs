namespace Requant.Cli.Rules;

/// <summary>What the elements of a kernel's parameter and gradient are.</summary>
/// <param name="Parameter">The parameter's type.</param>
/// <param name="Gradient">The gradient's type.</param>
internal sealed record KernelElements(ElementType Parameter, ElementType Gradient)
{
    /// <summary>Both float32.</summary>
    public static readonly KernelElements Float32 = new(ElementType.Float32, ElementType.Float32);

    /// <summary>Names on the command line, by type.</summary>
    public static readonly IReadOnlyList<string> Names = ["fp32", "fp16", "bf16"];

    private static readonly string[] LongNames = ["float32", "float16", "bfloat16"];

    /// <summary>The types that options give: float32, and for the gradient the parameter's, where they are null.</summary>
    public static KernelElements Of(ElementType? parameter, ElementType? gradient) =>
        new(parameter ?? ElementType.Float32, gradient ?? parameter ?? ElementType.Float32);

    /// <summary>The type of a name, compared without case.</summary>
    /// <returns>Null where no type has the name.</returns>
    public static ElementType? Find(string name)
    {
        for (int type = 0; type < Names.Count; type++)
        {
            if (Names[type].Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return (ElementType)type;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public override string ToString() => Parameter == Gradient
        ? $"{LongNames[(int)Parameter]} parameters and gradients"
        : $"{LongNames[(int)Parameter]} parameters, {LongNames[(int)Gradient]} gradients";
}
