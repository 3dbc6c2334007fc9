namespace Requant.Devices.Ptx;

/// <summary>Makes a fused multiply-add of each product and its sum, in kernels that are written so: ILGPU has no way to
/// say it.</summary>
internal static class PtxProducts
{
    /// <summary>Rewrites a kernel in which the first operand of every float addition is a product that nothing else
    /// reads.</summary>
    /// <exception cref="InvalidOperationException">It is not.</exception>
    public static void Fuse(PtxBody body)
    {
        Dictionary<string, int> reads = body.Blocks.SelectMany(block => block.Lines)
            .Where(line => line.IsInstruction).SelectMany(line => line.Sources)
            .CountBy(register => register).ToDictionary();
        foreach (PtxBlock block in body.Blocks)
        {
            var products = new Dictionary<string, PtxLine>();
            foreach (PtxLine line in block.Lines.Where(line => line.IsInstruction))
            {
                if (line.Opcode == "add.rn.f32")
                {
                    PtxLine product = products.TryGetValue(line.Operands[1], out PtxLine? found)
                        && reads[line.Operands[1]] == 1
                        ? found
                        : throw new InvalidOperationException($"{line} adds what is no product of its block.");
                    line.Opcode = "fma.rn.f32";
                    line.Operands = [line.Operands[0], product.Operands[1], product.Operands[2], line.Operands[2]];
                }

                // A product whose factors are overwritten can no longer be computed.
                foreach (string written in line.Results)
                {
                    products.Remove(written);
                    foreach (string overwritten in products.Where(one => one.Value.Sources.Contains(written))
                        .Select(one => one.Key).ToArray())
                    {
                        products.Remove(overwritten);
                    }
                }

                if (line.Opcode == "mul.rn.f32" && line.Guard is null)
                {
                    products[line.Operands[0]] = line;
                }
            }
        }
    }
}
