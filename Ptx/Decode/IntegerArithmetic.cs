using System.Numerics;
using Requant.Ptx.Execution;
using Requant.Ptx.Syntax;

namespace Requant.Ptx.Decode;

/// <summary>Integer functions by opcode and type.</summary>
internal static class IntegerArithmetic
{
    /// <summary>The function of an opcode such as <c>mul.lo</c>, or null.</summary>
    public static LaneFunction? Find(string opcode, PtxType type) => type switch
    {
        PtxType.U16 => Of<ushort>.Functions.GetValueOrDefault(opcode),
        PtxType.U32 => Of<uint>.Functions.GetValueOrDefault(opcode),
        PtxType.U64 => Of<ulong>.Functions.GetValueOrDefault(opcode),
        PtxType.S16 => Of<short>.Functions.GetValueOrDefault(opcode),
        PtxType.S32 => Of<int>.Functions.GetValueOrDefault(opcode),
        PtxType.S64 => Of<long>.Functions.GetValueOrDefault(opcode),
        _ => null,
    };

    private static class Of<T>
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        private static readonly int Bits = int.CreateChecked(T.PopCount(T.AllBitsSet));

        // Unsigned: where PTX keeps the bits of a result that has no room, so does C#.
        public static readonly Dictionary<string, LaneFunction> Functions = new(StringComparer.Ordinal)
        {
            ["add"] = (a, b, _) => To(From(a) + From(b)),
            ["sub"] = (a, b, _) => To(From(a) - From(b)),
            ["mul.lo"] = (a, b, _) => To(From(a) * From(b)),
            ["mul.hi"] = (a, b, _) => To(High(a, b)),
            ["mul.wide"] = (a, b, _) => Wide(Product(a, b)),
            ["mad.lo"] = (a, b, c) => To((From(a) * From(b)) + From(c)),
            ["mad.hi"] = (a, b, c) => To(High(a, b) + From(c)),
            ["mad.wide"] = (a, b, c) => Wide(unchecked(Product(a, b) + (Int128)c)),
            ["div"] = (a, b, _) => To(From(a) / Divisor(a, b)),
            ["rem"] = (a, b, _) => To(From(a) % Divisor(a, b)),
            ["min"] = (a, b, _) => To(T.Min(From(a), From(b))),
            ["max"] = (a, b, _) => To(T.Max(From(a), From(b))),
            ["abs"] = (a, _, _) => To(T.IsNegative(From(a)) ? T.Zero - From(a) : From(a)),
            ["neg"] = (a, _, _) => To(T.Zero - From(a)),
            ["setp.eq"] = (a, b, _) => From(a) == From(b) ? 1UL : 0UL,
            ["setp.ne"] = (a, b, _) => From(a) != From(b) ? 1UL : 0UL,
            ["setp.lt"] = (a, b, _) => From(a) < From(b) ? 1UL : 0UL,
            ["setp.le"] = (a, b, _) => From(a) <= From(b) ? 1UL : 0UL,
            ["setp.gt"] = (a, b, _) => From(a) > From(b) ? 1UL : 0UL,
            ["setp.ge"] = (a, b, _) => From(a) >= From(b) ? 1UL : 0UL,
            ["shr"] = (a, b, _) => To(Shift(From(a), (uint)b)),
            ["bfe"] = (a, b, c) => To(Extract(From(a), (int)(b & byte.MaxValue), (int)(c & byte.MaxValue))),
        };

        private static T From(ulong bits) => T.CreateTruncating(bits);

        private static ulong To(T value) => ulong.CreateTruncating(value) & PtxTypes.Mask(Bits);

        private static ulong Wide(Int128 value) => ulong.CreateTruncating(value) & PtxTypes.Mask(2 * Bits);

        private static Int128 Product(ulong a, ulong b) =>
            unchecked(Int128.CreateTruncating(From(a)) * Int128.CreateTruncating(From(b)));

        private static T High(ulong a, ulong b) => T.CreateTruncating(Product(a, b) >> Bits);

        private static T Divisor(ulong a, ulong b)
        {
            T divisor = From(b);
            if (T.IsZero(divisor))
            {
                throw new FaultException($"{From(a)} is divided by 0, and PTX leaves the result open.");
            }

            if (T.IsNegative(divisor) && divisor == T.AllBitsSet && From(a) == T.MinValue)
            {
                throw new FaultException($"{From(a)} is divided by -1, and PTX leaves the result open.");
            }

            return divisor;
        }

        // Amounts above the size of the type are clamped to it: zeros, or copies of the sign.
        private static T Shift(T value, uint amount) => amount < Bits ? value >> (int)amount
            : T.IsNegative(value) ? T.AllBitsSet : T.Zero;

        private static T Extract(T value, int position, int length)
        {
            // Bits beyond the top are copies of the sign; the sign of the field is its last bit that exists.
            bool isSigned = T.IsNegative(T.AllBitsSet);
            int last = Math.Min(position + length - 1, Bits - 1);
            bool isNegative = isSigned && length > 0 && ((value >>> last) & T.One) == T.One;
            ulong field = position < Bits
                ? ulong.CreateTruncating(value >>> position) & PtxTypes.Mask(Bits - position)
                : 0;
            int held = Math.Clamp(Math.Min(length, Bits - position), 0, Bits);
            ulong mask = held == 0 ? 0 : PtxTypes.Mask(held);
            return T.CreateTruncating(isNegative ? field | ~mask : field & mask);
        }
    }
}
