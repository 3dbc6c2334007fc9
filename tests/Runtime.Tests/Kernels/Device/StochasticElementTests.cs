using ILGPU;
using ILGPU.Runtime;
using Requant.CompilerServices;
using Requant.Numerics;
using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Kernels.Device;

/// <summary>Stores that round stochastically, on the CPU accelerator. What a CUDA device does is in
/// the PTX tests.</summary>
[Collection("accelerator")]
public class StochasticElementTests(AcceleratorFixture fixture)
{
    private const ulong Key = 0xfedcba9876543210;

    /// <summary>Probes of rounding, as many as a block.</summary>
    private static readonly float[] Values =
    [
        .. SixteenBit.RoundingProbes(ElementType.BFloat16).Singles.Where((_, index) => index % 641 == 0)
            .Take(Float32x8.BlockSize),
    ];

    /// <summary>On either side of 2^33 elements too, from where on the numbers of pairs do not fit 32 bits.</summary>
    public static TheoryData<int> Blocks => [0, 1, (1 << 25) - 1, 1 << 25, (1 << 26) - 1];

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Store_OfAnyBlock_IsTheDefinition(int block)
    {
        ushort[] expected =
        [
            .. Values.Select((value, i) => (ushort)BFloat16Format.Narrow(
                BitConverter.SingleToInt32Bits(value),
                RandomPairs.Number(((long)block * Float32x8.BlockSize) + i, Key))),
        ];

        Assert.Equal(expected, Launch(RoundingKernels.WholeBlock, Values, block));
        Assert.Equal(expected, Launch(RoundingKernels.ElementByElement, Values, block));
    }

    [Fact]
    public void Store_NaNOfAnyPayload_StaysNaN()
    {
        float[] values =
        [
            .. Enumerable.Range(0, Float32x8.BlockSize).Select(i => BitConverter.UInt32BitsToSingle(
                (i % 2 == 0 ? 0x7f800000u : 0xff800000u) | (i < 128 ? 0x7fffffu >> (i % 23) : 1u << (i % 23)))),
        ];

        Assert.All(
            Launch(RoundingKernels.WholeBlock, values, 0),
            bits => Assert.True(SixteenBit.IsNaN(ElementType.BFloat16, bits)));
        Assert.All(
            Launch(RoundingKernels.ElementByElement, values, 0),
            bits => Assert.True(SixteenBit.IsNaN(ElementType.BFloat16, bits)));
    }

    [Fact]
    public void Step_Float16Parameter_ThrowsThatNamesIt()
    {
        using var adam = new Optimizer<Adam>(
            new Adam(), new OptimizerOptions
            {
                Device = Requant.Device.Ilgpu(fixture.Accelerator),
                Rounding = ParameterRounding.Stochastic,
            });
        ParameterState state = adam.Add("half", 3);
        using MemoryBuffer1D<System.Half, Stride1D.Dense> halves = fixture.Accelerator.Allocate1D<System.Half>(3);

        string message = Assert.Throws<NotSupportedException>(() =>
            adam.Step(state, halves.View.BaseView, halves.View.BaseView)).Message;

        Assert.Contains("'half' is float16", message, StringComparison.Ordinal);
        Assert.Equal(0, state.Step);
    }

    private ushort[] Launch(Action<ArrayView<ushort>, ArrayView<float>, int, long> kernel, float[] values, int block)
    {
        using MemoryBuffer1D<float, Stride1D.Dense> singles = fixture.Accelerator.Allocate1D(values);
        using MemoryBuffer1D<ushort, Stride1D.Dense> bits = fixture.Accelerator.Allocate1D<ushort>(values.Length);
        fixture.Accelerator.LoadStreamKernel(kernel)(
            new KernelConfig(1, DeviceGrid.WarpSize), bits.View, singles.View, block, unchecked((long)Key));
        fixture.Accelerator.Synchronize();
        return bits.GetAsArray1D();
    }
}

/// <summary>A block of 256 of a tensor that begins far before its memory.</summary>
public static class RoundingKernels
{
    public static void WholeBlock(ArrayView<ushort> bits, ArrayView<float> singles, int block, long key)
    {
        StochasticBFloat16DeviceElement.StoreEight(
            Before(bits, block, key), (uint)block,
            Float32DeviceElement.LoadEight(DeviceElements.At(singles.Cast<byte>(), 0), 0));
    }

    public static void ElementByElement(ArrayView<ushort> bits, ArrayView<float> singles, int block, long key)
    {
        DeviceElements elements = Before(bits, block, key);
        for (int i = DeviceGrid.Lane; i < Float32x8.BlockSize; i += DeviceGrid.WarpSize)
        {
            StochasticBFloat16DeviceElement.Store(elements, ((long)block * Float32x8.BlockSize) + i, singles[i]);
        }
    }

    private static DeviceElements Before(ArrayView<ushort> bits, int block, long key)
    {
        DeviceElements elements = DeviceElements.At(
            bits.Cast<byte>(), -(long)block * Float32x8.BlockSize * sizeof(ushort));
        elements.LowerKey = (uint)key;
        elements.UpperKey = (uint)(key >> 32);
        return elements;
    }
}
