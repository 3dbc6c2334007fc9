using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace Requant.Distributed.Sharding;

/// <summary>Refuses ranks that were made for different models, rules or options, before they exchange anything
/// else.</summary>
internal static class ModelHandshake
{
    /// <summary>The most bytes of a message about a difference.</summary>
    private const int MessageBytes = 512;

    /// <summary>Compares what ranks say of themselves with what rank 0 says.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="lines">What this rank is, a line for each thing that must be the same.</param>
    /// <exception cref="ArgumentException">Ranks differ, on all of them: the first one that differs from rank 0, and in
    /// what.</exception>
    public static void Require(ICommunicator ranks, IReadOnlyList<string> lines)
    {
        const string Activity = "comparing the models of all ranks";
        byte[] text = Encoding.UTF8.GetBytes(string.Join('\n', lines));
        ulong[] hashes = new ulong[ranks.Size];
        ulong hash = XxHash3.HashToUInt64(text);
        ranks.Gather(
            MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in hash)), MemoryMarshal.AsBytes(hashes.AsSpan()), Activity);
        int other = Array.FindIndex(hashes, one => one != hashes[0]);
        if (other < 0)
        {
            return;
        }

        long length = text.Length;
        ranks.Broadcast(MemoryMarshal.AsBytes(new Span<long>(ref length)), root: 0, Activity);
        byte[] first = ranks.Rank == 0 ? text : new byte[length];
        ranks.Broadcast(first, root: 0, Activity);
        byte[] message = new byte[MessageBytes];
        if (ranks.Rank == other)
        {
            string difference = Difference(other, lines, Encoding.UTF8.GetString(first).Split('\n'));
            Encoding.UTF8.GetBytes(difference.AsSpan(0, Math.Min(difference.Length, MessageBytes / 3)), message);
        }

        ranks.Broadcast(message, other, Activity);
        throw new ArgumentException(
            Encoding.UTF8.GetString(message).TrimEnd('\0')
            + " Start all ranks with the same program, model and options.");
    }

    private static string Difference(int rank, IReadOnlyList<string> mine, string[] first)
    {
        for (int line = 0; line < Math.Max(mine.Count, first.Length); line++)
        {
            string here = line < mine.Count ? mine[line] : "nothing more";
            string there = line < first.Length ? first[line] : "nothing more";
            if (here != there)
            {
                return $"Rank {rank} has {here}, and rank 0 has {there}.";
            }
        }

        return $"Rank {rank} and rank 0 differ.";
    }
}
