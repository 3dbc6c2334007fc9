namespace Requant.Distributed;

/// <summary>What all communicators check before they begin.</summary>
internal static class TransferCheck
{
    public static void ThrowIfUnusable(ReadOnlySpan<Transfer> transfers, int size, string name)
    {
        for (int i = 0; i < transfers.Length; i++)
        {
            Transfer one = transfers[i];
            if ((uint)one.Rank >= (uint)size)
            {
                throw new ArgumentOutOfRangeException(
                    name, one.Rank, $"Transfer {i} is for rank {one.Rank}, and there are ranks 0 to {size - 1}.");
            }

            if (one.Bytes < 0)
            {
                throw new ArgumentOutOfRangeException(name, one.Bytes, $"Transfer {i} has {one.Bytes} bytes.");
            }

            if (one.Bytes > 0 && one.Address == 0)
            {
                throw new ArgumentException($"Transfer {i} has {one.Bytes} bytes and no address.", name);
            }
        }
    }

    public static void ThrowIfNotAll(int mine, int all, int size, string name)
    {
        if (all != (long)mine * size)
        {
            throw new ArgumentException(
                $"{size} ranks with {mine} bytes each need {(long)mine * size} bytes, and there are {all}.", name);
        }
    }

    public static void ThrowIfNoRank(int rank, int size, string name)
    {
        if ((uint)rank >= (uint)size)
        {
            throw new ArgumentOutOfRangeException(name, rank, $"There are ranks 0 to {size - 1}.");
        }
    }

    /// <exception cref="ArgumentOutOfRangeException">The limit is neither positive nor infinite.</exception>
    public static TimeSpan Usable(TimeSpan timeLimit, string name) =>
        timeLimit > TimeSpan.Zero || timeLimit == Timeout.InfiniteTimeSpan
            ? timeLimit
            : throw new ArgumentOutOfRangeException(name, timeLimit, "A time limit is positive or infinite.");
}
