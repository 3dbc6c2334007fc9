using System.Globalization;

namespace Requant.Ilgpu.Ptx;

/// <summary>Adds a scaled index of 32 bits to an address by one instruction each time, and not by a product and sums of two halves
/// that several addresses share.</summary>
internal static class PtxWideIndices
{
    private const int MostShift = 30;

    /// <summary>Rewrites a body; leaves products that nothing reads any more.</summary>
    public static void Rewrite(PtxBody body)
    {
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
                    Fuse(block.Lines, written, line);
                }

                foreach (string register in PtxOpcode.Results(line))
                {
                    written[register] = i;
                }
            }
        }
    }

    private static void Fuse(List<PtxLine> lines, Dictionary<string, int> written, PtxLine sum)
    {
        for (int operand = 1; operand <= 2; operand++)
        {
            if (written.TryGetValue(sum.Operands[operand], out int shift) && lines[shift] is { Opcode: "shl.b64", Guard: null } product
                && PtxOperand.TryInteger(product.Operands[2], out long bits) && bits is > 0 and <= MostShift
                && written.TryGetValue(product.Operands[1], out int conversion) && conversion < shift
                && lines[conversion] is { Opcode: "cvt.u64.u32", Guard: null } index
                && PtxOperand.IsRegister(sum.Operands[3 - operand])
                && (!written.TryGetValue(index.Operands[1], out int source) || source < conversion))
            {
                sum.Opcode = "mad.wide.u32";
                sum.Operands =
                [
                    sum.Operands[0], index.Operands[1], (1L << (int)bits).ToString(CultureInfo.InvariantCulture), sum.Operands[3 - operand],
                ];
                return;
            }
        }
    }
}
