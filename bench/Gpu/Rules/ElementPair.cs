namespace Requant.Bench.Gpu.Rules;

/// <summary>What parameters and gradients are made of.</summary>
/// <param name="Parameter">The parameters' elements.</param>
/// <param name="Gradient">The gradients' elements.</param>
internal sealed record ElementPair(ElementType Parameter, ElementType Gradient)
{
    /// <summary>float32 both.</summary>
    public static ElementPair Float32 { get; } = new(ElementType.Float32, ElementType.Float32);

    /// <summary>bfloat16 both.</summary>
    public static ElementPair BFloat16 { get; } = new(ElementType.BFloat16, ElementType.BFloat16);

    /// <summary>float16 both.</summary>
    public static ElementPair Float16 { get; } = new(ElementType.Float16, ElementType.Float16);

    /// <summary>float32 parameters that are trained by bfloat16 gradients.</summary>
    public static ElementPair Mixed { get; } = new(ElementType.Float32, ElementType.BFloat16);

    /// <inheritdoc/>
    public override string ToString() =>
        Parameter == Gradient ? Short(Parameter) : $"{Short(Parameter)}/{Short(Gradient)}";

    private static string Short(ElementType type) => type switch
    {
        ElementType.Float32 => "fp32",
        ElementType.Float16 => "fp16",
        _ => "bf16",
    };
}
