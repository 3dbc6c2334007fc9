namespace Requant.Distributed.Sharding;

/// <summary>How gradients come to the rank that adds them up: in rounds of at most so many bytes from each rank of a
/// group, and of so many ranks at a time that a buffer holds what comes in. Groups take turns in the order of ranks,
/// with what has been added so far carried from one to the next.</summary>
internal sealed class GradientRounds
{
    /// <summary>The least that a message of gradients is cut to, whatever the buffers.</summary>
    private const long LeastBytes = 64 << 10;

    private readonly int _ranks;

    /// <param name="ranks">At least 1.</param>
    /// <param name="bucketBytes">Of a buffer.</param>
    public GradientRounds(int ranks, long bucketBytes)
    {
        _ranks = ranks;
        int others = Math.Max(1, ranks - 1);
        Bytes = Math.Max(LeastBytes, bucketBytes / others) & ~63L;
        Places = (int)Math.Clamp(bucketBytes / Bytes, 1, others);
        GroupSize = Places == others ? ranks : Places;
        Groups = (ranks + GroupSize - 1) / GroupSize;
    }

    /// <summary>The most that one rank sends to another in a round.</summary>
    public long Bytes { get; }

    /// <summary>Ranks that a rank takes gradients of in a round, at most.</summary>
    public int Places { get; }

    /// <summary>Ranks of a group, the adding one included where it is in it.</summary>
    public int GroupSize { get; }

    /// <summary>How many groups there are.</summary>
    public int Groups { get; }

    /// <summary>The ranks of a group, in their order.</summary>
    public IEnumerable<int> RanksOf(int group)
    {
        int end = Math.Min(_ranks, (group + 1) * GroupSize);
        for (int rank = group * GroupSize; rank < end; rank++)
        {
            yield return rank;
        }
    }

    /// <summary>The group of a rank.</summary>
    public int GroupOf(int rank) => rank / GroupSize;
}
