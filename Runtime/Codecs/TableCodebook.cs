using System.Runtime.CompilerServices;

namespace Requant.Codecs;

/// <summary>A codebook of sorted values. The nearest code is found by a table of thresholds.</summary>
internal sealed class TableCodebook : Codebook
{
    // A cell of the start table is a range of floats with the same sign, exponent and top 7 mantissa bits. The codecs'
    // maps have at most one threshold in a cell, so that one comparison finds the code.
    private const int CellShift = 16;

    // Between nearest values; public ones also tell that an unsigned codec stores no positive number as 0.
    private readonly float[] _thresholds;
    private readonly float[] _publicThresholds;
    private readonly byte[] _starts;
    private readonly int _firstCell;
    private readonly int _cells;

    /// <summary>Makes a codebook of <paramref name="values"/>: float32[2..256], strictly increasing, finite, with
    /// 0.</summary>
    /// <param name="values">What codes mean.</param>
    /// <param name="rounded">The values that thresholds lie between, where they are others.</param>
    public TableCodebook(float[] values, float[]? rounded = null)
        : base(values, isUnsigned: values[0] == 0f)
    {
        ZeroCode = (byte)Array.IndexOf(values, 0f);
        _thresholds = ComputeThresholds(rounded ?? values);
        _publicThresholds = [.. _thresholds];
        if (IsUnsigned)
        {
            _publicThresholds[0] = float.Epsilon;
        }

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

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Thresholds => _publicThresholds;

    /// <summary>float32[256]: entry k is the smallest float32 that lies nearer to the value of code k + 1 than to that
    /// of k.</summary>
    public ReadOnlySpan<float> NearestThresholds => _thresholds;

    /// <inheritdoc/>
    public override byte ZeroCode { get; }

    private int LastCode => ValueArray.Length - 1;

    /// <inheritdoc/>
    /// <remarks>Of two equally near codes the even one.</remarks>
    public override byte Encode(float u)
    {
        if (!(u < float.PositiveInfinity))
        {
            return float.IsNaN(u) ? ZeroCode : (byte)LastCode;
        }

        return AtLeastOne(Find(u, _starts, _thresholds, _firstCell, _cells), u);
    }

    /// <inheritdoc/>
    /// <remarks>The place of <paramref name="u"/> between the values of two codes, in 1/256 and
    /// rounded, decides.</remarks>
    public override byte EncodeStochastic(float u, byte random)
    {
        int nearest = Encode(u);
        return float.IsNaN(u) ? ZeroCode : Round(u, nearest, random, ValueArray);
    }

    /// <inheritdoc/>
    internal override void Encode(ReadOnlySpan<float> values, float scale, Span<byte> codes)
    {
        ReadOnlySpan<byte> starts = _starts;
        ReadOnlySpan<float> thresholds = _thresholds;
        int firstCell = _firstCell;
        int cells = _cells;
        for (int i = 0; i < values.Length; i++)
        {
            float u = values[i] * scale;
            codes[i] = AtLeastOne(Find(u, starts, thresholds, firstCell, cells), u);
        }
    }

    /// <inheritdoc/>
    internal override void EncodeStochastic(
        ReadOnlySpan<float> values, float scale, Span<byte> codes, RandomBytes random)
    {
        ReadOnlySpan<byte> starts = _starts;
        ReadOnlySpan<float> thresholds = _thresholds;
        ReadOnlySpan<float> table = ValueArray;
        int firstCell = _firstCell;
        int cells = _cells;
        uint word = 0;
        for (int i = 0; i < values.Length; i++)
        {
            word = i % RandomBytes.ElementsOfWord == 0 ? random.WordAt(i) : word >> 8;
            float u = values[i] * scale;
            codes[i] = Round(u, Find(u, starts, thresholds, firstCell, cells), (byte)word, table);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte Round(float u, int nearest, byte random, ReadOnlySpan<float> table)
    {
        // The nearest value is the one below or the one above.
        int code = nearest - (table[nearest] > u ? 1 : 0);
        if ((uint)code >= (uint)(table.Length - 1))
        {
            return (byte)Math.Max(code, 0);
        }

        float below = table[code];
        int place = (int)(((u - below) / (table[code + 1] - below) * RandomLimit) + 0.5f);
        return AtLeastOne((byte)(code + ((place + random) / RandomLimit)), u);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte AtLeastOne(byte code, float u) => IsUnsigned && code == 0 && u > 0f ? (byte)1 : code;

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
}
