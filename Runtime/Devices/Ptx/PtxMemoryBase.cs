using Requant.CompilerServices;

namespace Requant.Devices.Ptx;

/// <summary>Takes out the beginning of a kernel's memory, which is 0, where ILGPU adds it to every position.</summary>
internal sealed class PtxMemoryBase
{
    /// <summary>Instructions whose result is 0: at first all that may be, then fewer, until each copies the address or
    /// another of them.</summary>
    private readonly HashSet<PtxLine> _zeros = [];

    /// <summary>The last instructions of each block that write a register.</summary>
    private readonly Dictionary<string, List<PtxLine>> _last = new(StringComparer.Ordinal);

    private PtxMemoryBase()
    {
    }

    /// <summary>Rewrites the body of a <see cref="DeviceKernel"/>, whose parameter begins with the address.</summary>
    public static void Remove(PtxBody body)
    {
        var bases = new PtxMemoryBase();
        foreach (PtxBlock block in body.Blocks)
        {
            bases.Add(block);
        }

        bool changed = true;
        while (changed)
        {
            changed = body.Blocks.Aggregate(false, (any, block) => bases.Narrow(block) || any);
        }

        foreach (PtxBlock block in body.Blocks)
        {
            bases.Visit(block, (line, isZero) =>
            {
                if (line.Opcode is "add.u64" or "add.s64"
                    && Array.FindIndex(line.Operands, 1, operand => isZero(operand)) is > 0 and var zero)
                {
                    line.Opcode = "mov.b64";
                    line.Operands = [line.Operands[0], line.Operands[3 - zero]];
                }
            });
        }
    }

    private void Add(PtxBlock block)
    {
        var last = new Dictionary<string, PtxLine>(StringComparer.Ordinal);
        foreach (PtxLine line in block.Lines.Where(line => line.IsInstruction))
        {
            if (line.Guard is null && line.Opcode is "mov.b64" or "cvta.to.global.u64" or "ld.param.b64")
            {
                _zeros.Add(line);
            }

            foreach (string register in line.Results)
            {
                last[register] = line;
            }
        }

        foreach ((string register, PtxLine line) in last)
        {
            if (!_last.TryGetValue(register, out List<PtxLine>? lines))
            {
                _last[register] = lines = [];
            }

            lines.Add(line);
        }
    }

    /// <summary>Takes out instructions that are not 0 if those that remain are.</summary>
    /// <returns>Whether there was one.</returns>
    private bool Narrow(PtxBlock block)
    {
        bool changed = false;
        Visit(
            block,
            (line, isZero) => changed |= _zeros.Contains(line) && !IsCopyOfZero(line, isZero) && _zeros.Remove(line));
        return changed;
    }

    private static bool IsCopyOfZero(PtxLine line, Func<string, bool> isZero) => line.Name == "ld"
        ? !line.Operands[1].Contains('+', StringComparison.Ordinal)
        : line.Operands[1] == "0" || isZero(line.Operands[1]);

    /// <summary>Visits a block's instructions with what tells of an operand there whether it is 0.</summary>
    private void Visit(PtxBlock block, Action<PtxLine, Func<string, bool>> visit)
    {
        var written = new Dictionary<string, PtxLine>(StringComparer.Ordinal);
        foreach (PtxLine line in block.Lines.Where(line => line.IsInstruction))
        {
            visit(line, IsZero);
            foreach (string register in line.Results)
            {
                written[register] = line;
            }
        }

        bool IsZero(string operand) => written.TryGetValue(operand, out PtxLine? line)
            ? _zeros.Contains(line)
            : _last.TryGetValue(operand, out List<PtxLine>? lines) && lines.TrueForAll(_zeros.Contains);
    }
}
