using System.Globalization;
using System.Numerics;
using Requant.CompilerServices;

namespace Requant.Devices.Ptx;

/// <summary>Adds a scaled index of 32 bits to an address by one instruction each time, and not by a product and sums of
/// two halves that several addresses share.</summary>
/// <remarks>The scale, a power of two, comes from a register whose value assemblers do not know: they would make shifts
/// and sums of it again.</remarks>
internal static class PtxWideIndices
{
    /// <summary>Of the threads of a group, log2.</summary>
    private static readonly int MostShift = BitOperations.Log2(PtxCompiler.GroupSize);

    /// <summary>Rewrites the body of a <see cref="DeviceKernel"/>, which is launched in groups of
    /// <see cref="PtxCompiler.GroupSize"/>; leaves products that nothing reads any more.</summary>
    public static void Rewrite(PtxBody body)
    {
        var shifts = new SortedSet<int>();
        foreach (PtxBlock block in body.Blocks)
        {
            var written = new Dictionary<string, int>(StringComparer.Ordinal);
            for (int i = 0; i < block.Lines.Count; i++)
            {
                PtxLine line = block.Lines[i];
                if (!line.IsInstruction)
                {
                    continue;
                }

                if (line.Opcode is "add.u64" or "add.s64" && line.Guard is null)
                {
                    Fuse(block.Lines, written, line, shifts);
                }

                foreach (string register in line.Results)
                {
                    written[register] = i;
                }
            }
        }

        Define(body, shifts);
    }

    private static void Define(PtxBody body, SortedSet<int> shifts)
    {
        if (shifts.Count > 0)
        {
            int first = body.Blocks[0].Lines.FindIndex(line => line.IsInstruction);
            body.Blocks[0].Lines.InsertRange(
                first,
                [
                    PtxLine.Parse(string.Create(CultureInfo.InvariantCulture, $"\t.reg .b32 %ms<{MostShift + 1}>;"))!,
                    PtxLine.Instruction("mov.u32", Scale(MostShift), "%ntid.x"),
                    .. shifts.Where(shift => shift < MostShift).Select(shift => PtxLine.Instruction(
                        "shr.u32", Scale(shift), Scale(MostShift),
                        (MostShift - shift).ToString(CultureInfo.InvariantCulture))),
                ]);
        }
    }

    private static string Scale(int shift) => string.Create(CultureInfo.InvariantCulture, $"%ms{shift}");

    private static void Fuse(List<PtxLine> lines, Dictionary<string, int> written, PtxLine sum, SortedSet<int> shifts)
    {
        for (int operand = 1; operand <= 2; operand++)
        {
            if (written.TryGetValue(sum.Operands[operand], out int shift)
                && lines[shift] is { Opcode: "shl.b64", Guard: null } product
                && PtxOperand.TryInteger(product.Operands[2], out long bits) && bits > 0 && bits <= MostShift
                && written.TryGetValue(product.Operands[1], out int conversion) && conversion < shift
                && lines[conversion] is { Opcode: "cvt.u64.u32", Guard: null } index
                && PtxOperand.IsRegister(sum.Operands[3 - operand])
                && (!written.TryGetValue(index.Operands[1], out int source) || source < conversion))
            {
                sum.Opcode = "mad.wide.u32";
                sum.Operands = [sum.Operands[0], index.Operands[1], Scale((int)bits), sum.Operands[3 - operand]];
                shifts.Add((int)bits);
                return;
            }
        }
    }
}
