namespace Requant.Distributed.Sharding;

/// <summary>Which rank keeps the states of which elements. It depends on the tensors and the number of ranks alone, so
/// that every rank finds the same.</summary>
internal sealed class ShardPlan
{
    /// <summary>What the fullest rank may have above the mean before tensors are split that need not be.</summary>
    private const double Tolerance = 1.02;

    private readonly int[] _firstOfTensor;

    private ShardPlan(Piece[] pieces, int tensors, int ranks)
    {
        Pieces = pieces;
        Ranks = ranks;
        _firstOfTensor = new int[tensors + 1];
        Array.ForEach(pieces, piece => _firstOfTensor[piece.Tensor + 1]++);
        for (int tensor = 0; tensor < tensors; tensor++)
        {
            _firstOfTensor[tensor + 1] += _firstOfTensor[tensor];
        }
    }

    /// <summary>In the order of tensors, and of elements within a tensor; each tensor has at least one, and at most one
    /// on a rank.</summary>
    public IReadOnlyList<Piece> Pieces { get; }

    public int Ranks { get; }

    /// <summary>The pieces of a tensor.</summary>
    public ReadOnlySpan<Piece> OfTensor(int tensor) =>
        ((Piece[])Pieces).AsSpan(_firstOfTensor[tensor], _firstOfTensor[tensor + 1] - _firstOfTensor[tensor]);

    /// <summary>Spreads tensors over ranks: whole ones, largest first to the rank with the least; those above a rank's
    /// share are cut at block boundaries into what ranks lack, and smaller ones, too, where it takes that.</summary>
    /// <param name="tensors">Elements of each, and how often an element counts: by the bytes of its states.</param>
    /// <param name="ranks">At least 1.</param>
    /// <param name="blockSize">Elements of a block.</param>
    /// <param name="mayCut">Whether a tensor's elements are independent of each other.</param>
    public static ShardPlan Of(IReadOnlyList<(long Length, int Weight)> tensors, int ranks, int blockSize, bool mayCut)
    {
        double mean = tensors.Sum(tensor => (double)tensor.Length * tensor.Weight) / ranks;
        List<Piece> best = Spread(tensors, ranks, blockSize, mayCut ? mean : double.PositiveInfinity, mean);
        double fullest = Fullest(best, tensors, ranks);
        for (double above = mean / 2; mayCut && fullest > mean * Tolerance && above > blockSize; above /= 2)
        {
            List<Piece> other = Spread(tensors, ranks, blockSize, above, mean);
            double othersFullest = Fullest(other, tensors, ranks);
            (best, fullest) = othersFullest < fullest ? (other, othersFullest) : (best, fullest);
        }

        return new ShardPlan(
            [.. best.OrderBy(piece => piece.Tensor).ThenBy(piece => piece.Start)], tensors.Count, ranks);
    }

    private static List<Piece> Spread(
        IReadOnlyList<(long Length, int Weight)> tensors, int ranks, int blockSize, double above, double mean)
    {
        double WeightOf(int tensor) => (double)tensors[tensor].Length * tensors[tensor].Weight;
        var pieces = new List<Piece>();
        double[] loads = new double[ranks];
        var byLoad = new PriorityQueue<int, (double Load, int Rank)>(
            Enumerable.Range(0, ranks).Select(rank => (rank, (0.0, rank))));
        foreach (int tensor in Enumerable.Range(0, tensors.Count)
            .Where(tensor => WeightOf(tensor) <= above).OrderByDescending(WeightOf))
        {
            int rank = byLoad.Dequeue();
            pieces.Add(new Piece(tensor, rank, 0, tensors[tensor].Length));
            loads[rank] += WeightOf(tensor);
            byLoad.Enqueue(rank, (loads[rank], rank));
        }

        int[] open = [.. Enumerable.Range(0, ranks).OrderBy(rank => loads[rank])];
        int next = 0;

        // What ranks so far should have taken and have not, so that rounding to blocks does not add up.
        double room = mean - loads[open[0]];
        foreach (int tensor in Enumerable.Range(0, tensors.Count).Where(tensor => WeightOf(tensor) > above))
        {
            (long length, int weight) = tensors[tensor];
            for (long start = 0; start < length;)
            {
                int rank = open[next];
                long wanted = (long)Math.Round(room / ((double)weight * blockSize)) * blockSize;
                long taken = next == ranks - 1 ? length - start : Math.Clamp(wanted, 0, length - start);
                if (taken > 0)
                {
                    pieces.Add(new Piece(tensor, rank, start, taken));
                    room -= (double)taken * weight;
                    start += taken;
                }

                if (start < length)
                {
                    room += mean - loads[open[++next]];
                }
            }
        }

        return pieces;
    }

    private static double Fullest(
        List<Piece> pieces, IReadOnlyList<(long Length, int Weight)> tensors, int ranks)
    {
        double[] loads = new double[ranks];
        pieces.ForEach(piece => loads[piece.Rank] += (double)piece.Length * tensors[piece.Tensor].Weight);
        return loads.Max();
    }
}
