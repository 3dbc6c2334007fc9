using System.Globalization;
using Requant.CompilerServices;

namespace Requant.Devices.Ptx;

/// <summary>Reads a thread's number once, at the beginning: assemblers read it again in every round of a loop, and wait
/// for it. The number of a group's threads is known.</summary>
internal static class PtxInvariants
{
    private const string Source = "%tid.x";
    private const string GroupSize = "%ntid.x";
    private const string Thread = "%mi0";
    private const string Lane = "%mi1";
    private const string LaneMask = "31";

    /// <summary>Rewrites the body of a <see cref="DeviceKernel"/>, which is launched in groups of
    /// <see cref="PtxCompiler.GroupSize"/>.</summary>
    public static void Rewrite(PtxBody body)
    {
        bool any = false;
        foreach (PtxBlock block in body.Blocks)
        {
            var threads = new HashSet<string>(StringComparer.Ordinal);
            foreach (PtxLine line in block.Lines.Where(line => line.IsInstruction))
            {
                bool isThread = line.Name == "mov" && line.Guard is null && line.Operands[1] == Source;
                if (isThread)
                {
                    line.Operands = [line.Operands[0], Thread];
                    any = true;
                }
                else if (line.Name == "mov" && line.Guard is null && line.Operands[1] == GroupSize)
                {
                    line.Operands = [line.Operands[0], PtxCompiler.GroupSize.ToString(CultureInfo.InvariantCulture)];
                }
                else if (line.Opcode == "and.b32" && threads.Contains(line.Operands[1]) && line.Operands[2] == LaneMask)
                {
                    line.Opcode = "mov.b32";
                    line.Operands = [line.Operands[0], Lane];
                }

                threads.ExceptWith(line.Results);
                if (isThread)
                {
                    threads.Add(line.Operands[0]);
                }
            }
        }

        if (any)
        {
            int first = body.Blocks[0].Lines.FindIndex(line => line.IsInstruction);
            body.Blocks[0].Lines.InsertRange(
                first,
                [
                    PtxLine.Parse("\t.reg .b32 %mi<2>;")!,
                    PtxLine.Instruction("mov.u32", Thread, Source),
                    PtxLine.Instruction("and.b32", Lane, Thread, LaneMask),
                ]);
        }
    }
}
