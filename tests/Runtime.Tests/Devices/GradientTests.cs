using Requant.Devices;
using Requant.Devices.Driver;
using Requant.Optimizers;
using Requant.Ptx.Cuda;
using Requant.Tests;

namespace Requant.Runtime.Tests.Devices;

/// <summary>Steps whose gradients are scaled, clipped or looked at beforehand, on a device whose work waits as long as
/// it may. That their bits are the processor's, whatever the rule and the types, is in tests/Conformance.</summary>
public sealed class GradientTests : IDisposable
{
    /// <summary>Whole blocks, a ragged one, one element, nothing.</summary>
    private static readonly int[] Lengths = [4096 + 300, 1, 0, 300];

    private const float Scale = 1f / 3f;
    private const int Seed = 17;

    private readonly DeferredDevice _device = new();

    public void Dispose() => _device.Dispose();

    [Fact]
    public void ScaledStep_AfterTheFirst_WaitsForNothingAndLaunchesOnce()
    {
        using var model = new Model(this, new OptimizerOptions { MinQuantizedLength = 0 }) { Scale = Scale };
        Assert.Equal((0, 0, 1), model.CountStep());
    }

    [Theory]
    [InlineData(NonFinitePolicy.SkipElement, 1e-3f)]
    [InlineData(NonFinitePolicy.SkipStep, null)]
    [InlineData(NonFinitePolicy.Throw, 1e6f)]
    public void MeasuredStep_AfterTheFirst_WaitsOnceAllocatesNothingAndLaunchesTwoMore(
        NonFinitePolicy policy, float? norm)
    {
        using var model = new Model(
            this, new OptimizerOptions { MinQuantizedLength = 0, NonFinite = policy, MaxGradientNorm = norm });
        Assert.Equal((1, 0, 3), model.CountStep());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(sizeof(float))]
    public void ClippedStep_SeveralTensorsAtAnyAddress_IsTheProcessors(int offset)
    {
        var options = new OptimizerOptions
        {
            MinQuantizedLength = 0,
            MaxGradientNorm = 0.25f,
            NonFinite = NonFinitePolicy.SkipStep,
        };
        using var model = new Model(this, options, offset) { Scale = Scale };
        model.Step();
        model.AssertIsTheProcessors();
        Assert.NotEqual(0.0, model.Optimizer.GradientNorm);
    }

    [Theory]
    [InlineData(0, 0, float.NaN)]
    [InlineData(0, 4395, float.PositiveInfinity)]
    [InlineData(1, 0, float.NegativeInfinity)]
    [InlineData(3, 299, float.NaN)]
    public void SkipStep_BadElementAnywhere_ChangesNothingAndCounts(int tensor, int element, float value)
    {
        using var model = new Model(this, new OptimizerOptions { NonFinite = NonFinitePolicy.SkipStep });
        model.Step();
        float[] before = model.Parameters(0);
        model.Spoil(tensor, element, value);

        model.Step();

        Assert.Equal(before, model.Parameters(0));
        Assert.All(model.Optimizer.Parameters, state => Assert.Equal(1, state.Step));
        Assert.True(model.Optimizer.LastStepSkipped);
        Assert.Equal((1, 0), (model.Optimizer.SkippedSteps, model.Optimizer.SkippedElements));
        model.Spoil(tensor, element, 0.5f);
        model.Step();
        Assert.False(model.Optimizer.LastStepSkipped);
        model.AssertIsTheProcessors();
    }

    [Fact]
    public void Throw_BadElement_NamesTheTensorAndChangesNothing()
    {
        using var model = new Model(this, new OptimizerOptions { NonFinite = NonFinitePolicy.Throw });
        model.Step();
        float[] before = model.Parameters(0);
        model.Spoil(3, 7, float.NaN);
        double norm = model.Optimizer.MeasureGradients(_device.Stream.Handle, model.Updates).Norm;

        string message = Assert.Throws<NotFiniteNumberException>(model.StepOnDevice).Message;

        Assert.Contains("1 gradient elements", message, StringComparison.Ordinal);
        Assert.Contains("'w3'", message, StringComparison.Ordinal);
        Assert.Equal(norm, model.Optimizer.GradientNorm);
        Assert.False(model.Optimizer.LastStepSkipped);
        Assert.Equal(before, model.Parameters(0));
    }

    [Fact]
    public void Measure_BadElements_IsTheProcessorsAndLeavesTheNextStepAlone()
    {
        using var model = new Model(this, new OptimizerOptions()) { Scale = Scale };
        model.Spoil(0, 3, float.NaN);
        model.Spoil(0, 4390, float.PositiveInfinity);
        model.Spoil(3, 0, float.NaN);

        GradientMeasure measure = model.Optimizer.MeasureGradients(_device.Stream.Handle, model.Updates);

        Assert.Equal(model.MeasureOnProcessor(), measure);
        Assert.Equal((3, "w0"), (measure.NonFiniteElements, measure.FirstNonFinite));
        Assert.Equal(measure, model.Optimizer.MeasureGradients(model.Updates));
        model.Step();
        model.AssertIsTheProcessors();
    }

    /// <summary>More blocks than slots that they are added up in, and blocks of several turns of a warp's
    /// eight loads.</summary>
    [Theory]
    [InlineData((16 * 1100) + 5, 16)]
    [InlineData(10_007, 4096)]
    [InlineData(3000, 272)]
    public void Measure_ManyAndLongBlocks_IsTheProcessors(int length, int blockSize)
    {
        var options = new OptimizerOptions { BlockSize = blockSize };
        using var processor = new Optimizer<Lion>(new Lion(), options);
        using var optimizer = new Optimizer<Lion>(
            new Lion(), options with { Device = Device.Cuda(_device.Driver, 0, new PtxCache(null)) });
        float[] gradients = GC.AllocateUninitializedArray<float>(length, pinned: true);
        HardValues.Parameters(length, Seed).CopyTo(gradients, 0);
        gradients[length - 2] = float.NaN;
        nint address = System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(gradients, 0);
        using CudaBuffer buffer = _device.Context.Allocate(length * sizeof(float));
        _device.Context.CopyToDevice<float>(buffer.Address, gradients);
        var onDevice = new TensorUpdate(optimizer.Add("w", length), (nint)buffer.Address, (nint)buffer.Address);

        Assert.Equal(
            processor.MeasureGradients(new TensorUpdate(processor.Add("w", length), address, address)),
            optimizer.MeasureGradients(_device.Stream.Handle, onDevice));
    }

    [Fact]
    public void Replay_AnotherScale_IsTakenOver()
    {
        using var model = new Model(this, new OptimizerOptions { Capturable = true }) { Scale = Scale };
        model.Step();
        using CudaGraph graph = Capture(model);

        // A kernel that scales does so by 1, too.
        foreach (float scale in (float[])[0.5f, 1f, 7f])
        {
            model.Scale = scale;
            model.Optimizer.PrepareReplay(_device.Stream.Handle);
            graph.Launch(_device.Stream.Handle);
            model.StepOnProcessor();
        }

        model.AssertIsTheProcessors();
    }

    [Fact]
    public void Replay_ScaleOfAStepCapturedWithoutOne_IsRefused()
    {
        using var model = new Model(this, new OptimizerOptions { Capturable = true });
        model.Step();
        using CudaGraph graph = Capture(model);
        model.Scale = Scale;

        string message = Assert.Throws<InvalidOperationException>(() =>
            model.Optimizer.PrepareReplay(_device.Stream.Handle)).Message;

        Assert.Contains("gradient scale", message, StringComparison.Ordinal);
        Assert.All(model.Optimizer.Parameters, state => Assert.Equal(1, state.Step));
    }

    [Fact]
    public void Measure_WhileTheStreamIsCaptured_IsRefused()
    {
        using var model = new Model(this, new OptimizerOptions { Capturable = true });
        model.Step();
        _device.Context.BeginCapture(_device.Stream.Handle);

        string message = Assert.Throws<InvalidOperationException>(
            () => model.Optimizer.MeasureGradients(_device.Stream.Handle, model.Updates)).Message;

        Assert.Contains("being captured", message, StringComparison.Ordinal);
        _device.Context.EndCapture(_device.Stream.Handle).Dispose();
    }

    [Theory]
    [InlineData(NonFinitePolicy.SkipElement, 1f, "MaxGradientNorm = 1")]
    [InlineData(NonFinitePolicy.SkipStep, null, "NonFinite = SkipStep")]
    [InlineData(NonFinitePolicy.Throw, null, "NonFinite = Throw")]
    public void Options_CapturableAndAMeasure_AreRefusedByBothNames(NonFinitePolicy policy, float? norm, string other)
    {
        var options = new OptimizerOptions
        {
            Device = Device.Cuda(_device.Driver, 0, new PtxCache(null)), Capturable = true, NonFinite = policy,
            MaxGradientNorm = norm,
        };

        string message =
            Assert.Throws<ArgumentException>("Capturable", () => new Optimizer<Adam>(new Adam(), options)).Message;

        Assert.Contains("Capturable", message, StringComparison.Ordinal);
        Assert.Contains(other, message, StringComparison.Ordinal);
    }

    private CudaGraph Capture(Model model)
    {
        _device.Context.BeginCapture(_device.Stream.Handle);
        model.StepOnDevice();
        return _device.Context.EndCapture(_device.Stream.Handle);
    }

    /// <summary>Tensors on the device, and the same on the processor.</summary>
    private sealed class Model : IDisposable
    {
        private readonly GradientTests _tests;
        private readonly Optimizer<Adam> _processor;
        private readonly float[][] _expected =
            [.. Lengths.Select((length, i) => HardValues.Parameters(length, Seed + i))];
        private readonly float[][] _gradients =
            [.. Lengths.Select((length, i) => HardValues.Parameters(length, Seed + 10 + i))];

        public Model(GradientTests tests, OptimizerOptions options, int offset = 0)
        {
            _tests = tests;
            _processor = new Optimizer<Adam>(new Adam(), options with { Capturable = false });
            Optimizer = new Optimizer<Adam>(
                new Adam(), options with { Device = Device.Cuda(tests._device.Driver, 0, new PtxCache(null)) });
            Updates =
            [
                .. Lengths.Select((length, i) => new TensorUpdate(
                    Optimizer.Add($"w{i}", length), _tests._device.Put(_expected[i], offset),
                    _tests._device.Put(_gradients[i], offset))),
            ];
            Array.ForEach(Lengths, length => _processor.Add($"w{_processor.Parameters.Count}", length));
        }

        public Optimizer<Adam> Optimizer { get; }

        public TensorUpdate[] Updates { get; }

        public float Scale
        {
            set => Optimizer.GradientScale = _processor.GradientScale = value;
        }

        public void Spoil(int tensor, int element, float value)
        {
            _gradients[tensor][element] = value;
            _tests._device.Context.CopyToDevice<float>((ulong)Updates[tensor].Gradient, _gradients[tensor]);
        }

        public void Step()
        {
            StepOnDevice();
            StepOnProcessor();
        }

        public void StepOnDevice() => Optimizer.Step(_tests._device.Stream.Handle, Updates);

        public void StepOnProcessor() => WithPinned(updates => _processor.Step(updates));

        public GradientMeasure MeasureOnProcessor()
        {
            GradientMeasure measure = default;
            WithPinned(updates => measure = _processor.MeasureGradients(updates));
            return measure;
        }

        /// <summary>Waits, allocations and launches of a second step.</summary>
        public (int Waits, int Allocations, int Launches) CountStep()
        {
            StepOnDevice();
            _tests._device.Context.Synchronize(_tests._device.Stream.Handle);
            (int calls, int launched) = (_tests._device.Driver.Calls.Count, _tests._device.Driver.Launches.Count);
            StepOnDevice();
            string[] made = [.. _tests._device.Driver.Calls.Skip(calls)];
            _tests._device.Context.Synchronize(_tests._device.Stream.Handle);
            return (
                made.Count(call => call is "cuStreamSynchronize" or "cuCtxSynchronize"),
                made.Count(call => call is "cuMemAlloc" or "cuMemAllocHost" or "cuModuleLoadDataEx"),
                _tests._device.Driver.Launches.Count - launched);
        }

        public float[] Parameters(int tensor)
        {
            _tests._device.Context.Synchronize(_tests._device.Stream.Handle);
            var values = new float[Lengths[tensor]];
            _tests._device.Context.CopyToHost(values.AsSpan(), (ulong)Updates[tensor].Parameter);
            return values;
        }

        public void AssertIsTheProcessors()
        {
            Assert.Equal(_processor.GradientNorm, Optimizer.GradientNorm);
            Assert.Equal(_processor.SkippedElements, Optimizer.SkippedElements);
            for (int i = 0; i < Lengths.Length; i++)
            {
                Assert.Equal(_expected[i], Parameters(i));
                QuantizedState expected = _processor.Parameters[i].States["m"];
                QuantizedState actual = Optimizer.Parameters[i].States["m"];
                Assert.Equal(expected.IsQuantized, actual.IsQuantized);
                Assert.True(expected.IsQuantized
                    ? expected.Codes.SequenceEqual(actual.Codes)
                    : expected.Values.SequenceEqual(actual.Values));
            }
        }

        public void Dispose()
        {
            Optimizer.Dispose();
            _processor.Dispose();
        }

        private void WithPinned(Action<TensorUpdate[]> use)
        {
            float[][] pinned = [.. _expected.Concat(_gradients)
                .Select(values => GC.AllocateUninitializedArray<float>(values.Length, pinned: true))];
            foreach ((int i, float[] values) in _expected.Concat(_gradients).Index())
            {
                values.CopyTo(pinned[i], 0);
            }

            use([.. _processor.Parameters.Select(
                (state, i) => new TensorUpdate(state, Address(pinned[i]), Address(pinned[Lengths.Length + i])))]);
            for (int i = 0; i < Lengths.Length; i++)
            {
                pinned[i].CopyTo(_expected[i], 0);
            }

            static nint Address(float[] values) =>
                System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(values, 0);
        }
    }
}
