using Requant.Distributed;
using Requant.Distributed.Sharding;

namespace Requant.Bench.Ranks;

/// <summary>What a step of 8-bit Adam costs one rank of many, from the plan that the library would follow and measured
/// constants.</summary>
/// <param name="Ranks">How many ranks.</param>
/// <param name="Pieces">Parts of tensors that all ranks keep.</param>
/// <param name="Fullest">Elements of the fullest rank by the mean.</param>
/// <param name="StateBytes">Of the fullest rank.</param>
/// <param name="ScratchBytes">Of its buffers.</param>
/// <param name="Messages">That the busiest rank sends.</param>
/// <param name="WireBytes">That a rank sends, at most.</param>
/// <param name="Seconds">Of a step, its parts one after the other.</param>
internal sealed record ScaleModel(
    int Ranks, int Pieces, double Fullest, double StateBytes, double ScratchBytes, long Messages, double WireBytes,
    double Seconds)
{
    /// <summary>Bytes of 8-bit Adam's states for an element: two codes, and two float32 for a block of 256.</summary>
    private const double StateBytesOfElement = 2 + (8.0 / 256);

    private const int BytesOfElement = 2;

    private const int BlockSize = 256;

    /// <summary>Predicts a step of bfloat16 parameters and gradients.</summary>
    public static ScaleModel Of(IReadOnlyList<long> tensors, int ranks, ScaleConstants constants)
    {
        ShardPlan plan = ShardPlan.Of([.. tensors.Select(length => (length, 1))], ranks, BlockSize, mayCut: true);
        var rounds = new GradientRounds(ranks, new ShardingOptions().BucketBytes);
        long[] loads = new long[ranks];
        long[] segments = new long[ranks];
        long[] parameters = new long[ranks];
        foreach (Piece piece in plan.Pieces)
        {
            loads[piece.Rank] += piece.Length;
            double bytes = (double)piece.Length * BytesOfElement;
            segments[piece.Rank] += (long)Math.Ceiling(bytes / rounds.Bytes);
            parameters[piece.Rank] += (long)Math.Ceiling(bytes / ShardExchange.ParameterBytes);
        }

        long allSegments = segments.Sum();
        long fullest = loads.Max();
        long total = tensors.Sum();
        int others = ranks - 1;

        // Gradients of others' parts go to them, parameters of the own part to all others.
        long messages = Enumerable.Range(0, ranks)
            .Max(rank => allSegments - segments[rank] + (parameters[rank] * others));
        double wire = ((double)(total - loads.Min()) + ((double)fullest * others)) * BytesOfElement;
        double seconds = (wire / constants.WireBytesPerSecond) + (messages * constants.SecondsPerMessage)
            + ((double)fullest * ranks * BytesOfElement / constants.AddedBytesPerSecond)
            + (fullest / constants.UpdatedElementsPerSecond);
        return new ScaleModel(
            ranks, plan.Pieces.Count, fullest / ((double)total / ranks), fullest * StateBytesOfElement,
            2.0 * rounds.Places * Math.Min(rounds.Bytes, fullest * BytesOfElement), messages, wire, seconds);
    }
}

/// <summary>What the model stands on.</summary>
/// <param name="WireBytesPerSecond">Of one rank's link, in one direction; assumed.</param>
/// <param name="SecondsPerMessage">Of a rank for a message that it sends and one that it receives; measured.</param>
/// <param name="AddedBytesPerSecond">Of gradients that a rank adds up; measured.</param>
/// <param name="UpdatedElementsPerSecond">Of 8-bit Adam on one rank; measured.</param>
internal sealed record ScaleConstants(
    double WireBytesPerSecond, double SecondsPerMessage, double AddedBytesPerSecond, double UpdatedElementsPerSecond);
