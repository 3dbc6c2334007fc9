using System.Globalization;

namespace Requant.Devices.Ptx;

/// <summary>Makes one instruction of two that compute integers, where nothing else reads the result of the
/// first.</summary>
internal static class PtxFusion
{
    /// <summary>Makes one instruction of an index times a size, added to an address: <c>mul.wide</c> and <c>add</c>
    /// become <c>mad.wide</c>, which is exact.</summary>
    public static void FuseAddresses(PtxBody body)
    {
        PtxLiveness liveness = PtxLiveness.Of(body);
        foreach (PtxBlock block in body.Blocks)
        {
            for (int i = 0; i < block.Lines.Count; i++)
            {
                PtxLine sum = block.Lines[i];
                if (sum.Opcode is not ("add.s64" or "add.u64") || sum.Guard is not null)
                {
                    continue;
                }

                int operand = FindProduct(
                    block, i, liveness.AtEnd(block), line => line.Opcode is "mul.wide.u32" or "mul.wide.s32",
                    out int product);
                if (operand > 0)
                {
                    PtxLine factors = block.Lines[product];
                    sum.Opcode = factors.Opcode.Replace("mul", "mad", StringComparison.Ordinal);
                    sum.Operands =
                        [sum.Operands[0], factors.Operands[1], factors.Operands[2], sum.Operands[3 - operand]];
                    block.Lines.RemoveAt(product);
                    i--;
                }
            }
        }
    }

    /// <summary>Makes one instruction of a product, or a shift up, and a sum: <c>mad.lo</c>, and of two operations of
    /// bits with three
    /// operands in all: <c>lop3</c>. Assemblers do so too.</summary>
    public static void FuseWords(PtxBody body)
    {
        PtxLiveness liveness = PtxLiveness.Of(body);
        foreach (PtxBlock block in body.Blocks)
        {
            for (int i = 0; i < block.Lines.Count; i++)
            {
                PtxLine line = block.Lines[i];
                bool isSum = line.Opcode is "add.s32" or "add.u32";
                if (line.Guard is not null || !(isSum || PtxLogic.IsOperation(line)))
                {
                    continue;
                }

                int operand = FindProduct(
                    block, i, liveness.AtEnd(block), one => isSum ? IsProduct(one) : PtxLogic.CanJoin(line, one),
                    out int first);
                if (operand > 0)
                {
                    PtxLine product = block.Lines[first];
                    (line.Opcode, line.Operands) = isSum
                        ? ("mad.lo.u32",
                            [line.Operands[0], product.Operands[1], Factor(product), line.Operands[3 - operand]])
                        : ("lop3.b32", PtxLogic.Join(line, operand, product));
                    block.Lines.RemoveAt(first);
                    i--;
                }
            }
        }
    }

    private static bool IsProduct(PtxLine line) =>
        line.Opcode is "mul.lo.s32" or "mul.lo.u32"
        || (line.Opcode == "shl.b32"
            && PtxOperand.TryInteger(line.Operands[2], out long bits)
            && bits is >= 0 and < 32);

    private static string Factor(PtxLine product) => product.Name == "shl"
        ? (1u << int.Parse(product.Operands[2], CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture)
        : product.Operands[2];

    /// <summary>Finds the product among a sum's operands.</summary>
    /// <param name="block">The block of both.</param>
    /// <param name="sum">Position of the sum.</param>
    /// <param name="liveAtEnd">Registers that later blocks read.</param>
    /// <param name="isProduct">What a product is.</param>
    /// <param name="product">Its position.</param>
    /// <returns>Position of the operand, or 0 where there is none: where something else reads the product, or a factor
    /// has changed in between.</returns>
    public static int FindProduct(
        PtxBlock block, int sum, HashSet<string> liveAtEnd, Func<PtxLine, bool> isProduct, out int product)
    {
        string[] operands = block.Lines[sum].Operands;
        for (int operand = 1; operand <= 2; operand++)
        {
            string register = operands[operand];
            if (!PtxOperand.IsRegister(register) || operands[3 - operand] == register)
            {
                continue;
            }

            int write = LastWrite(block, sum, register);
            if (write >= 0 && block.Lines[write].Guard is null && isProduct(block.Lines[write])
                && !IsRead(block, write + 1, sum, register) && IsDead(block, sum, register, liveAtEnd)
                && block.Lines[write].Operands.Skip(1).All(factor => LastWrite(block, sum, factor) < write))
            {
                product = write;
                return operand;
            }
        }

        product = -1;
        return 0;
    }

    private static int LastWrite(PtxBlock block, int before, string register) => before == 0
        ? -1
        : block.Lines.FindLastIndex(
            before - 1, before, line => line.IsInstruction && line.Results.Contains(register));

    private static bool IsRead(PtxBlock block, int from, int to, string register) =>
        block.Lines[from..to].Exists(line => line.IsInstruction && line.Sources.Contains(register));

    /// <summary>Whether nothing reads a register behind a line.</summary>
    private static bool IsDead(PtxBlock block, int line, string register, HashSet<string> liveAtEnd)
    {
        if (block.Lines[line].Results.Contains(register))
        {
            return true;
        }

        for (int i = line + 1; i < block.Lines.Count; i++)
        {
            if (!block.Lines[i].IsInstruction)
            {
                continue;
            }

            if (block.Lines[i].Sources.Contains(register))
            {
                return false;
            }

            if (block.Lines[i].Guard is null && block.Lines[i].Results.Contains(register))
            {
                return true;
            }
        }

        return !liveAtEnd.Contains(register);
    }
}
