using System.Globalization;
using Requant.CompilerServices;

namespace Requant.Testing;

/// <summary>Tensors, how their states are kept, and what their gradients are like.</summary>
/// <param name="Lengths">Elements of each tensor.</param>
/// <param name="BlockSize">Elements that share one absmax; the rule's own when null.</param>
/// <param name="IsQuantized">Whether states are stored by their codecs; otherwise all are float32.</param>
/// <param name="Gradients">What the gradients are like.</param>
/// <param name="Steps">Updates of each tensor.</param>
/// <param name="Seed">Seed of the data.</param>
public sealed record ConformanceCase(
    IReadOnlyList<int> Lengths, int? BlockSize, bool IsQuantized, GradientKind Gradients, int Steps, int Seed)
{
    /// <summary>Dimensions of each tensor, whose products are <see cref="Lengths"/>; null where all are
    /// vectors.</summary>
    public IReadOnlyList<IReadOnlyList<long>>? Shapes { get; init; }

    /// <summary>What the parameters' elements are; float32 by default.</summary>
    public ElementType ParameterType { get; init; }

    /// <summary>What the gradients' elements are; float32 by default.</summary>
    public ElementType GradientType { get; init; }

    /// <summary>What steps multiply gradients by: <see cref="Optimizer{TRule}.GradientScale"/>; 1 by default.</summary>
    public float GradientScale { get; init; } = 1f;

    /// <summary>How quantized states are stored and rounded; as the rule declares by default.</summary>
    public StateFormat States { get; init; }

    /// <summary>What happens where a gradient is not finite; elements are skipped by default.</summary>
    public NonFinitePolicy NonFinite { get; init; }

    /// <summary>The largest norm of a step's gradients; null for any.</summary>
    public float? MaxGradientNorm { get; init; }

    /// <summary>How new bfloat16 parameters are rounded; to nearest by default.</summary>
    public ParameterRounding Rounding { get; init; }

    /// <summary>Which float32 values are kept behind bfloat16 parameters; none by default.</summary>
    public MasterWeights MasterWeights { get; init; }

    /// <summary>Options of an optimizer that keeps states as this case asks; the backend adds its own.</summary>
    public OptimizerOptions Options => new()
    {
        BlockSize = BlockSize,
        MinQuantizedLength = IsQuantized ? 0 : long.MaxValue,
        Codecs = States.Codecs,
        StateRounding = States.Rounding,
        NonFinite = NonFinite,
        MaxGradientNorm = MaxGradientNorm,
        Rounding = Rounding,
        MasterWeights = MasterWeights,
        RoundingSeed = (ulong)Seed,
    };

    /// <summary>Dimensions of a tensor.</summary>
    /// <param name="tensor">Position in <see cref="Lengths"/>.</param>
    public ReadOnlySpan<long> Shape(int tensor) =>
        Shapes is null ? new long[] { Lengths[tensor] } : Shapes[tensor].ToArray();

    /// <summary>Parameters before the first step, as float32[<c>Lengths[tensor]</c>]: the values of
    /// <see cref="ParameterBytes"/>.</summary>
    /// <param name="tensor">Position in <see cref="Lengths"/>.</param>
    public float[] Parameters(int tensor) => ElementBits.Widen(ParameterType, ParameterBytes(tensor));

    /// <summary>Gradient of one step, as float32[<c>Lengths[tensor]</c>]: the values of
    /// <see cref="GradientBytes"/>.</summary>
    /// <param name="tensor">Position in <see cref="Lengths"/>.</param>
    /// <param name="step">1 for the first update.</param>
    public float[] Gradient(int tensor, int step) => ElementBits.Widen(GradientType, GradientBytes(tensor, step));

    /// <summary>Parameters before the first step, a fresh copy: <see cref="ParameterType"/>[<c>Lengths[tensor]</c>] in
    /// the machine's byte order. With <see cref="GradientKind.Mixed"/> a parameter whose gradient is never finite is a
    /// signalling NaN, whose bits must stay.</summary>
    /// <param name="tensor">Position in <see cref="Lengths"/>.</param>
    public byte[] ParameterBytes(int tensor)
    {
        int first = HardData.FirstElement(tensor);
        byte[] bytes = ElementBits.Round(ParameterType, HardData.Parameters(first, Lengths[tensor], Seed));
        if (Gradients == GradientKind.Mixed)
        {
            HardData.MarkSkipped(ParameterType, bytes, first);
        }

        return bytes;
    }

    /// <summary>Gradient of one step, a fresh copy: <see cref="GradientType"/>[<c>Lengths[tensor]</c>] in the machine's
    /// byte order, rounded to nearest.</summary>
    /// <param name="tensor">Position in <see cref="Lengths"/>.</param>
    /// <param name="step">1 for the first update.</param>
    public byte[] GradientBytes(int tensor, int step) => ElementBits.Round(
        GradientType, HardData.Gradient(Gradients, HardData.FirstElement(tensor), Lengths[tensor], Seed + step));

    /// <summary>Block size, storage of states, gradients, and what is not the default of element types, of what steps
    /// do to gradients and of
    /// rounding, in words.</summary>
    public override string ToString()
    {
        string types = (ParameterType, GradientType) == default
            ? ""
            : $", {ParameterType.ToString().ToLowerInvariant()} parameters and "
                + $"{GradientType.ToString().ToLowerInvariant()} gradients";
        return $"{(BlockSize is int size ? $"blocks of {size}" : "the rule's own blocks")}, " +
            $"{StatesText} states, {Gradients.ToString().ToLowerInvariant()} gradients{types}{Treatment}";
    }

    private string StatesText => !IsQuantized ? "float32"
        : (States.Codecs == StateCodecs.Declared ? "quantized" : States.Codecs.ToString().ToLowerInvariant())
            + (States.Rounding is StateRounding rounding ? $" {rounding.ToString().ToLowerInvariant()}" : "");

    private string Treatment =>
        (GradientScale == 1f ? "" : string.Create(CultureInfo.InvariantCulture, $", scaled by {GradientScale}"))
        + (MaxGradientNorm is float norm ? string.Create(CultureInfo.InvariantCulture, $", clipped to {norm}") : "")
        + (NonFinite == NonFinitePolicy.SkipElement ? "" : $", policy {NonFinite}")
        + (Rounding == ParameterRounding.Stochastic ? ", rounded stochastically" : "")
        + (MasterWeights == MasterWeights.Remainder16 ? ", with remainders" : "");
}

/// <summary>What the gradients of a case are like.</summary>
public enum GradientKind
{
    /// <summary>Normally distributed around 0 with deviation 0.01, and 0 for whole stretches.</summary>
    Plain,

    /// <summary>Eleven orders of magnitude, among them zeros, denormals, repeated values and, every 97th, one that is
    /// not finite.</summary>
    Mixed,

    /// <summary>Stretches of 64 elements of one nature each: zeros of both signs, denormals, the smallest normal
    /// numbers, ratios of 1 to 1e40 side by side, powers of two, numbers whose squares overflow, and nothing
    /// finite at all.</summary>
    Extreme,
}
