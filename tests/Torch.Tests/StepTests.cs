using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

public sealed class StepTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Backward_GraphFromBeforeStep_ThrowsAsWithTorchOptim(int dimensions)
    {
        long[] shape = [.. Enumerable.Repeat(3L, dimensions)];
        Parameter own = Some.Parameter(1, shape);
        Parameter torchs = Some.Parameter(1, shape);
        using var optimizer = new TorchOptimizer<HeavyBall>([own], new HeavyBall());
        using var reference = optim.Adam([torchs]);

        string expected = BackwardAgainMessage(torchs, reference);

        Assert.Contains("modified by an inplace operation", expected, StringComparison.Ordinal);
        Assert.Contains("modified by an inplace operation", BackwardAgainMessage(own, optimizer),
            StringComparison.Ordinal);
    }

    private static string BackwardAgainMessage(Parameter parameter, OptimizerHelper optimizer)
    {
        using Tensor loss = (parameter * parameter).sum();
        autograd.backward([loss], retain_graph: true);
        optimizer.step();
        return Assert.ThrowsAny<Exception>(() => loss.backward()).Message;
    }

    [Fact]
    public void Step_ParametersOfBothKinds_UpdatesThemAndKeepsSmallInFloat32()
    {
        Parameter large = Some.Parameter(1, Some.QuantizedLength);
        Parameter small = Some.Parameter(2, 10, 10);
        float[] before = Some.Array(large);
        using var optimizer = new TorchOptimizer<HeavyBall>([large, small], new HeavyBall());

        Some.SetGradient(large, 3);
        Some.SetGradient(small, 4);
        optimizer.step();

        float[] gradient = Some.Array(large.grad!);
        Assert.Equal(before.Zip(gradient, (p, g) => p - (0.1f * g)), Some.Array(large));
        Assert.Equal([true, false], optimizer.States.Select(state => state.State.IsQuantized));
        Assert.Contains("1 tensors with quantized states, 1 kept in float32", optimizer.ToString(),
            StringComparison.Ordinal);
        Assert.Equal([ScalarType.Byte, ScalarType.Float32],
            optimizer.States[0].Tensors.Select(tensor => tensor.Tensor.dtype));
    }

    [Fact]
    public void Step_SameAsRuntimeOptimizer_BitForBit()
    {
        Parameter parameter = Some.Parameter(1, Some.QuantizedLength);
        float[] expected = Some.Array(parameter);
        using var optimizer = new TorchOptimizer<HeavyBall>([parameter], new HeavyBall());
        using var reference = new Optimizer<HeavyBall>(new HeavyBall());
        ParameterState state = reference.Add("p", expected.Length);

        for (int step = 0; step < 5; step++)
        {
            Some.SetGradient(parameter, step);
            optimizer.step();
            reference.Step(state, expected, Some.Array(parameter.grad!));
        }

        Assert.Equal(expected, Some.Array(parameter));
        Assert.Equal(state.States["m"].Codes.ToArray(), optimizer.States[0].State.States["m"].Codes.ToArray());
        Assert.Equal(state.States["m"].Codes.ToArray(), optimizer.States[0].Tensors[0].Tensor.data<byte>().ToArray());
    }

    [Fact]
    public void Step_NoGradient_LeavesParameterAndStepAlone()
    {
        Parameter with = Some.Parameter(1, 5);
        Parameter without = Some.Parameter(2, 5);
        float[] before = Some.Array(without);
        using var optimizer = new TorchOptimizer<HeavyBall>([with, without], new HeavyBall());

        Some.SetGradient(with, 3);
        optimizer.step();

        Assert.Equal(before, Some.Array(without));
        Assert.Equal([1, 0], optimizer.States.Select(state => state.State.Step));
    }

    [Fact]
    public void Step_EmptyParameter_DoesNothing()
    {
        Parameter empty = Some.Parameter(1, 0);
        using var optimizer = new TorchOptimizer<HeavyBall>([empty], new HeavyBall());

        Some.SetGradient(empty, 2);
        optimizer.step();

        Assert.Equal(0, empty.NumberOfElements);
    }

    [Fact]
    public void Step_ParameterNotContiguous_SameAsContiguous()
    {
        Tensor storage = Some.Values(1, 80, 90);
        var transposed = new Parameter(storage.t());
        var contiguous = new Parameter(storage.t().contiguous());
        Assert.False(transposed.is_contiguous());
        using var optimizer = new TorchOptimizer<HeavyBall>([transposed, contiguous], new HeavyBall());

        for (int step = 0; step < 3; step++)
        {
            Some.SetGradient(transposed, step);
            Some.SetGradient(contiguous, step);
            optimizer.step();
        }

        Assert.Equal(Some.Array(contiguous), Some.Array(transposed));
    }

    [Fact]
    public void Step_GradientNotContiguous_SameAsContiguous()
    {
        Parameter first = Some.Parameter(1, 80, 90);
        Parameter second = Some.Parameter(1, 80, 90);
        using var optimizer = new TorchOptimizer<HeavyBall>([first, second], new HeavyBall());

        first.grad = Some.Values(2, 90, 80).t();
        second.grad = Some.Values(2, 90, 80).t().contiguous();
        optimizer.step();

        Assert.Equal(Some.Array(second), Some.Array(first));
    }

    [Fact]
    public void Step_GradientOfExpandedSum_Works()
    {
        Parameter parameter = Some.Parameter(1, 10);
        float[] before = Some.Array(parameter);
        using var optimizer = new TorchOptimizer<HeavyBall>([parameter], new HeavyBall());

        parameter.sum().backward();
        optimizer.step();

        Assert.Equal(before.Select(p => p - 0.1f), Some.Array(parameter));
    }

    [Fact]
    public void Step_ParameterIsViewWithOffset_UpdatesItsElementsOnly()
    {
        Tensor storage = zeros(10);
        var part = new Parameter(storage[TensorIndex.Slice(4, 8)]);
        using var optimizer = new TorchOptimizer<HeavyBall>([part], new HeavyBall());

        part.grad = ones(4);
        optimizer.step();

        Assert.Equal([0, 0, 0, 0, -0.1f, -0.1f, -0.1f, -0.1f, 0, 0], Some.Array(storage));
    }

    [Fact]
    public void Step_Closure_RunsWithGradientsAndReturnsItsLoss()
    {
        Parameter parameter = Some.Parameter(1, 10);
        using var optimizer = new TorchOptimizer<HeavyBall>([parameter], new HeavyBall());
        using IDisposable noGradients = no_grad();

        using Tensor loss = optimizer.step(() =>
        {
            Tensor value = parameter.square().sum();
            value.backward();
            return value;
        });

        Assert.True(loss.item<float>() > 0);
        Assert.Equal(1, optimizer.States[0].State.Step);
    }

    [Fact]
    public void Step_GradientNotFinite_SkipsAndCountsElement()
    {
        Parameter parameter = Some.Parameter(1, Some.QuantizedLength);
        float[] before = Some.Array(parameter);
        using var optimizer = new TorchOptimizer<HeavyBall>([parameter], new HeavyBall());

        Some.SetGradient(parameter, 2);
        using (no_grad())
        {
            parameter.grad![7] = tensor(float.NaN);
        }

        optimizer.step();

        Assert.Equal(1, optimizer.SkippedElements);
        Assert.Equal(before[7], Some.Array(parameter)[7]);
        Assert.NotEqual(before[8], Some.Array(parameter)[8]);
    }

    [Fact]
    public void Step_ClippedGradients_UsesThem()
    {
        Parameter parameter = Some.Parameter(1, 10);
        float[] before = Some.Array(parameter);
        using var optimizer = new TorchOptimizer<HeavyBall>([parameter], new HeavyBall { Lr = 1 });

        parameter.grad = full(10, 100f);
        nn.utils.clip_grad_norm_([parameter], 1);
        optimizer.step();

        // The clipped norm is 1 up to torch's epsilon in the divisor and rounding.
        const double ClippedNormTolerance = 1e-5;
        Assert.Equal(1, before.Zip(Some.Array(parameter), (x, y) => Math.Pow(x - y, 2)).Sum(), ClippedNormTolerance);
    }
}
