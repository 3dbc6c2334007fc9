using Requant.Ptx.Execution;
using Requant.Ptx.Syntax;

namespace Requant.Ptx.Decode;

/// <summary>What <c>cvt</c> is asked to do.</summary>
/// <param name="To">Type of the result.</param>
/// <param name="From">Type of the source.</param>
/// <param name="Rounding">A rounding modifier, or "".</param>
/// <param name="FlushesToZero">Whether float32 subnormals become zeros.</param>
/// <param name="Saturates">Whether integers are clamped; conversions of floats to integers always clamp.</param>
internal sealed record Conversion(PtxType To, PtxType From, string Rounding, bool FlushesToZero, bool Saturates);

/// <summary>Conversions between types.</summary>
internal static class Conversions
{
    private const int MantissaCut = 16;
    private const ulong NaN16 = 0x7fff;

    /// <summary>The function of a conversion, or a message that says why there is none. Results are extended to the
    /// bits of <paramref name="registerBits"/>, with the sign when the type has one.</summary>
    public static LaneFunction? Find(Conversion conversion, int registerBits, out string problem)
    {
        problem = Check(conversion);
        if (problem.Length > 0)
        {
            return null;
        }

        LaneFunction function = (conversion.From.IsFloat(), conversion.To.IsFloat()) switch
        {
            (false, false) => Integers(conversion),
            (false, true) => IntegerToFloat(conversion),
            (true, false) => FloatToInteger(conversion),
            _ => Floats(conversion),
        };
        ulong sign = conversion.To.IsSigned() ? 1UL << (conversion.To.Bits() - 1) : 0;
        ulong register = PtxTypes.Mask(registerBits);
        ulong flush = conversion.FlushesToZero && conversion.To == PtxType.F32 ? 1UL : 0UL;
        return (a, b, c) =>
        {
            ulong result = function(a, b, c);
            result = flush != 0 ? FloatArithmetic.Flush(result) : result;
            return ((result ^ sign) - sign) & register;
        };
    }

    /// <summary>Rounds float32 bits to bfloat16, ties to even.</summary>
    public static ulong BFloat16(ulong bits)
    {
        if (float.IsNaN(BitConverter.UInt32BitsToSingle((uint)bits)))
        {
            return NaN16;
        }

        ulong odd = (bits >> MantissaCut) & 1;
        return (bits + 0x7fff + odd) >> MantissaCut;
    }

    /// <summary>Rounds float32 bits to float16, ties to even.</summary>
    public static ulong Float16(ulong bits) => HalfBits((Half)BitConverter.UInt32BitsToSingle((uint)bits));

    private static string Check(Conversion conversion)
    {
        (PtxType to, PtxType from, string rounding) = (conversion.To, conversion.From, conversion.Rounding);
        bool isIntegral = rounding.EndsWith('i');
        if (to == PtxType.Pred || from == PtxType.Pred)
        {
            return "predicates are not converted.";
        }

        if (conversion.FlushesToZero && to != PtxType.F32 && from != PtxType.F32)
        {
            return ".ftz is for float32.";
        }

        if (conversion.Saturates && (to.IsFloat() || from.IsFloat()))
        {
            return "the interpreter knows .sat between integers only.";
        }

        bool narrows = to.IsFloat() && (!from.IsFloat() || from.Bits() > to.Bits());
        string expected = (from.IsFloat(), to.IsFloat()) switch
        {
            (true, false) => isIntegral ? "" : "one of .rni, .rzi, .rmi and .rpi",
            (true, true) when from == to => isIntegral || rounding.Length == 0 ? "" : ".rni, .rzi, .rmi, .rpi or none",
            _ when narrows => rounding == "rn" ? "" : ".rn, the only such rounding that the interpreter knows",
            _ => rounding.Length == 0 ? "" : "no rounding",
        };
        if (expected.Length > 0)
        {
            return $"it has rounding '{rounding}' and needs {expected}.";
        }

        bool isKnown = to != PtxType.BF16 || from == PtxType.F32;
        isKnown &= from != PtxType.BF16 || to == PtxType.F32;
        isKnown &= from != to || from is PtxType.F32 or PtxType.F64 || !from.IsFloat();
        return isKnown ? "" : "the interpreter does not know this pair of types.";
    }

    private static LaneFunction Integers(Conversion conversion)
    {
        PtxType from = conversion.From;
        PtxType to = conversion.To;
        if (!conversion.Saturates)
        {
            return (a, _, _) => (ulong)(long)Signed(a, from) & to.Mask();
        }

        return (a, _, _) => Clamp(Signed(a, from), to);
    }

    private static LaneFunction IntegerToFloat(Conversion conversion)
    {
        PtxType from = conversion.From;
        return conversion.To switch
        {
            PtxType.F64 => (a, _, _) => BitConverter.DoubleToUInt64Bits(Nearest(Signed(a, from))),
            PtxType.F32 => (a, _, _) => BitConverter.SingleToUInt32Bits((float)ToOdd(Signed(a, from))),
            _ => (a, _, _) => HalfBits((Half)ToOdd(Signed(a, from))),
        };
    }

    private static LaneFunction FloatToInteger(Conversion conversion)
    {
        (PtxType to, PtxType from, string rounding) = (conversion.To, conversion.From, conversion.Rounding);
        bool flushes = conversion.FlushesToZero;

        // What PTX says of NaN: zero, but for the 64-bit types the highest bit alone.
        ulong nan = from == PtxType.F64 || to.Bits() == 64 ? 1UL << (to.Bits() - 1) : 0;
        return (a, _, _) =>
        {
            double value = Value(flushes ? FloatArithmetic.Flush(a) : a, from);
            return double.IsNaN(value) ? nan : Clamp(Round(value, rounding), to);
        };
    }

    private static LaneFunction Floats(Conversion conversion)
    {
        (PtxType to, PtxType from, string rounding) = (conversion.To, conversion.From, conversion.Rounding);
        bool flushes = conversion.FlushesToZero && from == PtxType.F32;
        LaneFunction function = to switch
        {
            PtxType.BF16 => (a, _, _) => BFloat16(a),
            PtxType.F16 => (a, _, _) => HalfBits((Half)Value(a, from)),
            PtxType.F32 => (a, _, _) => SingleBits((float)Round(Value(a, from), rounding)),
            _ => (a, _, _) => BitConverter.DoubleToUInt64Bits(Round(Value(a, from), rounding)),
        };
        return flushes ? (a, b, c) => function(FloatArithmetic.Flush(a), b, c) : function;
    }

    /// <summary>Exactly the value of a float.</summary>
    private static double Value(ulong bits, PtxType type) => type switch
    {
        PtxType.F16 => (double)BitConverter.UInt16BitsToHalf((ushort)bits),
        PtxType.BF16 => BitConverter.UInt32BitsToSingle((uint)(ushort)bits << MantissaCut),
        PtxType.F32 => BitConverter.UInt32BitsToSingle((uint)bits),
        _ => BitConverter.UInt64BitsToDouble(bits),
    };

    private static Int128 Signed(ulong bits, PtxType type)
    {
        bits &= type.Mask();
        ulong sign = type.IsSigned() ? 1UL << (type.Bits() - 1) : 0;
        return type.IsSigned() ? (Int128)(long)((bits ^ sign) - sign) : bits;
    }

    private static double Round(double value, string rounding) => rounding switch
    {
        "rni" => Math.Round(value, MidpointRounding.ToEven),
        "rzi" => Math.Truncate(value),
        "rmi" => Math.Floor(value),
        "rpi" => Math.Ceiling(value),
        _ => value,
    };

    private static ulong Clamp(Int128 value, PtxType type)
    {
        Int128 least = type.IsSigned() ? -((Int128)1 << (type.Bits() - 1)) : 0;
        Int128 most = ((Int128)1 << (type.Bits() - (type.IsSigned() ? 1 : 0))) - 1;
        return (ulong)(long)Int128.Clamp(value, least, most) & type.Mask();
    }

    private static ulong Clamp(double value, PtxType type)
    {
        // Beyond 2^64 every type is clamped, and C# converts no such double to Int128 without care.
        const double Beyond = 36893488147419103232.0;
        return Clamp((Int128)Math.Clamp(value, -Beyond, Beyond), type);
    }

    /// <summary>The nearest double, ties to even; C#'s own conversion of Int128 does not say how it rounds.</summary>
    private static double Nearest(Int128 value) => value < 0 ? (double)(long)value : (double)(ulong)value;

    /// <summary>A double that rounds to the same float32 or float16 as the integer: bits that are lost leave the last
    /// one set, so that rounding twice is rounding once.</summary>
    private static double ToOdd(Int128 value)
    {
        UInt128 magnitude = (UInt128)Int128.Abs(value);
        int excess = 128 - (int)UInt128.LeadingZeroCount(magnitude) - 53;
        if (excess > 0)
        {
            UInt128 lost = magnitude & ((UInt128.One << excess) - 1);
            magnitude = (magnitude >> excess) << excess;
            magnitude |= lost != 0 ? UInt128.One << excess : 0;
        }

        double result = (double)(ulong)magnitude;
        return value < 0 ? -result : result;
    }

    private static ulong SingleBits(float value) =>
        float.IsNaN(value) ? FloatArithmetic.NaN32 : BitConverter.SingleToUInt32Bits(value);

    private static ulong HalfBits(Half value) => Half.IsNaN(value) ? NaN16 : BitConverter.HalfToUInt16Bits(value);
}
