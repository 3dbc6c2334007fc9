using System.Runtime.InteropServices;
using ILGPU;
using Requant.CompilerServices;
using Requant.Ptx;
using Requant.Steps;
using Requant.Tests;

namespace Requant.Conformance.Devices;

/// <summary>What rows and columns are reduced to has the processor's order, however many partial results there
/// are.</summary>
public class LineReductionTests
{
    private const int Chunk = DeviceReduction.ChunkBlocks;
    private const int Threads = 64;
    private const int Stride = 3;

    private static readonly Lazy<PtxKernel> Kernel =
        new(() => PtxModule.Parse(PtxCompiler.Compile(((Delegate)Reduce).Method, "sm_90")).Kernels[0]);

    public static TheoryData<int> Counts =>
    [
        .. LongRun.Of<int[]>(
            [0, 1, 5, 33, 256, 257, Chunk + 1], [0, 1, 5, 33, 256, 257, Chunk, Chunk + 1, (3 * Chunk) + 700]),
    ];

    [Theory]
    [MemberData(nameof(Counts))]
    public unsafe void Total_OfAnyCount_HasTheBitsOfTheProcessor(int count)
    {
        var random = new Random(count);
        float[] values =
        [
            .. Enumerable.Range(0, count * Stride)
                .Select(_ => random.NextSingle() * MathF.Pow(10f, random.Next(-6, 6))),
        ];
        var memory = new GlobalMemory();
        GlobalBuffer terms = memory.Add("terms", MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), isWritable: false);
        GlobalBuffer results = memory.Add("results", new byte[4 * sizeof(float)], isWritable: true);
        Kernel.Value.Run(
            new PtxGrid(1, Threads), memory,
            [
                [.. BitConverter.GetBytes(0L), .. BitConverter.GetBytes(long.MaxValue)],
                BitConverter.GetBytes(terms.Address), BitConverter.GetBytes((long)count),
                BitConverter.GetBytes(results.Address), BitConverter.GetBytes(Threads),
            ]);
        ReadOnlySpan<float> actual = MemoryMarshal.Cast<byte, float>(results.Bytes);
        fixed (float* pointer = values)
        {
            float sum;
            float largest;
            TensorReduction.Finish(ReductionKind.Sum, pointer, count, Stride, &sum, results: 1);
            TensorReduction.Finish(ReductionKind.Max, pointer, count, Stride, &largest, results: 1);
            Assert.Equal([sum, sum, largest, largest], actual);
        }
    }

    /// <summary>By a warp together, then by one thread.</summary>
    internal static void Reduce(ArrayView<byte> memory, long values, long count, long results, int threads)
    {
        float zero = DeviceMath.OpaqueZero(threads);
        const long Step = Stride * sizeof(float);
        float sum = (float)DeviceLineReduction.Total(memory, values, Step, count, DeviceGrid.WarpSize, zero);
        float largest = DeviceLineReduction.Largest(memory, values, Step, count, DeviceGrid.WarpSize, zero);
        if (DeviceGrid.IsFirstThread)
        {
            DeviceMemory.Store(memory, results, sum);
            float alone = (float)DeviceLineReduction.Total(memory, values, Step, count, 1, zero);
            DeviceMemory.Store(memory, results + sizeof(float), alone);
            DeviceMemory.Store(memory, results + (2 * sizeof(float)), largest);
            DeviceMemory.Store(
                memory, results + (3 * sizeof(float)),
                DeviceLineReduction.Largest(memory, values, Step, count, 1, zero));
        }
    }
}
