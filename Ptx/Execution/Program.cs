using Requant.Ptx.Syntax;

namespace Requant.Ptx.Execution;

/// <summary>A decoded kernel.</summary>
/// <param name="Operations">The last one is a return.</param>
/// <param name="Ranks">int32[operations]: of diverged lanes those with the lowest rank run first.</param>
/// <param name="SlotCount">Values of a lane: registers, then constants and special registers.</param>
/// <param name="RegisterCount">The first of them, which start undefined.</param>
/// <param name="RegisterMasks">uint64[<paramref name="RegisterCount"/>]: the bits that each register has.</param>
/// <param name="Constants">Slots of literals.</param>
/// <param name="Specials">Slots of special registers.</param>
/// <param name="SharedBytes">Shared memory of a block.</param>
/// <param name="LocalBytes">Local memory of a lane.</param>
/// <param name="Variables">Of the module.</param>
internal sealed record Program(
    Operation[] Operations,
    int[] Ranks,
    int SlotCount,
    int RegisterCount,
    ulong[] RegisterMasks,
    IReadOnlyList<(int Slot, ulong Value)> Constants,
    IReadOnlyList<(int Slot, SpecialRegister Register)> Specials,
    int SharedBytes,
    int LocalBytes,
    IReadOnlyList<PtxVariable> Variables)
{
    private const ulong VariableBase = 0x6000_0000_0000;

    private const ulong GarbageRegister = 0x0101_0101_0101_0101UL * LaunchContext.Garbage;

    /// <summary>The values that the lanes of a warp start with.</summary>
    public void FillRegisters(Warp warp)
    {
        for (int slot = 0; slot < RegisterCount; slot++)
        {
            Slot(warp, slot).Fill(GarbageRegister & RegisterMasks[slot]);
        }

        foreach ((int slot, ulong value) in Constants)
        {
            Slot(warp, slot).Fill(value);
        }

        foreach ((int slot, SpecialRegister register) in Specials)
        {
            Span<ulong> values = Slot(warp, slot);
            for (int lane = 0; lane < values.Length; lane++)
            {
                values[lane] = register.Read(warp, lane);
            }
        }
    }

    /// <summary>The module's variables with their initial values, at the same addresses each time.</summary>
    public static GlobalMemory Place(IReadOnlyList<PtxVariable> variables)
    {
        var memory = new GlobalMemory(VariableBase);
        foreach (PtxVariable variable in variables)
        {
            var bytes = new byte[variable.Bytes];
            variable.Initial.CopyTo(bytes, 0);
            memory.Add(variable.Name, bytes, variable.Space == StateSpace.Global);
        }

        return memory;
    }

    private static Span<ulong> Slot(Warp warp, int slot) => warp.Registers.AsSpan(slot * Warp.Lanes, Warp.Lanes);
}
