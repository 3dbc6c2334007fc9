using System.Numerics;

namespace Requant.Ptx.Execution;

/// <summary>What the threads of a launch share.</summary>
internal sealed class LaunchContext
{
    /// <summary>Fills memory and registers that nothing has written yet, so that whoever relies on
    /// them is found.</summary>
    public const byte Garbage = 0xCD;

    private readonly long[] _lanes;
    private long _warps;

    public LaunchContext(Program program, PtxGrid grid, GlobalMemory memory, byte[] parameters)
    {
        Program = program;
        Grid = grid;
        Memory = memory;
        Parameters = parameters;
        Variables = Program.Place(program.Variables);
        _lanes = new long[program.Operations.Length];
    }

    public Program Program { get; }

    public PtxGrid Grid { get; }

    public GlobalMemory Memory { get; }

    /// <summary>The module's own variables, with their initial values at the start of each launch.</summary>
    public GlobalMemory Variables { get; }

    /// <summary>What memory instructions do in global memory.</summary>
    public AccessLog Accesses { get; } = new();

    /// <summary>The parameters, each at its offset.</summary>
    public byte[] Parameters { get; }

    public PtxProfile Run()
    {
        var block = new ThreadBlock(this);
        for (int i = 0; i < Grid.Blocks; i++)
        {
            block.Run(Grid.Order == PtxOrder.Forward ? i : Grid.Blocks - 1 - i);
        }

        var profile = new PtxProfile();
        profile.Add(Program.Operations, _lanes, _warps);
        profile.Add(Accesses);
        return profile;
    }

    /// <summary>The buffer or module variable that holds all of an access, or null.</summary>
    public GlobalBuffer? FindBuffer(ulong address, int size) =>
        Memory.Find(address, size) ?? Variables.Find(address, size);

    public void Count(int position, uint lanes, Operation operation)
    {
        _lanes[position] += BitOperations.PopCount(lanes);
        if (++_warps > Grid.MaxWarpInstructions)
        {
            throw operation.Source.Error(
                $"the launch has not ended after {Grid.MaxWarpInstructions} instructions of warps.");
        }
    }
}
