using System.Runtime.CompilerServices;

namespace Requant.Quantization;

/// <summary>The sorted values that an 8-bit codec can store, and the exact rounding to the nearest of them.</summary>
/// <remarks>
/// This is the definition that every kernel agrees with, bit for bit. An instance is immutable and safe for all
/// threads.
/// </remarks>
public sealed class Codebook
{
    /// <summary>Entries of <see cref="Thresholds"/>, and the most values that a codebook can have.</summary>
    public const int MaxValues = 256;

    // A cell of the start table is a range of floats with the same sign, exponent and top 7 mantissa bits. The codecs'
    // maps have at most one threshold in a cell, so that one comparison finds the code.
    private const int CellShift = 16;

    private readonly float[] _values;
    private readonly float[] _thresholds;
    private readonly byte[] _starts;
    private readonly int _firstCell;
    private readonly int _cells;

    /// <summary>Makes a codebook of <paramref name="values"/>: float32[2..256], strictly increasing, finite, with
    /// 0.</summary>
    internal Codebook(float[] values)
    {
        _values = values;
        ZeroCode = (byte)Array.IndexOf(values, 0f);
        _thresholds = ComputeThresholds(values);

        ReadOnlySpan<float> thresholds = _thresholds.AsSpan(0, LastCode);
        float smallest = float.PositiveInfinity;
        float largest = 0f;
        foreach (float threshold in thresholds)
        {
            smallest = MathF.Min(smallest, MathF.Abs(threshold));
            largest = MathF.Max(largest, MathF.Abs(threshold));
        }

        _firstCell = CellOf(smallest);
        _cells = CellOf(largest) - _firstCell + 2;
        _starts = new byte[2 * _cells];
        for (int cell = 0; cell < _cells; cell++)
        {
            // The first cell reaches down to 0 and the last one up to infinity.
            float low = cell == 0 ? 0f : CellStart(cell);
            float high = cell == _cells - 1 ? float.PositiveInfinity : CellStart(cell + 1);
            _starts[cell] = CountNotAbove(thresholds, low);
            _starts[_cells + cell] = CountNotAbove(thresholds, -high);
        }
    }

    /// <summary>The values in increasing order: float32[at most 256], in units of the block's absmax.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>float32[256]: entry k is the smallest float32 that rounds to a code above k. From the last code on the
    /// entries are +infinity, so that kernels can always read 256.</summary>
    public ReadOnlySpan<float> Thresholds => _thresholds;

    /// <summary>The code of 0.</summary>
    public byte ZeroCode { get; }

    private int LastCode => _values.Length - 1;

    /// <summary>The codebook of <paramref name="codec"/>; always the same instance.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="Codec.Float32"/>, which is not quantized, or no
    /// codec.</exception>
    public static Codebook For(Codec codec) => codec switch
    {
        Codec.Dynamic => Instances.Dynamic,
        Codec.DynamicUnsigned => Instances.DynamicUnsigned,
        Codec.Linear => Instances.Linear,
        Codec.LinearUnsigned => Instances.LinearUnsigned,
        Codec.SoftSign => Instances.SoftSign,
        Codec.SquareRoot => Instances.SquareRoot,
        Codec.Float8E4M3 => Instances.Float8E4M3,
        Codec.Float32 => throw new ArgumentOutOfRangeException(nameof(codec), codec,
            "Float32 states are not quantized and have no codebook."),
        _ => throw new ArgumentOutOfRangeException(nameof(codec), codec,
            $"There is no such codec; use one of {string.Join(", ", Enum.GetNames<Codec>())}."),
    };

    /// <summary>The value of <paramref name="code"/>, in units of the block's absmax.</summary>
    /// <exception cref="IndexOutOfRangeException">The codebook has no such code.</exception>
    public float Decode(byte code) => _values[code];

    /// <summary>The code whose value is nearest to <paramref name="u"/>, the even one of two equally near; the zero
    /// code for NaN.</summary>
    public byte Encode(float u)
    {
        if (!(u < float.PositiveInfinity))
        {
            return float.IsNaN(u) ? ZeroCode : (byte)LastCode;
        }

        return Find(u, _starts, _thresholds, _firstCell, _cells);
    }

    /// <summary>Encodes <c>values * scale</c>, all of them numbers below infinity: float32[n] to uint8[n].</summary>
    internal void Encode(ReadOnlySpan<float> values, float scale, Span<byte> codes)
    {
        ReadOnlySpan<byte> starts = _starts;
        ReadOnlySpan<float> thresholds = _thresholds;
        int firstCell = _firstCell;
        int cells = _cells;
        for (int i = 0; i < values.Length; i++)
        {
            codes[i] = Find(values[i] * scale, starts, thresholds, firstCell, cells);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte Find(
        float u, ReadOnlySpan<byte> starts, ReadOnlySpan<float> thresholds, int firstCell, int cells)
    {
        int bits = BitConverter.SingleToInt32Bits(u);
        int cell = Math.Min(Math.Max(((bits & int.MaxValue) >> CellShift) - firstCell, 0), cells - 1);
        int code = starts[cell + ((bits >> 31) & cells)];

        // Whether a lone threshold is passed cannot be predicted, so that it is added rather than branched on.
        code += thresholds[code] <= u ? 1 : 0;
        while (thresholds[code] <= u)
        {
            code++;
        }

        return (byte)code;
    }

    private static int CellOf(float magnitude) => BitConverter.SingleToInt32Bits(magnitude) >> CellShift;

    private float CellStart(int cell) => BitConverter.Int32BitsToSingle((cell + _firstCell) << CellShift);

    private static byte CountNotAbove(ReadOnlySpan<float> thresholds, float u)
    {
        int count = 0;
        while (count < thresholds.Length && thresholds[count] <= u)
        {
            count++;
        }

        return (byte)count;
    }

    private static float[] ComputeThresholds(float[] values)
    {
        var thresholds = new float[MaxValues];
        Array.Fill(thresholds, float.PositiveInfinity);
        for (int code = 0; code < values.Length - 1; code++)
        {
            // The midpoint of two neighbouring float32 values is exact in float64.
            double middle = ((double)values[code] + values[code + 1]) / 2;
            bool tieGoesUp = code % 2 == 1;
            float threshold = (float)middle;
            while (RoundsUp(MathF.BitDecrement(threshold)))
            {
                threshold = MathF.BitDecrement(threshold);
            }

            while (!RoundsUp(threshold))
            {
                threshold = MathF.BitIncrement(threshold);
            }

            thresholds[code] = threshold;

            bool RoundsUp(float u) => u > middle || (u == middle && tieGoesUp);
        }

        return thresholds;
    }

    // Apart, so that asking for one codebook does not depend on the order of this class's static fields.
    private static class Instances
    {
        public static readonly Codebook Dynamic = new(DynamicMaps.Signed());
        public static readonly Codebook DynamicUnsigned = new(DynamicMaps.Unsigned.ToArray());
        public static readonly Codebook Linear = new(FormulaValues.Linear());
        public static readonly Codebook LinearUnsigned = new(FormulaValues.LinearUnsigned());
        public static readonly Codebook SoftSign = new(FormulaValues.SoftSign());
        public static readonly Codebook SquareRoot = new(FormulaValues.SquareRoot());
        public static readonly Codebook Float8E4M3 = new(FormulaValues.Float8E4M3());
    }
}
