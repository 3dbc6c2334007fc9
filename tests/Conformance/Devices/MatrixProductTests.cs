using System.Globalization;
using System.Runtime.InteropServices;
using Requant.Devices.Matrices;
using Requant.Numerics.Matrices;
using Requant.Ptx;

namespace Requant.Conformance.Devices;

/// <summary>Products of large tiles have the bits of one sum after the other, and what they load from shared memory
/// does not bound them.</summary>
public class MatrixProductTests(ITestOutputHelper output)
{
    private const int Threads = 256;
    private const int Seed = 71;

    /// <summary>A multiprocessor loads four bytes of shared memory for each of 32 lanes in the time of four warps'
    /// multiply-adds, which is a vector of four floats in that of 16.</summary>
    private const double LeastProductsPerLoad = 24;

    /// <summary>Instructions for each product of a sum, loads into shared memory among them. Schedulers issue one a
    /// cycle, so that four fifths of a device's multiply-adds are left.</summary>
    private const double MostInstructionsForLarge = 1.25;

    /// <summary>Half of them: a thread has 16 products for two loads, not 144 for six.</summary>
    private const double MostInstructionsForSmall = 2.0;

    private const string Fused = "fma.rn.f32";
    private const string VectorFromShared = "ld.shared.v4.f32";

    private static readonly Lazy<PtxKernel> Large =
        new(() => Compile(DeviceMatrixProduct.MultiplyLarge<PtxMultiplyAdd>));
    private static readonly Lazy<PtxKernel> Small = new(() => Compile(DeviceMatrixProduct.Multiply<PtxMultiplyAdd>));

    [Theory]
    [InlineData(DeviceMatrixProduct.Gram, 195, 195, 18)]
    [InlineData(DeviceMatrixProduct.Polynomial, 193, 193, 3)]
    [InlineData(DeviceMatrixProduct.Next, 6, 199, 17)]
    public void MultiplyLarge_OfAnyKind_HasTheBitsOfSumsInOrder(uint kind, int rows, int columns, int depth) =>
        AssertProduct(Large.Value, kind, rows, columns, depth);

    [Theory]
    [InlineData(DeviceMatrixProduct.Gram, 66, 66, 18)]
    [InlineData(DeviceMatrixProduct.Polynomial, 65, 65, 3)]
    [InlineData(DeviceMatrixProduct.Next, 70, 67, 17)]
    public void Multiply_OfAnyKind_HasTheBitsOfSumsInOrder(uint kind, int rows, int columns, int depth) =>
        AssertProduct(Small.Value, kind, rows, columns, depth);

    [Fact]
    public void MultiplyLarge_LoadsAVectorFromSharedMemory_For24Products()
    {
        PtxProfile profile = Run(
            Large.Value, DeviceMatrixProduct.Gram, DeviceMatrixProduct.LargeSide, DeviceMatrixProduct.LargeSide,
            depth: 32, out _, out _, out _, out _);
        long loads = profile.LaneInstructionsByOpcode
            .Where(count => count.Key.StartsWith("ld.shared", StringComparison.Ordinal)).Sum(count => count.Value);

        Assert.Equal(profile.LaneInstructionsByOpcode[VectorFromShared], loads);
        Assert.True(
            profile.LaneInstructionsByOpcode[Fused] >= LeastProductsPerLoad * loads,
            $"{profile.LaneInstructionsByOpcode[Fused]} products for {loads} loads");
        Assert.False(Large.Value.UsesLocalMemory);
        Assert.Empty(Large.Value.Contractible);
    }

    [Theory]
    [InlineData(true, DeviceMatrixProduct.LargeSide, MostInstructionsForLarge)]
    [InlineData(false, DeviceMatrixProduct.Side, MostInstructionsForSmall)]
    public void Multiply_OfAWholeTile_StaysWithinItsBudget(bool isLarge, int side, double most)
    {
        (long instructions, long products) = Count(64);
        (long ofShorter, long productsOfShorter) = Count(32);
        double forProduct = (double)(instructions - ofShorter) / (products - productsOfShorter);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{forProduct:F3} instructions a product in tiles of {side}"));

        Assert.InRange(forProduct, 1, most);

        (long Instructions, long Products) Count(int depth)
        {
            PtxProfile profile = Run(
                isLarge ? Large.Value : Small.Value, DeviceMatrixProduct.Gram, side, side, depth, out _, out _, out _,
                out _);
            return (StepCost.Weighted(profile), profile.LaneInstructionsByOpcode[Fused]);
        }
    }

    private static void AssertProduct(PtxKernel kernel, uint kind, int rows, int columns, int depth)
    {
        Run(
            kernel, kind, rows, columns, depth, out float[] left, out float[] right, out float[] addend,
            out float[] result);
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                float sum = 0f;
                for (int k = 0; k < depth; k++)
                {
                    sum = MathF.FusedMultiplyAdd(
                        left[(k * Stride(rows)) + row], right[(k * Stride(columns)) + column], sum);
                }

                float other = addend[(row * Stride(columns)) + column];
                float expected = kind switch
                {
                    DeviceMatrixProduct.Gram => sum,
                    DeviceMatrixProduct.Polynomial =>
                        MathF.FusedMultiplyAdd(NewtonSchulz.Quintic, sum, NewtonSchulz.Cubic * other),
                    _ => MathF.FusedMultiplyAdd(NewtonSchulz.Linear, other, sum),
                };
                float actual = kind == DeviceMatrixProduct.Next
                    ? result[(column * Stride(rows)) + row]
                    : result[(row * Stride(columns)) + column];
                Assert.True(
                    BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(actual),
                    $"sum {row}, {column} is {actual:R} instead of {expected:R}");
            }
        }
    }

    /// <summary>Factors are the same matrix on both sides and the addend symmetric where the product has to
    /// be.</summary>
    private static PtxProfile Run(
        PtxKernel kernel, uint kind, int rows, int columns, int depth, out float[] left, out float[] right,
        out float[] addend, out float[] result)
    {
        var random = new Random(Seed);
        left = Values(random, depth * Stride(rows));
        right = kind == DeviceMatrixProduct.Next ? Values(random, depth * Stride(columns)) : left;
        addend = Values(random, rows * Stride(columns));
        for (int row = 0; kind != DeviceMatrixProduct.Next && row < rows; row++)
        {
            for (int column = 0; column < row; column++)
            {
                addend[(row * Stride(columns)) + column] = addend[(column * Stride(columns)) + row];
            }
        }

        var memory = new GlobalMemory();
        GlobalBuffer target = memory.Add(
            "target", new byte[sizeof(float) * Math.Max(columns * Stride(rows), rows * Stride(columns))],
            isWritable: true);
        var launch = new List<byte>();
        foreach (long number in new[]
        {
            0, long.MaxValue, 0, 0, 0, 0, Add("left", left), Add("right", right), (long)target.Address,
            Add("addend", addend), 0,
        })
        {
            launch.AddRange(BitConverter.GetBytes(number));
        }

        foreach (int number in new[] { (int)kind, 1, 0, rows, columns, depth, 0, 0 })
        {
            launch.AddRange(BitConverter.GetBytes(number));
        }

        PtxProfile profile = kernel.Run(new PtxGrid(2, Threads), memory, [[.. launch]]);
        result = MemoryMarshal.Cast<byte, float>(target.Bytes).ToArray();
        return profile;

        // Products read up to a tile's side behind a matrix.
        long Add(string name, float[] values) => (long)memory.Add(
            name,
            [.. MemoryMarshal.AsBytes(values.AsSpan()), .. new byte[sizeof(float) * DeviceMatrixProduct.LargeSide]],
            isWritable: false).Address;
    }

    private static float[] Values(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * MathF.Pow(2f, random.Next(-9, 2)))];

    private static int Stride(int columns) => DeviceMatrixKernels.Stride(columns);

    private static PtxKernel Compile(Delegate kernel) =>
        PtxModule.Parse(PtxCompiler.Compile(kernel.Method, "sm_90")).Kernels[0];
}
