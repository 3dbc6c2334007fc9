using System.Globalization;
using System.Runtime.InteropServices;
using ILGPU;
using Requant.Codecs;
using Requant.CompilerServices;
using Requant.Numerics;
using Requant.Ptx;
using Requant.Tests;

namespace Requant.Conformance.Devices;

/// <summary>The PTX of stochastic rounding. That steps of all rules leave the processor's bits is in
/// tests/Conformance.</summary>
public class StochasticRoundingTests(ITestOutputHelper output)
{
    private const ulong Key = 0xfedcba9876543210;

    /// <summary>What rounding costs a parameter, beside the half instruction of rounding to nearest: half a word of
    /// random bits, and a sum and a choice for each. A ratchet, as <see cref="BudgetTable"/>.</summary>
    private const double MostInstructions = 10.5;

    public static TheoryData<string> Rules => LongRun.Of<TheoryData<string>>(
        ["Adam", "Momentum, plain"], ["Adam", "Lamb", "Lion", "Momentum, plain"]);

    [Theory]
    [MemberData(nameof(Rules))]
    public void Step_OfWholeBlocks_CostsSomeInstructionsAndNoMemory(string rule) =>
        RuleTable.With(rule, new CostCheck(output));

    /// <summary>Blocks on either side of 2^33 elements, from where on the numbers of pairs do not fit 32 bits. The
    /// kernel's tensor begins that far before its memory.</summary>
    [Theory]
    [InlineData(0), InlineData(1), InlineData((1 << 25) - 1), InlineData(1 << 25), InlineData((1 << 26) - 1)]
    public void Store_OfAnyBlock_IsTheDefinition(int block)
    {
        float[] values = HardValues.Parameters(Float32x8.BlockSize, seed: 3);
        long first = (long)block * Float32x8.BlockSize;
        ushort[] expected =
        [
            .. values.Select((value, i) => (ushort)BFloat16Format.Narrow(
                BitConverter.SingleToInt32Bits(value), RandomPairs.Number(first + i, Key))),
        ];

        Assert.Equal(expected, Run(WholeBlock, values, block));
        Assert.Equal(expected, Run(ElementByElement, values, block));
    }

    /// <summary>Blocks on either side of 2^34 elements, from where on the numbers of fours do not fit 32 bits, and
    /// which kernels that take whole
    /// blocks never reach.</summary>
    [Theory]
    [InlineData(0), InlineData(1), InlineData((1 << 26) - 1), InlineData(1 << 26), InlineData(int.MaxValue)]
    public void Bytes_OfAnyBlock_AreTheDefinition(int block)
    {
        var bytes = new RandomBytes((long)block * Float32x8.BlockSize, Key);
        byte[] expected = [.. Enumerable.Range(0, Float32x8.BlockSize).Select(bytes.At)];

        Assert.Equal(expected, RunBytes(BytesElementByElement, block));
        if (block < Float32x8.MostBlocks)
        {
            Assert.Equal(expected, RunBytes(BytesOfFours, block));
        }
    }

    private static byte[] RunBytes(Action<ArrayView<byte>, long, int, long> method, int block)
    {
        var memory = new GlobalMemory();
        GlobalBuffer bytes = memory.Add("bytes", new byte[Float32x8.BlockSize], isWritable: true);
        PtxModule.Parse(PtxCompiler.Compile(method.Method, "sm_90")).Kernels[0].Run(
            new PtxGrid(1, DeviceGrid.WarpSize), memory,
            [
                [.. BitConverter.GetBytes(0L), .. BitConverter.GetBytes(long.MaxValue)],
                BitConverter.GetBytes(bytes.Address),
                BitConverter.GetBytes(block), BitConverter.GetBytes(Key),
            ]);
        return bytes.Bytes;
    }

    internal static void BytesElementByElement(ArrayView<byte> memory, long bytes, int block, long key)
    {
        var state = new DeviceState { LowerKey = (uint)key, UpperKey = (uint)(key >> 32) };
        for (int i = DeviceGrid.Lane; i < Float32x8.BlockSize; i += DeviceGrid.WarpSize)
        {
            memory[bytes + i] = (byte)DeviceRandomBytes.Of(state, ((long)block * Float32x8.BlockSize) + i);
        }
    }

    internal static void BytesOfFours(ArrayView<byte> memory, long bytes, int block, long key)
    {
        var state = new DeviceState { LowerKey = (uint)key, UpperKey = (uint)(key >> 32) };
        uint four = Float32x8.Four((uint)block);
        long position = Float32x8.At(bytes, 0, sizeof(byte));
        DeviceMemory.Store(memory, position, DeviceRandomBytes.OfFour(state, four));
        DeviceMemory.Store(
            memory, position + Float32x8.Half,
            DeviceRandomBytes.OfFour(state, four + (Float32x8.Half / RandomBytes.ElementsOfWord)));
    }

    private static ushort[] Run(Action<ArrayView<byte>, long, long, int, long> method, float[] values, int block)
    {
        var memory = new GlobalMemory();
        GlobalBuffer input = memory.Add("values", MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), isWritable: false);
        GlobalBuffer rounded = memory.Add("rounded", new byte[values.Length * sizeof(ushort)], isWritable: true);
        PtxModule.Parse(PtxCompiler.Compile(method.Method, "sm_90")).Kernels[0].Run(
            new PtxGrid(1, DeviceGrid.WarpSize), memory,
            [
                [.. BitConverter.GetBytes(0L), .. BitConverter.GetBytes(long.MaxValue)],
                BitConverter.GetBytes(input.Address),
                BitConverter.GetBytes(rounded.Address), BitConverter.GetBytes(block), BitConverter.GetBytes(Key),
            ]);
        return MemoryMarshal.Cast<byte, ushort>(rounded.Bytes).ToArray();
    }

    internal static void WholeBlock(ArrayView<byte> memory, long values, long rounded, int block, long key)
    {
        DeviceElements elements = Before(memory, rounded, block, key);
        StochasticBFloat16DeviceElement.StoreEight(
            elements, (uint)block, Float32DeviceElement.LoadEight(DeviceElements.At(memory, values), 0));
    }

    internal static void ElementByElement(ArrayView<byte> memory, long values, long rounded, int block, long key)
    {
        DeviceElements elements = Before(memory, rounded, block, key);
        DeviceElements input = DeviceElements.At(memory, values);
        for (int i = DeviceGrid.Lane; i < Float32x8.BlockSize; i += DeviceGrid.WarpSize)
        {
            StochasticBFloat16DeviceElement.Store(
                elements, ((long)block * Float32x8.BlockSize) + i, Float32DeviceElement.Load(input, i));
        }
    }

    private static DeviceElements Before(ArrayView<byte> memory, long rounded, int block, long key)
    {
        DeviceElements elements = DeviceElements.At(
            memory, rounded - ((long)block * Float32x8.BlockSize * sizeof(ushort)));
        elements.LowerKey = (uint)key;
        elements.UpperKey = (uint)(key >> 32);
        return elements;
    }

    private sealed class CostCheck(ITestOutputHelper output) : IRuleCheck
    {
        public void Run<TRule>(TRule rule) where TRule : IOptimizerRule<TRule>
        {
            foreach (bool isQuantized in (bool[])[true, false])
            {
                var storage = new Storage(
                    ElementType.BFloat16, isQuantized ? StateFormat.Declared : StateFormat.Float32);
                StepCost nearest = StepCost.Measure(rule, storage, step: 2);
                StepCost stochastic = StepCost.Measure(rule, storage, step: 2, rounding: ParameterRounding.Stochastic);
                double more = stochastic.Instructions - nearest.Instructions;
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{TRule.Info.Name}, {storage}: {more:F2} more than {nearest}"));

                Assert.InRange(more, 0, MostInstructions);
                Assert.Equal(nearest.BytesRead, stochastic.BytesRead);
                Assert.Equal(nearest.BytesWritten, stochastic.BytesWritten);
                Assert.Equal(0.0, stochastic.TableBytesPerParameter);
                Assert.All(stochastic.Accesses.Where(access => access.Buffers.First() == "parameter"), access =>
                    Assert.Equal(
                        (4 * sizeof(ushort), access.DistinctBytes),
                        (access.BytesPerLane, access.Sectors * PtxAccess.SectorBytes)));
            }
        }
    }
}
