namespace Requant.Distributed.Faults;

/// <summary>Where a rank is in its life; the numbers are in shared memory, which begins as zeros.</summary>
internal enum RankState
{
    /// <summary>It is on another host.</summary>
    Elsewhere,

    /// <summary>It takes part.</summary>
    Running,

    /// <summary>It has begun to leave, and nothing is to come from it.</summary>
    Leaving,

    /// <summary>It has left in order; its process may end.</summary>
    Left,
}
