using System.Numerics;
using Requant.Ptx.Execution;
using Requant.Ptx.Syntax;

namespace Requant.Ptx.Decode;

/// <summary>Functions of bits by opcode and type.</summary>
internal static class BitArithmetic
{
    private const int Word = 32;

    /// <summary>The function of an opcode, or null.</summary>
    public static LaneFunction? Find(string opcode, PtxType type) => type switch
    {
        PtxType.Pred or PtxType.B16 =>
            Logic(opcode, type.Mask()) ?? (type == PtxType.B16 ? Shifts(opcode, type) : null),
        PtxType.B32 or PtxType.B64 => Logic(opcode, type.Mask()) ?? Shifts(opcode, type) ?? Fields(opcode, type)
            ?? (type == PtxType.B32 ? Words(opcode) : null),
        _ => null,
    };

    /// <summary>The table of <c>lop3</c>: bit k of the result is entry 4 a + 2 b + c of the table.</summary>
    public static LaneFunction LookUp(byte table) => (a, b, c) =>
    {
        ulong result = 0;
        for (int entry = 0; entry < 8; entry++)
        {
            if ((table & (1 << entry)) != 0)
            {
                result |= ((entry & 4) != 0 ? a : ~a) & ((entry & 2) != 0 ? b : ~b) & ((entry & 1) != 0 ? c : ~c);
            }
        }

        return result & uint.MaxValue;
    };

    private static LaneFunction? Logic(string opcode, ulong mask) => opcode switch
    {
        "and" => (a, b, _) => a & b,
        "or" => (a, b, _) => a | b,
        "xor" => (a, b, _) => a ^ b,
        "not" => (a, _, _) => ~a & mask,
        "setp.eq" => (a, b, _) => a == b ? 1UL : 0UL,
        "setp.ne" => (a, b, _) => a != b ? 1UL : 0UL,
        _ => null,
    };

    // Amounts at or above the size of the type leave nothing.
    private static LaneFunction? Shifts(string opcode, PtxType type)
    {
        ulong bits = (ulong)type.Bits();
        ulong mask = type.Mask();
        return opcode switch
        {
            "shl" => (a, b, _) => b < bits ? (a << (int)b) & mask : 0,
            "shr" => (a, b, _) => b < bits ? a >> (int)b : 0,
            _ => null,
        };
    }

    private static LaneFunction? Fields(string opcode, PtxType type)
    {
        int bits = type.Bits();
        return opcode switch
        {
            "popc" => (a, _, _) => (ulong)BitOperations.PopCount(a),
            "clz" => (a, _, _) => (ulong)(BitOperations.LeadingZeroCount(a) - (64 - bits)),
            "brev" => (a, _, _) => Reverse(a) >> (64 - bits),
            _ => null,
        };
    }

    private static LaneFunction? Words(string opcode) => opcode switch
    {
        "prmt" => Permute,
        "shf.l.clamp" => (a, b, c) => Funnel(a, b, Word - (int)Math.Min(c, Word)),
        "shf.l.wrap" => (a, b, c) => Funnel(a, b, Word - ((int)c & (Word - 1))),
        "shf.r.clamp" => (a, b, c) => Funnel(a, b, (int)Math.Min(c, Word)),
        "shf.r.wrap" => (a, b, c) => Funnel(a, b, (int)c & (Word - 1)),
        _ => null,
    };

    private static ulong Funnel(ulong low, ulong high, int shift) => (((high << Word) | low) >> shift) & uint.MaxValue;

    /// <summary>Each of four nibbles of the selector picks a byte of b:a, or with its top bit copies of the byte's
    /// sign.</summary>
    private static ulong Permute(ulong a, ulong b, ulong selector)
    {
        ulong source = (b << Word) | a;
        ulong result = 0;
        for (int i = 0; i < 4; i++)
        {
            int nibble = (int)(selector >> (4 * i)) & 0xf;
            byte picked = (byte)(source >> (8 * (nibble & 7)));
            byte value = (nibble & 8) == 0 ? picked : (picked & 0x80) != 0 ? byte.MaxValue : (byte)0;
            result |= (ulong)value << (8 * i);
        }

        return result;
    }

    private static ulong Reverse(ulong value)
    {
        ulong result = 0;
        for (int i = 0; i < 64; i++)
        {
            result = (result << 1) | ((value >> i) & 1);
        }

        return result;
    }
}
