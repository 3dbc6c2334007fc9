using System.Numerics;
using System.Runtime.CompilerServices;
using Requant.Ptx.Execution;
using Requant.Ptx.Syntax;

namespace Requant.Ptx.Decode;

/// <summary>Functions of float32 and float64 by opcode and type, rounded to nearest, ties to even.</summary>
/// <remarks>C# evaluates float as IEEE single precision, as PTX does; neither fuses a multiplication with an addition
/// unless told to.</remarks>
internal static class FloatArithmetic
{
    /// <summary>What a float32 instruction returns for any NaN.</summary>
    public const uint NaN32 = 0x7fffffff;

    private const uint Sign32 = 0x80000000;
    private const uint Magnitude32 = 0x7fffffff;
    private const uint SmallestNormal32 = 0x00800000;

    /// <summary>The function of an opcode such as <c>min.NaN</c>, or null.</summary>
    public static LaneFunction? Find(string opcode, PtxType type) => type switch
    {
        PtxType.F32 => Of<float>.Functions.GetValueOrDefault(opcode),
        PtxType.F64 => Of<double>.Functions.GetValueOrDefault(opcode),
        _ => null,
    };

    /// <summary><c>.ftz</c>: float32 inputs and results below 2^-126 become zeros with their sign.</summary>
    public static LaneFunction FlushToZero(LaneFunction function) =>
        (a, b, c) => Flush(function(Flush(a), Flush(b), Flush(c)));

    /// <summary><c>.ftz</c> of an instruction whose result is no float.</summary>
    public static LaneFunction FlushInputs(LaneFunction function) =>
        (a, b, c) => function(Flush(a), Flush(b), Flush(c));

    public static ulong Flush(ulong bits) => (bits & Magnitude32) < SmallestNormal32 ? bits & Sign32 : bits;

    private static class Of<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private static readonly ulong Sign = 1UL << ((8 * Unsafe.SizeOf<T>()) - 1);

        // abs, neg and copysign change bits, whatever the value is.
        public static readonly Dictionary<string, LaneFunction> Functions = new(StringComparer.Ordinal)
        {
            ["add"] = (a, b, _) => To(From(a) + From(b)),
            ["sub"] = (a, b, _) => To(From(a) - From(b)),
            ["mul"] = (a, b, _) => To(From(a) * From(b)),
            ["fma"] = (a, b, c) => To(T.FusedMultiplyAdd(From(a), From(b), From(c))),
            ["div"] = (a, b, _) => To(From(a) / From(b)),
            ["rcp"] = (a, _, _) => To(T.One / From(a)),
            ["sqrt"] = (a, _, _) => To(T.Sqrt(From(a))),
            ["min"] = (a, b, _) => To(T.MinNumber(From(a), From(b))),
            ["max"] = (a, b, _) => To(T.MaxNumber(From(a), From(b))),
            ["min.NaN"] = (a, b, _) => To(T.Min(From(a), From(b))),
            ["max.NaN"] = (a, b, _) => To(T.Max(From(a), From(b))),
            ["abs"] = (a, _, _) => a & ~Sign,
            ["neg"] = (a, _, _) => a ^ Sign,
            ["copysign"] = (a, b, _) => (a & Sign) | (b & ~Sign),
            ["setp.eq"] = (a, b, _) => From(a) == From(b) ? 1UL : 0UL,
            ["setp.ne"] = (a, b, _) => From(a) < From(b) || From(a) > From(b) ? 1UL : 0UL,
            ["setp.lt"] = (a, b, _) => From(a) < From(b) ? 1UL : 0UL,
            ["setp.le"] = (a, b, _) => From(a) <= From(b) ? 1UL : 0UL,
            ["setp.gt"] = (a, b, _) => From(a) > From(b) ? 1UL : 0UL,
            ["setp.ge"] = (a, b, _) => From(a) >= From(b) ? 1UL : 0UL,
            ["setp.equ"] = (a, b, _) => From(a) < From(b) || From(a) > From(b) ? 0UL : 1UL,
            ["setp.neu"] = (a, b, _) => From(a) != From(b) ? 1UL : 0UL,
            ["setp.ltu"] = (a, b, _) => From(a) >= From(b) ? 0UL : 1UL,
            ["setp.leu"] = (a, b, _) => From(a) > From(b) ? 0UL : 1UL,
            ["setp.gtu"] = (a, b, _) => From(a) <= From(b) ? 0UL : 1UL,
            ["setp.geu"] = (a, b, _) => From(a) < From(b) ? 0UL : 1UL,
            ["setp.num"] = (a, b, _) => T.IsNaN(From(a)) || T.IsNaN(From(b)) ? 0UL : 1UL,
            ["setp.nan"] = (a, b, _) => T.IsNaN(From(a)) || T.IsNaN(From(b)) ? 1UL : 0UL,
            ["testp.finite"] = (a, _, _) => T.IsFinite(From(a)) ? 1UL : 0UL,
            ["testp.infinite"] = (a, _, _) => T.IsInfinity(From(a)) ? 1UL : 0UL,
            ["testp.number"] = (a, _, _) => T.IsNaN(From(a)) ? 0UL : 1UL,
            ["testp.notanumber"] = (a, _, _) => T.IsNaN(From(a)) ? 1UL : 0UL,
            ["testp.normal"] = (a, _, _) => T.IsNormal(From(a)) ? 1UL : 0UL,
            ["testp.subnormal"] = (a, _, _) => T.IsSubnormal(From(a)) ? 1UL : 0UL,
        };

        private static T From(ulong bits) => Unsafe.SizeOf<T>() == sizeof(uint)
            ? Unsafe.BitCast<uint, T>((uint)bits)
            : Unsafe.BitCast<ulong, T>(bits);

        // PTX says which NaN a float32 instruction returns; of float64 it leaves the payload open.
        private static ulong To(T value) => Unsafe.SizeOf<T>() == sizeof(uint)
            ? T.IsNaN(value) ? NaN32 : Unsafe.BitCast<T, uint>(value)
            : Unsafe.BitCast<T, ulong>(value);
    }
}
