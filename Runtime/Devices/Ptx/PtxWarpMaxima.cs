namespace Requant.Devices.Ptx;

/// <summary>The largest of a warp's unsigned numbers by one instruction instead of five exchanges and five
/// comparisons, for devices that have it.</summary>
internal static class PtxWarpMaxima
{
    /// <summary>The first compute capability with <c>redux</c>, times ten.</summary>
    private const int FirstTarget = 80;

    private const string AllLanes = "4294967295";

    private static readonly string[] Distances = ["16", "8", "4", "2", "1"];

    /// <summary>Rewrites a body.</summary>
    public static void Rewrite(PtxBody body)
    {
        if (body.Target < FirstTarget)
        {
            return;
        }

        Dictionary<string, int> reads = body.Blocks.SelectMany(block => block.Lines).Where(line => line.IsInstruction)
            .SelectMany(line => line.Sources).CountBy(register => register, StringComparer.Ordinal)
            .ToDictionary(StringComparer.Ordinal);
        foreach (PtxBlock block in body.Blocks)
        {
            for (int first = 0; first + (2 * Distances.Length) <= block.Lines.Count; first++)
            {
                if (IsMaximum(block.Lines, first, reads))
                {
                    PtxLine last = block.Lines[first + (2 * Distances.Length) - 1];
                    string value = block.Lines[first].Operands[1];
                    block.Lines.RemoveRange(first, 2 * Distances.Length);
                    block.Lines.Insert(
                        first, PtxLine.Instruction("redux.sync.max.u32", last.Operands[0], value, AllLanes));
                }
            }
        }
    }

    /// <summary>Whether an exchange and a maximum at each distance begin at a line, whose results
    /// nothing else reads.</summary>
    private static bool IsMaximum(List<PtxLine> lines, int first, Dictionary<string, int> reads)
    {
        string value = lines[first].IsInstruction && lines[first].Operands.Length > 1 ? lines[first].Operands[1] : "";
        for (int i = 0; i < Distances.Length; i++)
        {
            PtxLine exchange = lines[first + (2 * i)];
            PtxLine maximum = lines[first + (2 * i) + 1];
            if (exchange.Opcode != "shfl.sync.bfly.b32" || maximum.Opcode != "max.u32" || exchange.Guard is not null
                || maximum.Guard is not null
                || !exchange.Operands.Skip(1).SequenceEqual([value, Distances[i], "31", AllLanes])
                || !maximum.Operands.Skip(1).Order().SequenceEqual(new[] { value, exchange.Operands[0] }.Order())
                || reads[exchange.Operands[0]] != 1 || (i > 0 && reads[value] != 2))
            {
                return false;
            }

            value = maximum.Operands[0];
        }

        return true;
    }
}
