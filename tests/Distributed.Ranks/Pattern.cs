namespace Requant.Distributed.Ranks;

/// <summary>Random transfers between all pairs of ranks. Every rank draws all of them, so that each knows what has to
/// come.</summary>
internal static class Pattern
{
    /// <summary>Runs one exchange and checks what has come.</summary>
    /// <param name="ranks">The communicator.</param>
    /// <param name="random">The same on each rank.</param>
    /// <param name="mostTransfers">Between two ranks, in one direction.</param>
    /// <param name="mostBytes">Of a transfer.</param>
    public static void Run(ICommunicator ranks, Random random, int mostTransfers, int mostBytes)
    {
        var sends = new List<(Transfer Transfer, int Order)>();
        var receives = new List<(Transfer Transfer, int Order)>();
        var buffers = new List<NativeBytes>();
        var expected = new List<(NativeBytes Bytes, int Seed)>();
        for (int from = 0; from < ranks.Size; from++)
        {
            for (int to = 0; to < ranks.Size; to++)
            {
                int count = random.Next(mostTransfers + 1);
                for (int i = 0; i < count; i++)
                {
                    int length = random.Next(4) == 0 ? 0 : random.Next(mostBytes + 1);
                    int seed = random.Next();
                    int order = random.Next();
                    if (from == ranks.Rank)
                    {
                        var bytes = new NativeBytes(length);
                        new Random(seed).NextBytes(bytes.Span);
                        buffers.Add(bytes);
                        sends.Add((bytes.With(to), order));
                    }

                    if (to == ranks.Rank)
                    {
                        var bytes = new NativeBytes(length);
                        buffers.Add(bytes);
                        expected.Add((bytes, seed));
                        receives.Add((bytes.With(from), order));
                    }
                }
            }
        }

        ranks.Begin(Mixed(sends), Mixed(receives), "a random pattern").Wait();
        foreach ((NativeBytes bytes, int seed) in expected)
        {
            byte[] sent = new byte[bytes.Length];
            new Random(seed).NextBytes(sent);
            Check.That(bytes.Span.SequenceEqual(sent), $"Other {bytes.Length} bytes came than were sent.");
            Check.That(bytes.IsGuardWhole, $"Bytes behind the {bytes.Length} have changed.");
        }

        buffers.ForEach(one => one.Dispose());
    }

    /// <summary>Mixes ranks; between two ranks the order of both sides is the same, by the same numbers.</summary>
    private static Transfer[] Mixed(List<(Transfer Transfer, int Order)> transfers) =>
        [.. transfers.OrderBy(one => one.Order).Select(one => one.Transfer)];
}
