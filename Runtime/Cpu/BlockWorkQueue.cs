using System.Runtime.ExceptionServices;
using Requant.CompilerServices;
using Requant.Numerics.Matrices;
using Requant.States;

namespace Requant.Cpu;

/// <summary>Runs kernels over all blocks of all tensors as one list, which the calling thread and pool threads
/// share.</summary>
/// <remarks>
/// Chunks of the list are claimed by counting <see cref="_tickets"/> down. The counter is written last when a pass
/// begins and is below 1 between passes, so a pool thread that comes late either finds nothing or joins the pass that
/// is under way, whose fields it reads after its claim. The caller works too and waits only for chunks that were
/// claimed: never for a pool thread that has not started.
/// </remarks>
internal sealed class BlockWorkQueue : IDisposable
{
    /// <summary>Enough work to hide a claim, and small enough to even out threads; a small tensor shares its
    /// chunk.</summary>
    private const long MaxChunkElements = 1 << 16;

    /// <summary>About the work that takes as long as waking a pool thread.</summary>
    private const long MinChunkElements = 1 << 14;

    private const int ChunksPerThread = 4;

    /// <summary>Rows or columns, each of which takes some tens of nanoseconds.</summary>
    private const long LinesOfChunk = 1024;

    private readonly Worker[] _workers;
    private TensorWork[] _tensors = [];
    private long[] _firstBlocks = [];
    private int _tensorCount;
    private long _blocksPerChunk;
    private bool _isBackwards;
    private long _chunkCount;
    private long _tickets;
    private long _remaining;
    private long _skipped;
    private MatrixPass? _matrices;
    private ILineWork? _lines;
    private long _lineCount;
    private ExceptionDispatchInfo? _failure;

    /// <param name="maxThreads">The most threads, the caller's among them.</param>
    /// <param name="scratchSlots">Blocks of scratch memory that a kernel needs.</param>
    public BlockWorkQueue(int maxThreads, int scratchSlots)
    {
        _workers = new Worker[maxThreads];
        for (int i = 0; i < maxThreads; i++)
        {
            _workers[i] = new Worker(this, scratchSlots);
        }
    }

    /// <summary>The most threads.</summary>
    public int ThreadCount => _workers.Length;

    /// <summary>Runs every tensor's kernel over all its blocks and returns the elements that kernels skipped.</summary>
    /// <param name="tensors">The tensors.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="blockSize">Elements of a block.</param>
    /// <param name="isBackwards">Whether to begin with the last ones, which a pass before has left in the
    /// cache.</param>
    public long Run(TensorWork[] tensors, int count, int blockSize, bool isBackwards = false)
    {
        if (_firstBlocks.Length <= count)
        {
            _firstBlocks = new long[Math.Max(count + 1, 2 * _firstBlocks.Length)];
        }

        long blocks = 0;
        for (int i = 0; i < count; i++)
        {
            _firstBlocks[i] = blocks;
            blocks += tensors[i].Arguments.BlockCount - tensors[i].Arguments.FirstBlock;
        }

        if (blocks == 0)
        {
            return 0;
        }

        _firstBlocks[count] = blocks;
        _tensors = tensors;
        _tensorCount = count;
        long elements = Math.Clamp(
            blocks * blockSize / (ChunksPerThread * _workers.Length), MinChunkElements, MaxChunkElements);
        _blocksPerChunk = Math.Max(1, elements / blockSize);
        _isBackwards = isBackwards;
        Share((blocks + _blocksPerChunk - 1) / _blocksPerChunk);
        return _skipped;
    }

    /// <summary>Runs all tiles of a pass.</summary>
    public void Run(MatrixPass pass)
    {
        _matrices = pass;
        try
        {
            Share(pass.TileCount);
        }
        finally
        {
            _matrices = null;
        }
    }

    /// <summary>Runs work over lines; few of them on the calling thread.</summary>
    public void Run(ILineWork work, long count)
    {
        if (count <= LinesOfChunk)
        {
            work.Run(0, count);
            return;
        }

        (_lines, _lineCount) = (work, count);
        try
        {
            Share((count + LinesOfChunk - 1) / LinesOfChunk);
        }
        finally
        {
            _lines = null;
        }
    }

    public void Dispose()
    {
        foreach (Worker worker in _workers)
        {
            worker.Dispose();
        }
    }

    private void Share(long chunks)
    {
        _chunkCount = chunks;
        _skipped = 0;
        Volatile.Write(ref _remaining, _chunkCount);
        Volatile.Write(ref _tickets, _chunkCount);
        for (int i = 1; i < Math.Min(_workers.Length, _chunkCount); i++)
        {
            _workers[i].Queue();
        }

        _workers[0].Work();
        SpinWait spin = default;
        while (Volatile.Read(ref _remaining) > 0)
        {
            // Sleeping would cost a millisecond, and the chunks under way take microseconds.
            spin.SpinOnce(sleep1Threshold: -1);
        }

        Interlocked.Exchange(ref _failure, null)?.Throw();
    }

    private unsafe void RunChunk(long chunk, ref BlockRange range)
    {
        if (_matrices is { } pass)
        {
            pass.Run((int)chunk, (int)chunk + 1, range.ScratchPointer);
            return;
        }

        if (_lines is { } lines)
        {
            lines.Run(chunk * LinesOfChunk, Math.Min((chunk + 1) * LinesOfChunk, _lineCount));
            return;
        }

        long start = (_isBackwards ? _chunkCount - 1 - chunk : chunk) * _blocksPerChunk;
        long end = Math.Min(start + _blocksPerChunk, _firstBlocks[_tensorCount]);
        int tensor = IndexOfTensor(start);
        while (start < end)
        {
            long firstBlock = _firstBlocks[tensor];
            long tensorEnd = Math.Min(end, _firstBlocks[tensor + 1]);
            if (start < tensorEnd)
            {
                range.First = start - firstBlock + _tensors[tensor].Arguments.FirstBlock;
                range.End = tensorEnd - firstBlock + _tensors[tensor].Arguments.FirstBlock;
                range.FirstElement = 0;
                range.LocatedEnd = 0;
                range.EndElement = long.MaxValue;
                ref TensorWork work = ref _tensors[tensor];
                if (work.IsBanded)
                {
                    TakeBands(ref range, work.Arguments);
                }

                work.Kernel?.Invoke(in work.Arguments, ref range);
                start = tensorEnd;
            }

            tensor++;
        }
    }

    /// <summary>Instead of some blocks, the bands that begin in them; the last block of one may be the first of the
    /// next.</summary>
    private static void TakeBands(ref BlockRange range, in KernelArguments tensor)
    {
        long band = tensor.Lines.BandElements;
        range.FirstElement = Math.Min(tensor.Length, BandsUpTo(range.First * tensor.BlockSize, band) * band);
        range.EndElement = Math.Min(tensor.Length, BandsUpTo(range.End * tensor.BlockSize, band) * band);
        range.First = range.FirstElement / tensor.BlockSize;
        range.End = range.FirstElement < range.EndElement
            ? (range.EndElement + tensor.BlockSize - 1) / tensor.BlockSize
            : range.First;
    }

    private static long BandsUpTo(long element, long band) => (element + band - 1) / band;

    /// <summary>The last tensor whose first block is at or before <paramref name="block"/>; empty ones before it drop
    /// out.</summary>
    private int IndexOfTensor(long block)
    {
        int low = 0;
        int high = _tensorCount - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_firstBlocks[middle] <= block)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    /// <summary>One thread's part: its scratch memory, and the work item that brings a pool thread in.</summary>
    private sealed unsafe class Worker(BlockWorkQueue queue, int scratchSlots) : IThreadPoolWorkItem, IDisposable
    {
        private NativeBuffer? _scratch;
        private int _isQueued;

        /// <summary>Asks for a pool thread, unless an earlier request is still waiting or running: one worker, one
        /// scratch.</summary>
        public void Queue()
        {
            if (Interlocked.Exchange(ref _isQueued, 1) == 0)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }
        }

        public void Execute()
        {
            Work();
            Interlocked.Exchange(ref _isQueued, 0);

            // A pass that began between the last claim above and the line above was refused a request.
            if (Volatile.Read(ref queue._tickets) > 0)
            {
                Queue();
            }
        }

        public void Work()
        {
            long ticket;
            while ((ticket = Interlocked.Decrement(ref queue._tickets)) >= 0)
            {
                BlockRange range = default;
                try
                {
                    _scratch ??= new NativeBuffer(Math.Max(
                        (long)(scratchSlots + BlockRange.ElementSlots) * BlockSizes.Max,
                        NewtonSchulz.ThreadScratchFloats) * sizeof(float));
                    range.ScratchPointer = (float*)_scratch.Pointer;
                    range.ParameterScratch = range.ScratchAt(scratchSlots);
                    range.GradientScratch = range.ScratchAt(scratchSlots + 1);
                    range.FoldScratch = range.ScratchAt(scratchSlots + 2);
                    queue.RunChunk(queue._chunkCount - 1 - ticket, ref range);
                }
#pragma warning disable CA1031 // An exception must reach the thread that asked for the step, not end the process here.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    Interlocked.CompareExchange(ref queue._failure, ExceptionDispatchInfo.Capture(exception), null);
                }

                if (range.Skipped != 0)
                {
                    Interlocked.Add(ref queue._skipped, range.Skipped);
                }

                Interlocked.Decrement(ref queue._remaining);
            }
        }

        public void Dispose() => _scratch?.Dispose();
    }
}
