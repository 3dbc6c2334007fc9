namespace Requant.Ptx;

/// <summary>How a kernel is launched; blocks and grids have one dimension.</summary>
/// <param name="Blocks">Blocks of the grid, at least 1.</param>
/// <param name="ThreadsPerBlock">Threads of a block, from 1 to 1024.</param>
public sealed record PtxGrid(int Blocks, int ThreadsPerBlock)
{
    private const int MostThreads = 1024;

    /// <summary>The order in which lanes, warps and blocks take turns.</summary>
    public PtxOrder Order { get; init; } = PtxOrder.Forward;

    /// <summary>Instructions of warps after which a launch counts as endless.</summary>
    public long MaxWarpInstructions { get; init; } = 200_000_000;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Blocks, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ThreadsPerBlock, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ThreadsPerBlock, MostThreads);
    }
}

/// <summary>Two orders far from each other: a kernel whose result depends on the order of its threads is likely to
/// differ between them.</summary>
public enum PtxOrder
{
    /// <summary>Blocks and warps ascending; of diverged lanes those first that are behind, so that they meet again as
    /// on hardware.</summary>
    Forward,

    /// <summary>Blocks and warps descending; of diverged lanes those that are ahead, as far as they get.</summary>
    Backward,
}
