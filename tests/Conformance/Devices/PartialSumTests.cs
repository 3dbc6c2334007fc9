using System.Runtime.InteropServices;
using ILGPU;
using Requant.CompilerServices;
using Requant.Devices;
using Requant.Optimizers;
using Requant.Ptx;
using Requant.Steps;
using Requant.Tests;

namespace Requant.Conformance.Devices;

/// <summary>Partial results of long tensors are added up by many groups of threads, in the processor's order.</summary>
public class PartialSumTests
{
    private const int Chunk = DeviceReduction.ChunkBlocks;
    private const int Reductions = 3;
    private const int Threads = 256;

    /// <summary>Partial results that a thread may load one after the other, of a tensor of any length up to a chunk of
    /// chunks: what 10^9 elements in blocks of 256 have in 239 of them.</summary>
    private const int MostLoads = Chunk / Threads;

    /// <summary>Blocks of tensors of one launch: those of one chunk before, between and behind longer ones, chunks that
    /// end with a window and within it, and a last one of one block.</summary>
    public static TheoryData<string> Models =>
    [
        "5", "16384", "16385", "16386", "7 16390 3", "40000", "100 32768 49153 1 20000 16384 16385",
        "16383 16385 16383 33000",
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public void Reductions_OfAnyBlocks_HaveTheBitsOfTheProcessor(string model)
    {
        int[] blocks = [.. model.Split(' ').Select(int.Parse)];
        float[][] partials = [.. blocks.Select((count, i) => Partials(count * Reductions, i))];
        foreach (int groups in LongRun.Of<int[]>([3], [1, 3, 64]))
        {
            float[] results = Run(blocks, partials, groups);
            for (int i = 0; i < blocks.Length; i++)
            {
                Assert.Equal(
                    [
                        Finish(ReductionKind.Norm, partials[i].AsSpan(0, blocks[i])),
                        Finish(ReductionKind.Sum, partials[i].AsSpan(blocks[i], blocks[i])),
                        Finish(ReductionKind.Max, partials[i].AsSpan(2 * blocks[i])),
                    ],
                    results.AsSpan(i * Reductions, Reductions));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public unsafe void Squares_OfAnyBlocks_HaveTheBitsOfTheProcessor(string model)
    {
        int[] blocks = [.. model.Split(' ').Select(int.Parse)];
        double[] squares = [.. Partials(blocks.Sum(), seed: 5).Select(value => (double)value * value)];
        var memory = new GlobalMemory();
        GlobalBuffer rows = memory.Add("tensors", Rows(blocks, partials: null), isWritable: false);
        GlobalBuffer sums = memory.Add(
            "squares", MemoryMarshal.AsBytes(squares.AsSpan()).ToArray(), isWritable: true);
        GlobalBuffer results = memory.Add("results", new byte[blocks.Length * 2 * sizeof(double)], isWritable: true);
        Launch(
            FoldSquares, memory, groups: 5, BitConverter.GetBytes(rows.Address), BitConverter.GetBytes(blocks.Sum()),
            BitConverter.GetBytes(blocks.Length), BitConverter.GetBytes(sums.Address));
        Launch(
            FinishSquares, memory, groups: 2, BitConverter.GetBytes(rows.Address), BitConverter.GetBytes(blocks.Length),
            BitConverter.GetBytes(sums.Address), BitConverter.GetBytes(results.Address));

        int first = 0;
        for (int i = 0; i < blocks.Length; i++)
        {
            fixed (double* pointer = squares.AsSpan(first, blocks[i]))
            {
                Assert.Equal(
                    TensorReduction.SumOfMagnitudes(pointer, blocks[i], out _),
                    BitConverter.ToDouble(results.Bytes, i * 2 * sizeof(double)));
            }

            first += blocks[i];
        }
    }

    /// <summary>Whole steps of a rule whose norms are of more than one chunk, clipped by one more.</summary>
    [Fact]
    public void Step_OfALongTensor_HasTheBitsOfTheProcessor()
    {
        const int BlockSize = 16;
        const int Length = (Chunk * BlockSize) + 100;
        var options = new OptimizerOptions
        {
            BlockSize = BlockSize, MinQuantizedLength = 0, MaxGradientNorm = 1f, Codecs = StateCodecs.MiniFloat,
        };
        using var device = new PtxOptimizer<Lars>(new Lars { Lr = 0.1f, Momentum = 0f }, options);
        using var processor = new Optimizer<Lars>(new Lars { Lr = 0.1f, Momentum = 0f }, options);
        float[] mine = HardValues.Parameters(Length, 3);
        float[] expected = [.. mine];
        float[] gradient = HardValues.Dense(Length, 4);

        device.Step(device.Add("w", Length), mine, gradient);
        processor.Step(processor.Add("w", Length), expected, gradient);

        Assert.Equal(processor.GradientNorm, device.GradientNorm);
        Assert.Equal(expected, mine);
    }

    /// <summary>So that the time of a step is that of its bytes: 10^9 elements have 3.9 million partial results, of
    /// which one group of threads would load 15 259 in a row.</summary>
    [Fact]
    public void Fold_OfAnyTensor_LoadsFewResultsInARow()
    {
        const int Windows = 4;
        const double Overhead = 1.05;
        int[] blocks = [Windows * Chunk];
        float[][] partials = [Partials(blocks[0] * Reductions, 1)];
        long[] instructions = [.. new[] { 1, Windows }.Select(groups =>
        {
            var memory = new GlobalMemory();
            GlobalBuffer[] buffers =
                [memory.Add("partials", MemoryMarshal.AsBytes(partials[0].AsSpan()).ToArray(), isWritable: true)];
            GlobalBuffer rows = memory.Add("tensors", Rows(blocks, buffers), isWritable: false);
            return Launch(
                Fold, memory, groups, BitConverter.GetBytes(rows.Address), BitConverter.GetBytes(blocks[0]),
                BitConverter.GetBytes(1), BitConverter.GetBytes(0b001L), BitConverter.GetBytes(0L)).WarpInstructions;
        })];

        // Groups share the windows, each of which is one chunk of so many results a thread.
        Assert.InRange((double)instructions[1] / instructions[0], 1, Overhead);
        Assert.Equal(MostLoads * Threads, Chunk);
    }

    private static float[] Run(int[] blocks, float[][] partials, int groups)
    {
        var memory = new GlobalMemory();
        GlobalBuffer[] buffers =
        [
            .. partials.Select((values, i) => memory.Add(
                $"partials {i}", MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), isWritable: true)),
        ];
        GlobalBuffer rows = memory.Add("tensors", Rows(blocks, buffers), isWritable: false);
        GlobalBuffer results = memory.Add(
            "results", new byte[blocks.Length * Reductions * sizeof(float)], isWritable: true);
        Launch(
            Fold, memory, groups, BitConverter.GetBytes(rows.Address), BitConverter.GetBytes(blocks.Sum()),
            BitConverter.GetBytes(blocks.Length), BitConverter.GetBytes(0b011L), BitConverter.GetBytes(0b100L));
        Launch(
            FinishAll, memory, groups, BitConverter.GetBytes(rows.Address), BitConverter.GetBytes(blocks.Length),
            BitConverter.GetBytes(results.Address));
        return MemoryMarshal.Cast<byte, float>(results.Bytes).ToArray();
    }

    private static PtxProfile Launch(Delegate kernel, GlobalMemory memory, int groups, params byte[][] arguments) =>
        PtxModule.Parse(PtxCompiler.Compile(kernel.Method, "sm_90")).Kernels[0].Run(
            new PtxGrid(groups, Threads), memory,
            [[.. BitConverter.GetBytes(0L), .. BitConverter.GetBytes(long.MaxValue)], .. arguments]);

    internal static void Fold(
        ArrayView<byte> memory, long tensors, int blocks, int count, long sums, long maxima) =>
        DevicePartialSums.Fold(new LaunchParameters
        {
            Memory = memory, Tensors = tensors, TensorCount = count, BlockCount = (uint)blocks, BlockSize = 256,
            Table0 = sums, Table1 = maxima,
        });

    internal static void FinishAll(ArrayView<byte> memory, long tensors, int count, long results)
    {
        var launch = new LaunchParameters
        {
            Memory = memory, Tensors = tensors, TensorCount = count, BlockSize = 256,
        };
        float zero = DeviceMath.OpaqueZero(launch.BlockSize);
        for (int index = DeviceGrid.FirstTensor; index < launch.TensorCount; index += DeviceGrid.TensorStride)
        {
            DeviceTensor tensor = DeviceTensor.At(launch, index);
            float norm = DeviceReduction.Norm(tensor, 0, zero);
            float sum = DeviceReduction.Sum(tensor, 1, zero);
            float largest = DeviceReduction.Max(tensor, 2, zero);
            if (DeviceGrid.IsFirstThread)
            {
                long at = results + ((long)index * Reductions * sizeof(float));
                DeviceMemory.Store(memory, at, norm);
                DeviceMemory.Store(memory, at + sizeof(float), sum);
                DeviceMemory.Store(memory, at + (2 * sizeof(float)), largest);
            }
        }
    }

    internal static void FoldSquares(ArrayView<byte> memory, long tensors, int blocks, int count, long squares) =>
        DevicePartialSums.FoldSquares(new LaunchParameters
        {
            Memory = memory, Tensors = tensors, TensorCount = count, BlockCount = (uint)blocks, Table0 = squares,
        });

    internal static void FinishSquares(ArrayView<byte> memory, long tensors, int count, long squares, long results) =>
        DeviceGradientSquares.Finish(new LaunchParameters
        {
            Memory = memory, Tensors = tensors, TensorCount = count, Table0 = squares, Table1 = results,
        });

    private static byte[] Rows(int[] blocks, GlobalBuffer[]? partials)
    {
        long[] rows = new long[blocks.Length * DeviceTensor.RowLength];
        long first = 0;
        for (int i = 0; i < blocks.Length; i++)
        {
            Span<long> row = rows.AsSpan(i * DeviceTensor.RowLength, DeviceTensor.RowLength);
            row[DeviceTensorField.FirstBlock] = first;
            row[DeviceTensorField.EndBlock] = first + blocks[i];
            row[DeviceTensorField.Length] = blocks[i] * 256L;
            row[DeviceTensorField.Partials] = partials is null ? 0 : (long)partials[i].Address;
            first += blocks[i];
        }

        return MemoryMarshal.AsBytes(rows.AsSpan()).ToArray();
    }

    private static float[] Partials(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * MathF.Pow(10f, random.Next(-6, 6)))];
    }

    private static unsafe float Finish(ReductionKind kind, ReadOnlySpan<float> partials)
    {
        fixed (float* pointer = partials)
        {
            return TensorReduction.Finish(kind, pointer, partials.Length);
        }
    }
}
