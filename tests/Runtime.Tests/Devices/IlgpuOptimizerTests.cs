using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using Requant.Runtime.Tests.Support;
using Requant.States;

namespace Requant.Runtime.Tests.Devices;

[Collection("accelerator")]
public sealed class IlgpuOptimizerTests(AcceleratorFixture fixture)
{
    private const int Length = 64;

    [Fact]
    public void Ilgpu_WarpOfFourLanes_ThrowsAndNamesTheFix()
    {
        using Context context = Context.Create(builder => builder.CPU(new CPUDevice(4, 1, 1)));
        using Accelerator accelerator = context.CreateCPUAccelerator(0);

        string message = Assert.Throws<NotSupportedException>(() => Requant.Device.Ilgpu(accelerator)).Message;

        Assert.Contains("CPUDevice(32, 1, 1)", message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => Requant.Device.Ilgpu(null!));
    }

    [Fact]
    public void Step_SeveralWarpsPerGroup_GivesBitsOfScalar()
    {
        using Context context = Context.Create(builder => builder.CPU(new CPUDevice(32, 2, 2)));
        using Accelerator accelerator = context.CreateCPUAccelerator(0);
        var workload = new Workload(17, withBadGradients: true, 203);
        var options = new OptimizerOptions { BlockSize = 16, MinQuantizedLength = 0 };

        workload.RunOnCpu(new Lamb(), options).AssertSameBits(
            workload.RunOnIlgpu(new Lamb(), options, accelerator), "groups of 2 warps");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void MeasureGradients_WarpsPerGroup_GivesBitsOfTheProcessor(int warps)
    {
        const int Measured = 1003;
        using Context context = Context.Create(builder => builder.CPU(new CPUDevice(32, warps, 2)));
        using Accelerator accelerator = context.CreateCPUAccelerator(0);
        var options = new OptimizerOptions { BlockSize = 16 };
        using var onCpu = new Optimizer<Adam>(new Adam(), options) { GradientScale = 1f / 3f };
        using var onDevice = new Optimizer<Adam>(
            new Adam(), options with { Device = Requant.Device.Ilgpu(accelerator) }) { GradientScale = 1f / 3f };
        float[][] gradients = new Workload(17, withBadGradients: true, Measured).Gradients(0);
        using MemoryBuffer1D<float, Stride1D.Dense> buffer = accelerator.Allocate1D(gradients[0]);
        var update = TensorUpdate.Of<float, float>(onDevice.Add("w", Measured), buffer.View, buffer.View);
        using var batch = new PinnedBatch(
            [onCpu.Add("w", Measured)], new Workload(1, false, Measured).Parameters(), gradients);

        GradientMeasure measure = onDevice.MeasureGradients(update);

        Assert.Equal(onCpu.MeasureGradients(batch.Updates), measure);
        Assert.Equal((3, "w"), (measure.NonFiniteElements, measure.FirstNonFinite));
    }

    [Fact]
    public void Throw_BadElement_NamesTheTensorAndChangesNothing()
    {
        using var optimizer = new Optimizer<Adam>(
            new Adam(),
            new OptimizerOptions
            {
                Device = Requant.Device.Ilgpu(fixture.Accelerator),
                NonFinite = NonFinitePolicy.Throw,
            });
        ParameterState state = optimizer.Add("w", Length);
        float[] values = [.. Enumerable.Range(0, Length).Select(i => (float)i)];
        using MemoryBuffer1D<float, Stride1D.Dense> parameters = fixture.Accelerator.Allocate1D(values);
        using MemoryBuffer1D<float, Stride1D.Dense> gradients =
            fixture.Accelerator.Allocate1D<float>([.. values[1..], float.NaN]);

        Assert.Contains("'w'", Assert.Throws<NotFiniteNumberException>(
            () => optimizer.Step(state, parameters.View, gradients.View)).Message, StringComparison.Ordinal);

        Assert.Equal(values, parameters.GetAsArray1D());
        Assert.Equal(0, state.Step);
        Assert.True(optimizer.GradientNorm > 0);
    }

    [Fact]
    public void Step_HostMemory_IsCopiedThereAndBack()
    {
        using Optimizer<Adam> onDevice = NewOptimizer();
        using var onCpu = new Optimizer<Adam>(new Adam(), new OptimizerOptions { MinQuantizedLength = 0 });
        ParameterState[] states = [onDevice.Add("w", Length), onCpu.Add("w", Length)];
        float[][] parameters = [.. states.Select(_ => Enumerable.Range(0, Length).Select(i => i / 7f).ToArray())];
        float[] gradients = [.. parameters[0].Select(MathF.Sin)];

        for (int step = 0; step < 3; step++)
        {
            onDevice.Step(states[0], parameters[0], gradients);
            onCpu.Step(states[1], parameters[1], gradients);
        }

        Assert.Equal(parameters[1], parameters[0]);
        Assert.Equal(states[1].States["m"].Codes, states[0].States["m"].Codes);
    }

    [Fact]
    public void Step_ViewForAnotherDevice_ThrowsAndNamesTheFix()
    {
        using var onCpu = new Optimizer<Adam>(new Adam());
        ParameterState state = onCpu.Add("w", Length);
        using MemoryBuffer1D<float, Stride1D.Dense> buffer = fixture.Accelerator.Allocate1D<float>(Length);

        Assert.Contains("Device.Ilgpu(accelerator)", Assert.Throws<ArgumentException>(
            () => onCpu.Step(state, buffer.View, buffer.View)).Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => NewOptimizer().Add("b", Length, NativeStateAllocator.Instance));
    }

    [Fact]
    public void Step_ViewOfWrongLengthOrAccelerator_Throws()
    {
        using Context context = Context.Create(builder => builder.CPU(new CPUDevice(32, 1, 1)));
        using Accelerator accelerator = context.CreateCPUAccelerator(0);
        using MemoryBuffer1D<float, Stride1D.Dense> foreign = accelerator.Allocate1D<float>(Length);
        using MemoryBuffer1D<float, Stride1D.Dense> own = fixture.Accelerator.Allocate1D<float>(Length);
        using Optimizer<Adam> adam = NewOptimizer();
        ParameterState state = adam.Add("w", Length);

        Assert.Throws<ArgumentException>(
            "parameter", () => adam.Step(state, own.View.SubView(1, Length - 1), own.View));
        Assert.Throws<ArgumentException>("gradient", () => adam.Step(state, own.View, default));
        Assert.Throws<ArgumentException>("gradient", () => adam.Step(state, own.View, foreign.View));
        Assert.Throws<ArgumentException>(() => adam.Step(
            TensorUpdate.Of<float, float>(state, own.View, own.View),
            TensorUpdate.Of<float, float>(state, own.View, own.View)));
        Assert.Equal(0, state.Step);
    }

    [Fact]
    public void Step_ViewsOfOtherElementType_NamesItAndTheFix()
    {
        using MemoryBuffer1D<ushort, Stride1D.Dense> bits = fixture.Accelerator.Allocate1D<ushort>(Length);
        using MemoryBuffer1D<ILGPU.Half, Stride1D.Dense> halves = fixture.Accelerator.Allocate1D<ILGPU.Half>(Length);
        using Optimizer<Adam> adam = NewOptimizer();
        ParameterState state = adam.Add("w", Length);
        ArrayView<ushort> bitView = bits.View;
        ArrayView<ILGPU.Half> halfView = halves.View;

        Assert.Contains("System.UInt16; pass float, Half or Requant.BFloat16", Assert.Throws<ArgumentException>(
            "parameter", () => adam.Step(state, bitView, halfView)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("gradient", () => TensorUpdate.Of(state, halfView, bitView));
        Assert.Throws<ArgumentException>("gradient", () => adam.Step(state, halfView, halfView.SubView(1, Length - 1)));
        Assert.Equal(0, state.Step);
        adam.Step(state, halfView, bitView.Cast<BFloat16>());
        Assert.Equal(1, state.Step);
    }

    [Fact]
    public void State_OnDevice_ReadsAndWritesThroughTheHost()
    {
        using Optimizer<Adam> adam = NewOptimizer();
        QuantizedState m = adam.Add("w", Length).States["m"];

        Assert.False(m.Codes.ContainsAnyExcept((byte)127));
        m.SetCodes(3, [255, 254]);
        m.SetAbsmax(0, [4f]);

        var values = new float[Length];
        m.Dequantize(values);
        Assert.Equal((0f, 4f), (values[2], values[3]));
        Assert.Equal([(byte)127, 255, 254, 127], m.Codes[2..6].ToArray());
    }

    private Optimizer<Adam> NewOptimizer() => new(
        new Adam(),
        new OptimizerOptions { Device = Requant.Device.Ilgpu(fixture.Accelerator), MinQuantizedLength = 0 });
}
