using Requant.Codecs;
using Requant.Codecs.Dynamic;
using Requant.Codecs.MiniFloats;

namespace Requant;

/// <summary>The values that an 8-bit codec can store, and the exact rounding to one of them.</summary>
/// <remarks>
/// This is the definition that every kernel agrees with, bit for bit. An instance is immutable and safe for all
/// threads.
/// </remarks>
public abstract class Codebook
{
    /// <summary>The most values that a codebook can have.</summary>
    public const int MaxValues = 256;

    /// <summary>The random bytes of stochastic rounding are below this.</summary>
    internal const int RandomLimit = 256;

    private protected Codebook(float[] values, bool isUnsigned)
    {
        ValueArray = values;
        IsUnsigned = isUnsigned;
    }

    /// <summary>The value of each code: float32[at most 256], in units of the block's absmax. Those of codecs with a
    /// table increase.</summary>
    public ReadOnlySpan<float> Values => ValueArray;

    /// <summary>Where codes are found by a table, float32[256]: entry k is the smallest float32 whose nearest code is
    /// above k, and from the last code on +infinity. Empty where they are computed.</summary>
    public abstract ReadOnlySpan<float> Thresholds { get; }

    /// <summary>Whether no value is negative. Such a codec never stores a positive number as 0.</summary>
    public bool IsUnsigned { get; }

    /// <summary>The code of 0.</summary>
    public abstract byte ZeroCode { get; }

    private protected float[] ValueArray { get; }

    /// <summary>The codebook of <paramref name="codec"/>; always the same instance.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="Codec.Float32"/>, which is not quantized, or no
    /// codec.</exception>
    public static Codebook For(Codec codec) => codec switch
    {
        Codec.MiniFloat => Instances.MiniFloat,
        Codec.MiniFloatUnsigned => Instances.MiniFloatUnsigned,
        _ => Table(codec),
    };

    /// <summary>The codebook of a codec whose codes are found by a table.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The codec has none.</exception>
    internal static TableCodebook Table(Codec codec) => codec switch
    {
        Codec.Dynamic => Instances.Dynamic,
        Codec.DynamicUnsigned => Instances.DynamicUnsigned,
        Codec.Linear => Instances.Linear,
        Codec.LinearUnsigned => Instances.LinearUnsigned,
        Codec.SoftSign => Instances.SoftSign,
        Codec.SquareRoot => Instances.SquareRoot,
        Codec.Float8E4M3 => Instances.Float8E4M3,
        Codec.MiniFloat or Codec.MiniFloatUnsigned => throw new ArgumentOutOfRangeException(
            nameof(codec), codec, "The codes of this codec are computed; it has no table."),
        Codec.Float32 => throw new ArgumentOutOfRangeException(nameof(codec), codec,
            "Float32 states are not quantized and have no codebook."),
        _ => throw new ArgumentOutOfRangeException(nameof(codec), codec,
            $"There is no such codec; use one of {string.Join(", ", Enum.GetNames<Codec>())}."),
    };

    /// <summary>The value of <paramref name="code"/>, in units of the block's absmax.</summary>
    /// <exception cref="IndexOutOfRangeException">The codebook has no such code.</exception>
    public float Decode(byte code) => ValueArray[code];

    /// <summary>Place of the first code that the codec never stores, or -1: one above the last code, or -0 of
    /// <see cref="Codec.MiniFloat"/>.</summary>
    /// <param name="codes">uint8[n].</param>
    public virtual int IndexOfUnknown(ReadOnlySpan<byte> codes) =>
        ValueArray.Length > byte.MaxValue ? -1 : codes.IndexOfAnyInRange((byte)ValueArray.Length, byte.MaxValue);

    /// <summary>The code nearest to <paramref name="u"/>; the zero code for NaN.</summary>
    /// <param name="u">A value over the block's absmax.</param>
    public abstract byte Encode(float u);

    /// <summary>The code below or above <paramref name="u"/>, each with the probability of its nearness; the zero code
    /// for NaN.</summary>
    /// <param name="u">A value over the block's absmax.</param>
    /// <param name="random">A random byte: the code above is taken where it is large enough.</param>
    public abstract byte EncodeStochastic(float u, byte random);

    /// <summary>Encodes <c>values * scale</c>, all of them numbers below infinity: float32[n] to uint8[n].</summary>
    internal abstract void Encode(ReadOnlySpan<float> values, float scale, Span<byte> codes);

    /// <summary>Encodes <c>values * scale</c> by <see cref="EncodeStochastic(float, byte)"/>.</summary>
    /// <param name="values">float32[n].</param>
    /// <param name="scale">1 / absmax.</param>
    /// <param name="codes">uint8[n].</param>
    /// <param name="random">The random bytes of the first element on.</param>
    internal abstract void EncodeStochastic(
        ReadOnlySpan<float> values, float scale, Span<byte> codes, RandomBytes random);

    // Apart, so that asking for one codebook does not depend on the order of this class's static fields.
    private static class Instances
    {
        public static readonly TableCodebook Dynamic = new(DynamicMaps.Signed(), DynamicMaps.PaperSigned());
        public static readonly TableCodebook DynamicUnsigned = new(DynamicMaps.Unsigned.ToArray());
        public static readonly TableCodebook Linear = new(FormulaValues.Linear());
        public static readonly TableCodebook LinearUnsigned = new(FormulaValues.LinearUnsigned());
        public static readonly TableCodebook SoftSign = new(FormulaValues.SoftSign());
        public static readonly TableCodebook SquareRoot = new(FormulaValues.SquareRoot());
        public static readonly TableCodebook Float8E4M3 = new(FormulaValues.Float8E4M3());
        public static readonly MiniFloatCodebook MiniFloat = new(isUnsigned: false);
        public static readonly MiniFloatCodebook MiniFloatUnsigned = new(isUnsigned: true);
    }
}
