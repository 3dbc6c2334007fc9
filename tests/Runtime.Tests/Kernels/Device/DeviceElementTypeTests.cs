using ILGPU;
using ILGPU.Runtime;
using Requant.CompilerServices;
using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Kernels.Device;

/// <summary>Loads and stores of 16-bit elements on the CPU accelerator. What a CUDA device does is in
/// the PTX tests.</summary>
[Collection("accelerator")]
public class DeviceElementTypeTests(AcceleratorFixture fixture)
{
    /// <summary>Few groups of one warp: the accelerator takes milliseconds to start one.</summary>
    private const int GroupCount = 8;

    public static TheoryData<ElementType> Types => SixteenBit.Types;

    [Theory]
    [MemberData(nameof(Types))]
    public void Load_EveryPattern_IsItsValue(ElementType type)
    {
        ushort[] patterns = [.. Enumerable.Range(0, SixteenBit.PatternCount).Select(bits => (ushort)bits)];
        using MemoryBuffer1D<ushort, Stride1D.Dense> bits = fixture.Accelerator.Allocate1D(patterns);
        using MemoryBuffer1D<float, Stride1D.Dense> singles = fixture.Accelerator.Allocate1D<float>(patterns.Length);

        Launch(
            type, ElementKernels.Load<Float16DeviceElement>, ElementKernels.Load<BFloat16DeviceElement>, bits, singles);

        // Any NaN is equal to another here.
        Assert.Equal(patterns.Select(pattern => SixteenBit.Value(type, pattern)), singles.GetAsArray1D());
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Store_MidpointsAndNeighbours_RoundsToNearestAndTiesToEven(ElementType type)
    {
        (float[] probes, ushort[] expected) = SixteenBit.RoundingProbes(type);
        using MemoryBuffer1D<float, Stride1D.Dense> singles = fixture.Accelerator.Allocate1D(
            (float[])[.. probes, float.NaN]);
        using MemoryBuffer1D<ushort, Stride1D.Dense> bits = fixture.Accelerator.Allocate1D<ushort>(probes.Length + 1);

        Launch(
            type, ElementKernels.Store<Float16DeviceElement>, ElementKernels.Store<BFloat16DeviceElement>, bits,
            singles);

        ushort[] stored = bits.GetAsArray1D();
        Assert.Equal(expected, stored[..^1]);
        Assert.True(SixteenBit.IsNaN(type, stored[^1]));
    }

    private void Launch(
        ElementType type, Action<ArrayView<ushort>, ArrayView<float>> float16,
        Action<ArrayView<ushort>, ArrayView<float>> bfloat16,
        MemoryBuffer1D<ushort, Stride1D.Dense> bits, MemoryBuffer1D<float, Stride1D.Dense> singles)
    {
        Action<KernelConfig, ArrayView<ushort>, ArrayView<float>> launch = fixture.Accelerator
            .LoadStreamKernel(type == ElementType.Float16 ? float16 : bfloat16);
        launch(new KernelConfig(GroupCount, DeviceGrid.WarpSize), bits.View, singles.View);
        fixture.Accelerator.Synchronize();
    }
}

/// <summary>One element a round of each lane, in a grid-stride loop.</summary>
public static class ElementKernels
{
    public static void Load<TElement>(ArrayView<ushort> bits, ArrayView<float> singles)
        where TElement : struct, IDeviceElementType
    {
        var elements = DeviceElements.At(bits.Cast<byte>(), 0);
        for (long i = First; i < bits.Length; i += Stride)
        {
            singles[i] = TElement.Load(elements, i);
        }
    }

    public static void Store<TElement>(ArrayView<ushort> bits, ArrayView<float> singles)
        where TElement : struct, IDeviceElementType
    {
        var elements = DeviceElements.At(bits.Cast<byte>(), 0);
        for (long i = First; i < bits.Length; i += Stride)
        {
            TElement.Store(elements, i, singles[i]);
        }
    }

    private static long First => (DeviceGrid.FirstBlock * DeviceGrid.WarpSize) + DeviceGrid.Lane;

    private static long Stride => DeviceGrid.BlockStride * DeviceGrid.WarpSize;
}
