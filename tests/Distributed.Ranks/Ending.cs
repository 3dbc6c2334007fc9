using System.Globalization;

namespace Requant.Distributed.Ranks;

/// <summary>Jobs that end in another way than by themselves.</summary>
internal static class Ending
{
    private const int Bytes = 1 << 20;
    private const int StepsBefore = 5;

    public static void Run(ICommunicator ranks, string how)
    {
        int last = ranks.Size - 1;
        switch (how)
        {
            case "exchange":
                Repeat(ranks, step => Exchange(ranks, $"gradients of step {step}"));
                break;
            case "barrier":
                Repeat(ranks, step => ranks.Barrier($"barrier of step {step}"));
                break;
            case "gather":
                byte[] all = new byte[1000 * ranks.Size];
                Repeat(ranks, step => ranks.Gather(new byte[1000], all, $"norms of step {step}"));
                break;
            case "save":
                Repeat(ranks, step => Save(ranks, step));
                break;
            default:
                for (int step = 0; step < StepsBefore; step++)
                {
                    Exchange(ranks, $"gradients of step {step}");
                }

                if (ranks.Rank == last)
                {
                    End(ranks, how);
                }
                else if (how == "truncate")
                {
                    ranks.Broadcast(new byte[1000], 0, "a broadcast");
                }

                ranks.Barrier("the others wait");
                break;
        }
    }

    private static void End(ICommunicator ranks, string how)
    {
        switch (how)
        {
            case "throw":
                throw new InvalidOperationException("planted");
            case "throw-elsewhere":
                new Thread(() => throw new InvalidOperationException("planted")).Start();
                Thread.Sleep(Timeout.Infinite);
                break;
            case "exit":
                Environment.Exit(3);
                break;
            case "abort":
                ranks.Abort("planted");
                break;
            case "leave":
                ranks.Dispose();
                break;
            case "late":
                ranks.Begin([], [], "another thing").Wait();
                Thread.Sleep(Timeout.Infinite);
                break;
            case "mismatch":
                ranks.Gather(new byte[10], new byte[10 * ranks.Size], "another thing");
                break;
            case "truncate":
                byte[] bytes = new byte[1];
                ranks.Broadcast(bytes, 0, "another thing");
                break;
            case "null":
                string? text = null;
                try
                {
                    _ = text!.Length;
                }
                catch (NullReferenceException)
                {
                    Console.WriteLine("a null reference is an exception");
                }

                break;
            default:
                throw new ArgumentException($"There is no ending '{how}'.", nameof(how));
        }
    }

    /// <summary>Goes on until the job ends; says which process it is once it is in the midst of it.</summary>
    private static void Repeat(ICommunicator ranks, Action<int> step)
    {
        for (int i = 0; ; i++)
        {
            step(i);
            if (i == StepsBefore)
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"rank {ranks.Rank} is process {Environment.ProcessId}"));
            }
        }
    }

    private static void Exchange(ICommunicator ranks, string activity)
    {
        using var sent = new NativeBytes(Bytes, (byte)ranks.Rank);
        using var received = new NativeBytes(ranks.Size * (long)Bytes);
        ranks.Begin(
            [.. Enumerable.Range(0, ranks.Size).Select(sent.With)],
            [.. Enumerable.Range(0, ranks.Size).Select(
                rank => new Transfer(rank, received.Address + (rank * Bytes), Bytes))],
            activity).Wait();
    }

    /// <summary>What a rank does alone while the others wait for it.</summary>
    private static void Save(ICommunicator ranks, int step)
    {
        ranks.Barrier($"saving model{step}.rqck");
        if (ranks.Rank == ranks.Size - 1)
        {
            Thread.Sleep(50);
        }

        ranks.Barrier($"saving model{step}.rqck");
    }
}
