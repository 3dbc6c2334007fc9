using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Requant.States;
using Requant.Steps;

namespace Requant.Distributed.Sharding;

/// <summary>Has all ranks take a step or none, and with the same numbers: each reports to rank 0 what it found, and
/// that one tells all what follows. Sums of squares are added in the order of tensors, blocks and chunks in which one
/// process adds them, so that the norm has its bits.</summary>
internal sealed unsafe class StepAgreement : IDisposable
{
    private const int TextBytes = 232;

    private const int SlotCount = TensorReduction.SlotCount;

    /// <summary>Slots of a chunk, and whether a block was marked.</summary>
    private const int RelayBytes = (SlotCount + 1) * sizeof(double);

    private readonly ICommunicator _ranks;
    private readonly ShardPlan _plan;
    private readonly int _blockSize;
    private readonly string[] _names;
    private readonly NativeBuffer _own;
    private readonly NativeBuffer? _all;
    private readonly long[] _firstByte;
    private readonly NativeBuffer _relay = new(2 * RelayBytes);

    public StepAgreement(ICommunicator ranks, ShardPlan plan, int blockSize, string[] names)
    {
        _ranks = ranks;
        _plan = plan;
        _blockSize = blockSize;
        _names = names;
        _firstByte = new long[ranks.Size + 1];
        for (int rank = 0; rank < ranks.Size; rank++)
        {
            long sums = plan.Pieces.Where(piece => piece.Rank == rank).Sum(SumsOf);
            _firstByte[rank + 1] = _firstByte[rank] + sizeof(Report) + (sums * sizeof(double));
        }

        _own = new NativeBuffer(_firstByte[ranks.Rank + 1] - _firstByte[ranks.Rank]);
        _all = ranks.Rank == 0 ? new NativeBuffer(_firstByte[^1]) : null;
    }

    /// <summary>Where this rank's sums go: for each of its pieces, in order, what <see cref="SetSums"/> says.</summary>
    private Span<double> Sums => new(
        (void*)(_own.Pointer + sizeof(Report)), (int)((_own.Bytes - sizeof(Report)) / sizeof(double)));

    /// <summary>Sets the sums of this rank's pieces.</summary>
    /// <param name="pieces">Their numbers.</param>
    /// <param name="squares">Of whole tensors one sum, of others one for each block; negative, or -0, where an element
    /// is not finite. Empty of what takes no step.</param>
    /// <param name="activity">What this rank does.</param>
    public void SetSums(ReadOnlySpan<int> pieces, Func<int, ReadOnlySpan<double>> squares, string activity)
    {
        Span<double> left = Sums;
        IExchange? sent = null;
        for (int own = 0; own < pieces.Length; own++)
        {
            Piece piece = _plan.Pieces[pieces[own]];
            int count = checked((int)SumsOf(piece));
            if (IsWhole(piece))
            {
                ReadOnlySpan<double> sum = squares(own);
                left[0] = sum.IsEmpty ? 0 : sum[0];
            }
            else
            {
                SetChunkSums(pieces[own], squares(own), left[..count], ref sent, activity);
            }

            left = left[count..];
        }

        sent?.Wait();
    }

    /// <summary>Ends the step of all ranks alike.</summary>
    /// <param name="refusal">Why this rank cannot take it; null where it can.</param>
    /// <param name="fingerprint">Of what must be the same on all ranks.</param>
    /// <param name="others">This rank's elements that are not finite.</param>
    /// <param name="activity">What this rank does.</param>
    /// <returns>What all gradients are.</returns>
    /// <exception cref="InvalidOperationException">A rank cannot take the step, or would take another one.</exception>
    public GradientMeasure Agree(Exception? refusal, ulong fingerprint, long others, string activity)
    {
        ref Report report = ref Unsafe.AsRef<Report>((void*)_own.Pointer);
        report = new Report { IsRefused = refusal is null ? 0 : 1, Fingerprint = fingerprint, Others = others };
        SetText(ref report.Text, ref report.TextLength, refusal?.Message ?? "");
        Verdict verdict = default;
        if (_ranks.Rank == 0)
        {
            Collect(activity);
            verdict = Judge();
        }
        else
        {
            Transfer[] send = [new Transfer(0, _own.Pointer, _own.Bytes)];
            _ranks.Begin(send, [], activity).Wait();
        }

        _ranks.Broadcast(MemoryMarshal.AsBytes(new Span<Verdict>(ref verdict)), root: 0, activity);
        if (refusal is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(refusal);
        }

        if (verdict.IsRefused != 0)
        {
            throw new InvalidOperationException(
                TextOf(verdict.Text, verdict.TextLength) + " No rank has taken the step.");
        }

        return new GradientMeasure(
            verdict.SquareSum, verdict.Others, verdict.FirstNonFinite < 0 ? null : _names[verdict.FirstNonFinite]);
    }

    public void Dispose()
    {
        _own.Dispose();
        _all?.Dispose();
        _relay.Dispose();
    }

    private bool IsWhole(in Piece piece) => _plan.OfTensor(piece.Tensor).Length == 1;

    private long EndBlock(in Piece piece) => BlockSizes.Count(piece.Start + piece.Length, _blockSize);

    private bool IsLast(in Piece piece) => _plan.OfTensor(piece.Tensor)[^1] == piece;

    /// <summary>The sums of a piece: of whole tensors one, of a part one for each chunk that ends in it.</summary>
    private long SumsOf(Piece piece)
    {
        if (IsWhole(piece))
        {
            return 1;
        }

        long first = piece.Start / _blockSize / TensorReduction.ChunkBlocks;
        long end = EndBlock(piece);
        return (IsLast(piece) ? BlockSizes.Count(end, TensorReduction.ChunkBlocks) : end / TensorReduction.ChunkBlocks)
            - first;
    }

    /// <summary>Adds up the blocks of a part. A chunk that began in another rank's part goes on with what that one
    /// passes on.</summary>
    private void SetChunkSums(
        int index, ReadOnlySpan<double> squares, Span<double> sums, ref IExchange? sent, string activity)
    {
        Piece piece = _plan.Pieces[index];
        Span<double> slots = stackalloc double[SlotCount];
        slots.Clear();
        bool isMarked = false;
        long block = piece.Start / _blockSize;
        long end = EndBlock(piece);
        if (block % TensorReduction.ChunkBlocks != 0)
        {
            Transfer[] receive = [new Transfer(_plan.Pieces[index - 1].Rank, _relay.Pointer, RelayBytes)];
            _ranks.Begin([], receive, activity).Wait();
            var relay = new Span<double>((void*)_relay.Pointer, SlotCount + 1);
            relay[..SlotCount].CopyTo(slots);
            isMarked = relay[SlotCount] != 0;
        }

        for (int chunk = 0; block < end; chunk++)
        {
            long chunkEnd = Math.Min(end, ((block / TensorReduction.ChunkBlocks) + 1) * TensorReduction.ChunkBlocks);
            int count = squares.IsEmpty ? 0 : (int)(chunkEnd - block);
            TensorReduction.AddMagnitudes(squares[..count], block, slots, ref isMarked);
            squares = squares[count..];
            block = chunkEnd;
            if (chunk < sums.Length)
            {
                double sum = TensorReduction.Folded(slots);
                sums[chunk] = isMarked ? -sum : sum;
                slots.Clear();
                isMarked = false;
            }
        }

        if (!IsLast(piece) && end % TensorReduction.ChunkBlocks != 0)
        {
            sent?.Wait();
            nint address = _relay.Pointer + RelayBytes;
            var relay = new Span<double>((void*)address, SlotCount + 1);
            slots.CopyTo(relay);
            relay[SlotCount] = isMarked ? 1 : 0;
            Transfer[] send = [new Transfer(_plan.Pieces[index + 1].Rank, address, RelayBytes)];
            sent = _ranks.Begin(send, [], activity);
        }
    }

    private void Collect(string activity)
    {
        new ReadOnlySpan<byte>((void*)_own.Pointer, (int)_own.Bytes)
            .CopyTo(new Span<byte>((void*)_all!.Pointer, (int)_own.Bytes));
        Transfer[] receives =
        [
            .. Enumerable.Range(1, _ranks.Size - 1).Select(rank => new Transfer(
                rank, _all.Pointer + (nint)_firstByte[rank], _firstByte[rank + 1] - _firstByte[rank])),
        ];
        _ranks.Begin([], receives, activity).Wait();
    }

    private ref Report ReportOf(int rank) => ref Unsafe.AsRef<Report>((void*)(_all!.Pointer + (nint)_firstByte[rank]));

    private Verdict Judge()
    {
        var verdict = new Verdict { FirstNonFinite = -1 };
        for (int rank = 0; rank < _ranks.Size; rank++)
        {
            ref Report report = ref ReportOf(rank);
            string? problem = report.IsRefused != 0
                ? $"Rank {rank} cannot take the step: {TextOf(report.Text, report.TextLength)}"
                : report.Fingerprint != ReportOf(0).Fingerprint
                ? $"Rank {rank} would take another step than rank 0: their hyperparameters, element types, "
                    + "GradientScale, NonFinite or RoundingSeed differ."
                : null;
            verdict.Others += report.Others;
            if (problem is not null)
            {
                verdict.IsRefused = 1;
                SetText(ref verdict.Text, ref verdict.TextLength, problem);
                return verdict;
            }
        }

        GradientMeasure measure = default;
        long[] next = [.. Enumerable.Range(0, _ranks.Size).Select(rank => _firstByte[rank] + sizeof(Report))];
        Span<double> slots = stackalloc double[SlotCount];
        for (int tensor = 0; tensor < _names.Length; tensor++)
        {
            double sum = SumOf(tensor, next, slots);
            verdict.FirstNonFinite = verdict.FirstNonFinite < 0 && double.IsNegative(sum)
                ? tensor
                : verdict.FirstNonFinite;
            measure = measure.With(sum, _names[tensor]);
        }

        verdict.SquareSum = measure.SquareSum;
        return verdict;
    }

    /// <summary>The sum of a tensor's squares: of a split one, of its chunks in ascending order.</summary>
    private double SumOf(int tensor, long[] next, Span<double> slots)
    {
        ReadOnlySpan<Piece> pieces = _plan.OfTensor(tensor);
        if (pieces.Length == 1)
        {
            return Take(next, pieces[0].Rank);
        }

        slots.Clear();
        bool isMarked = false;
        long chunk = 0;
        foreach (Piece piece in pieces)
        {
            for (long left = SumsOf(piece); left > 0; left--, chunk++)
            {
                double sum = Take(next, piece.Rank);
                slots[(int)(chunk % SlotCount)] += Math.Abs(sum);
                isMarked |= double.IsNegative(sum);
            }
        }

        double all = TensorReduction.Folded(slots);
        return isMarked ? -all : all;
    }

    private double Take(long[] next, int rank)
    {
        double value = *(double*)(_all!.Pointer + (nint)next[rank]);
        next[rank] += sizeof(double);
        return value;
    }

    private static void SetText(ref TextBuffer buffer, ref int length, string text)
    {
        Span<byte> bytes = buffer;
        length = Encoding.UTF8.GetByteCount(text) <= TextBytes
            ? Encoding.UTF8.GetBytes(text, bytes)
            : Encoding.UTF8.GetBytes(text.AsSpan(0, Math.Min(text.Length, (TextBytes / 3) - 1)), bytes);
    }

    private static string TextOf(TextBuffer buffer, int length) =>
        Encoding.UTF8.GetString(((ReadOnlySpan<byte>)buffer)[..length]);

    [InlineArray(TextBytes)]
    private struct TextBuffer
    {
        private byte _first;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Report
    {
        public int IsRefused;
        public int TextLength;
        public ulong Fingerprint;
        public long Others;
        public TextBuffer Text;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Verdict
    {
        public int IsRefused;
        public int TextLength;
        public double SquareSum;
        public long Others;
        public long FirstNonFinite;
        public TextBuffer Text;
    }
}
