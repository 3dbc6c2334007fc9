namespace Requant.Samples.StateComparison;

/// <summary>Codes that are the top of a float32's bits: as many values in each octave, 1 the largest, and 0.</summary>
/// <remarks>The code is the upper half of a number of 8.8 bits,
/// <c>(max(0, (bits >> shift) - (offset &lt;&lt; 8)) + r) >> 8</c>, with 128 for r where the nearest code is asked for,
/// and a random byte where rounding is stochastic.</remarks>
internal sealed class OctaveCode
{
    private const int OneBits = 0x3F800000;
    private const int MantissaBits = 23;
    private const int SignMask = int.MinValue;

    private readonly int _shift;
    private readonly int _offset;
    private readonly int _smallestNotZero;
    private readonly int _stochasticOffset;

    /// <summary>Makes the code.</summary>
    /// <param name="lastCode">The code of 1: 127 beside a sign, 255 without.</param>
    /// <param name="log2CodesPerOctave">3 for 8 codes an octave.</param>
    private OctaveCode(int lastCode, int log2CodesPerOctave)
    {
        int codeShift = MantissaBits - log2CodesPerOctave;
        _shift = codeShift - 8;
        _offset = ((OneBits >> codeShift) - lastCode) << 8;
        IsSigned = lastCode == 127;
        // Half of the smallest value has its code; an unsigned value is not 0 unless it was.
        _smallestNotZero = IsSigned ? (((_offset >> 8) + 1) << codeShift) - (1 << MantissaBits) : 1;
        // What the shift cuts off is half of its last place on average.
        _stochasticOffset = 1 << (_shift - 1);
    }

    /// <summary>Sign and 7 bits, 8 codes an octave, 16 octaves.</summary>
    public static OctaveCode MiniFloat { get; } = new(127, 3);

    /// <summary>8 bits, 8 codes an octave, 32 octaves.</summary>
    public static OctaveCode MiniFloatUnsigned { get; } = new(255, 3);

    /// <summary>Sign and 7 bits, 16 codes an octave, 8 octaves.</summary>
    public static OctaveCode SixteenPerOctave { get; } = new(127, 4);

    /// <summary>Whether a bit is the sign's.</summary>
    public bool IsSigned { get; }

    /// <summary>Rounds a block in place.</summary>
    /// <param name="block">float32[n], finite.</param>
    /// <param name="absmax">The largest magnitude.</param>
    /// <param name="random">uint8[n] for stochastic rounding; empty for the nearest codes.</param>
    public void Round(Span<float> block, float absmax, ReadOnlySpan<byte> random)
    {
        float inverse = 1f / absmax;
        if (random.IsEmpty)
        {
            for (int i = 0; i < block.Length; i++)
            {
                block[i] = Round(block[i] * inverse, 128, 0) * absmax;
            }
        }
        else
        {
            for (int i = 0; i < block.Length; i++)
            {
                block[i] = Round(block[i] * inverse, random[i], _stochasticOffset) * absmax;
            }
        }
    }

    private float Round(float u, int r, int bitOffset)
    {
        int bits = BitConverter.SingleToInt32Bits(u);
        int magnitude = bits & ~SignMask;
        int sign = bits & SignMask;
        int place = Math.Max(0, ((magnitude + bitOffset) >> _shift) - _offset);
        int code = Math.Max((place + r) >> 8, magnitude >= _smallestNotZero ? 1 : 0);
        int value = code == 0 ? 0 : (code << (_shift + 8)) + (_offset << _shift);
        return BitConverter.Int32BitsToSingle(value | sign);
    }
}
