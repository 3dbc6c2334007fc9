using System.Runtime.InteropServices;
using System.Text.Json;
using Requant.Checkpoints;
using Requant.Checkpoints.Safetensors;
using Requant.States;

namespace Requant.Distributed.Sharding;

/// <summary>Saves the states of all ranks into one file. Each rank describes to rank 0 what it has; that one asks for
/// tensors in the order of the file, and writes them as they come.</summary>
/// <typeparam name="TRule">The generated rule.</typeparam>
/// <param name="ranks">The ranks.</param>
/// <param name="plan">Which of them has what.</param>
/// <param name="optimizer">This rank's part.</param>
/// <param name="parameters">All parameters, of which it has parts.</param>
/// <param name="groups">What the file says of groups.</param>
internal sealed unsafe class ShardedSave<TRule>(
    ICommunicator ranks, ShardPlan plan, Optimizer<TRule> optimizer, CheckpointParameter[] parameters,
    IReadOnlyList<CheckpointGroup> groups)
    where TRule : IOptimizerRule<TRule>
{
    /// <summary>What <see cref="OutgoingTensor.Write"/> gives at a time, at most.</summary>
    private const int ChunkBytes = 1 << 20;

    private readonly List<OutgoingTensor> _mine = [];

    /// <summary>Writes the file.</summary>
    /// <exception cref="IOException">Rank 0 cannot write it; on all ranks.</exception>
    public void Write(string path)
    {
        string activity = $"saving {Path.GetFileName(path)}";
        List<SavedPiece> pieces = DescribeMine();
        if (ranks.Rank == 0)
        {
            Lead(path, Collect(pieces, activity), activity);
        }
        else
        {
            Send(JsonSerializer.SerializeToUtf8Bytes(pieces, ShardedJson.Default.ListSavedPiece), activity);
            Serve(path, activity);
        }
    }

    private List<SavedPiece> DescribeMine()
    {
        var pieces = new List<SavedPiece>();
        for (int index = 0; index < plan.Pieces.Count; index++)
        {
            Piece piece = plan.Pieces[index];
            if (piece.Rank != ranks.Rank)
            {
                continue;
            }

            bool isWhole = plan.OfTensor(piece.Tensor).Length == 1;
            CheckpointParameter parameter = parameters[piece.Tensor];
            OutgoingTensor[] tensors = [.. Checkpoint.Tensors(parameter)];
            pieces.Add(new SavedPiece(
                index, JsonSerializer.SerializeToUtf8Bytes(
                    Checkpoint.Describe(parameter), ManifestJson.Default.ManifestParameter),
                [
                    .. tensors.Select((tensor, number) => new SavedTensor(
                        _mine.Count + number, tensor.Name, tensor.Type, tensor.Shape.Count == 0 ? -1 : tensor.Shape[0],
                        isWhole ? SafetensorsWriter.ChecksumOf(tensor) : null)),
                ]));
            _mine.AddRange(tensors);
        }

        return pieces;
    }

    /// <summary>What all ranks describe, in the order of pieces.</summary>
    private List<SavedPiece> Collect(List<SavedPiece> mine, string activity)
    {
        var all = new List<SavedPiece>(mine);
        for (int rank = 1; rank < ranks.Size; rank++)
        {
            using NativeBuffer text = Receive(rank, activity);
            all.AddRange(JsonSerializer.Deserialize(
                new ReadOnlySpan<byte>((void*)text.Pointer, (int)text.Bytes), ShardedJson.Default.ListSavedPiece)!);
        }

        all.Sort((one, other) => one.Piece.CompareTo(other.Piece));
        return all;
    }

    private void Lead(string path, List<SavedPiece> pieces, string activity)
    {
        using var chunk = new NativeBuffer(ChunkBytes);
        var described = new List<ManifestParameter>();
        var tensors = new List<OutgoingTensor>();
        foreach (IGrouping<int, SavedPiece> tensor in pieces.GroupBy(piece => plan.Pieces[piece.Piece].Tensor))
        {
            SavedPiece[] parts = [.. tensor];
            described.Add(JsonSerializer.Deserialize(parts[0].Parameter, ManifestJson.Default.ManifestParameter)!);
            tensors.AddRange(parts[0].Tensors.Select((one, number) => Join(parts, number, chunk, activity)));
        }

        Exception? failure = null;
        try
        {
            AtomicFile.Write(path, stream => Checkpoint.Write(
                stream, RuleInfo.Of<TRule>(), groups, described, tensors,
                optimizer.Options.Rounding, optimizer.SeedInUse));
        }
        catch (Exception exception) when (exception is not CommunicationException)
        {
            failure = exception;
        }

        for (int rank = 1; rank < ranks.Size; rank++)
        {
            Command(rank, failure is null ? Done : Failed, activity);
        }

        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>A tensor of the file, of one rank or several.</summary>
    private OutgoingTensor Join(SavedPiece[] parts, int number, NativeBuffer chunk, string activity)
    {
        SavedTensor first = parts[0].Tensors[number];
        long[] shape = first.Count < 0 ? [] : [parts.Sum(part => part.Tensors[number].Count)];
        return new OutgoingTensor(first.Name, first.Type, shape, sink =>
        {
            foreach (SavedPiece part in first.Count < 0 ? parts[..1] : parts)
            {
                Give(plan.Pieces[part.Piece].Rank, part.Tensors[number], sink, chunk, activity);
            }
        })
        {
            Checksum = first.Checksum,
        };
    }

    private void Give(int rank, SavedTensor tensor, ByteSink sink, NativeBuffer chunk, string activity)
    {
        if (rank == 0)
        {
            _mine[tensor.Number].Write(sink);
            return;
        }

        Command(rank, tensor.Number, activity);
        long bytes = Math.Abs(tensor.Count) * tensor.Type.Size();
        for (long done = 0; done < bytes; done += ChunkBytes)
        {
            int count = (int)Math.Min(ChunkBytes, bytes - done);
            ranks.Begin([], [new Transfer(rank, chunk.Pointer, count)], activity).Wait();
            sink(new ReadOnlySpan<byte>((void*)chunk.Pointer, count));
        }
    }

    /// <summary>Sends what rank 0 asks for, until it is done.</summary>
    private void Serve(string path, string activity)
    {
        using var chunk = new NativeBuffer(ChunkBytes);
        while (true)
        {
            int command;
            ranks.Begin([], [new Transfer(0, (nint)(&command), sizeof(int))], activity).Wait();
            switch (command)
            {
                case Done:
                    return;
                case Failed:
                    throw new IOException($"Rank 0 could not save '{path}'; what it met is in its own exception.");
                default:
                    _mine[command].Write(bytes =>
                    {
                        bytes.CopyTo(new Span<byte>((void*)chunk.Pointer, ChunkBytes));
                        ranks.Begin([new Transfer(0, chunk.Pointer, bytes.Length)], [], activity).Wait();
                    });
                    break;
            }
        }
    }

    private const int Done = -1;

    private const int Failed = -2;

    private void Command(int rank, int command, string activity) =>
        ranks.Begin([new Transfer(rank, (nint)(&command), sizeof(int))], [], activity).Wait();

    private void Send(byte[] bytes, string activity)
    {
        long length = bytes.Length;
        fixed (byte* first = bytes)
        {
            ranks.Begin([new Transfer(0, (nint)(&length), sizeof(long))], [], activity).Wait();
            ranks.Begin([new Transfer(0, (nint)first, length)], [], activity).Wait();
        }
    }

    private NativeBuffer Receive(int rank, string activity)
    {
        long length;
        ranks.Begin([], [new Transfer(rank, (nint)(&length), sizeof(long))], activity).Wait();
        var buffer = new NativeBuffer(length);
        ranks.Begin([], [new Transfer(rank, buffer.Pointer, length)], activity).Wait();
        return buffer;
    }
}
