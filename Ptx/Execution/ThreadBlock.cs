namespace Requant.Ptx.Execution;

/// <summary>The warps of a block and their shared memory.</summary>
internal sealed class ThreadBlock
{
    private readonly LaunchContext _launch;
    private readonly Warp[] _warps;

    public ThreadBlock(LaunchContext launch)
    {
        _launch = launch;
        Shared = new byte[launch.Program.SharedBytes];
        _warps = new Warp[(launch.Grid.ThreadsPerBlock + Warp.Lanes - 1) / Warp.Lanes];
        for (int i = 0; i < _warps.Length; i++)
        {
            _warps[i] = new Warp(launch, this, i);
        }
    }

    public int Index { get; private set; }

    public byte[] Shared { get; }

    /// <summary>Runs one block of the grid from its first instruction to the end of its last thread.</summary>
    public void Run(int index)
    {
        Index = index;
        Array.Fill(Shared, LaunchContext.Garbage);
        foreach (Warp warp in _warps)
        {
            warp.Start(_launch.Grid.ThreadsPerBlock - (warp.Index * Warp.Lanes));
        }

        while (!Array.TrueForAll(_warps, warp => warp.HasEnded))
        {
            for (int i = 0; i < _warps.Length; i++)
            {
                _warps[_launch.Grid.Order == PtxOrder.Forward ? i : _warps.Length - 1 - i].Run();
            }

            PassBarrier();
        }
    }

    private void PassBarrier()
    {
        Warp? first = Array.Find(_warps, warp => !warp.HasEnded);
        foreach (Warp warp in _warps)
        {
            if (first is not null && (warp.HasEnded || warp.BarrierPosition != first.BarrierPosition))
            {
                Operation barrier = _launch.Program.Operations[first.BarrierPosition];
                string other = warp.HasEnded
                    ? "has ended"
                    : $"waits at line {_launch.Program.Operations[warp.BarrierPosition].Source.Line}";
                throw barrier.Source.Error(
                    $"block {Index}: warp {first.Index} waits here, and warp {warp.Index} {other}.");
            }
        }

        if (first is not null)
        {
            Array.ForEach(_warps, warp => warp.PassBarrier());
        }
    }
}
