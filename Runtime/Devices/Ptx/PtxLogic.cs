using System.Globalization;

namespace Requant.Devices.Ptx;

/// <summary>Joins two operations of bits, the second of which reads the first one's result, into <c>lop3</c>.</summary>
internal static class PtxLogic
{
    /// <summary>What each of three operands is for the eight entries of a table.</summary>
    private static readonly int[] Columns = [0xf0, 0xcc, 0xaa];

    /// <summary>Whether a line computes each bit from the same bits of two words.</summary>
    public static bool IsOperation(PtxLine line) => line.Opcode is "and.b32" or "or.b32" or "xor.b32";

    /// <summary>Whether two lines can be one: a device takes one constant.</summary>
    /// <param name="second">The one that reads the other's result.</param>
    /// <param name="first">The other.</param>
    public static bool CanJoin(PtxLine second, PtxLine first) => IsOperation(first)
        && second.Operands.Skip(1).Concat(first.Operands.Skip(1))
            .Count(operand => !PtxOperand.IsRegister(operand)) <= 1;

    /// <summary>The operands of <c>lop3</c>.</summary>
    /// <param name="second">The line that reads the other's result.</param>
    /// <param name="operand">Which of its operands that is.</param>
    /// <param name="first">The other.</param>
    public static string[] Join(PtxLine second, int operand, PtxLine first)
    {
        int table = Apply(second.Name, Apply(first.Name, Columns[0], Columns[1]), Columns[2]);
        return
        [
            second.Operands[0], first.Operands[1], first.Operands[2], second.Operands[3 - operand],
            table.ToString(CultureInfo.InvariantCulture),
        ];
    }

    private static int Apply(string name, int x, int y) => name switch
    {
        "and" => x & y,
        "or" => x | y,
        _ => x ^ y,
    };
}
