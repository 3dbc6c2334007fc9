using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

public sealed class LifetimeTests
{
    [Fact]
    public void States_MadeInDisposeScope_SurviveIt()
    {
        Parameter parameter = Some.Parameter(1, Some.QuantizedLength);
        TorchOptimizer<HeavyBall> optimizer;
        using (NewDisposeScope())
        {
            optimizer = new TorchOptimizer<HeavyBall>([parameter], new HeavyBall());
        }

        Some.Steps(optimizer, 2, 2);

        Assert.All(optimizer.States[0].Tensors, tensor => Assert.False(tensor.Tensor.IsInvalid));
        Assert.Equal(2, optimizer.States[0].State.Step);
        optimizer.Dispose();
    }

    [Fact]
    public void States_LoadedInDisposeScope_SurviveIt()
    {
        using var source = new TorchOptimizer<HeavyBall>([Some.Parameter(1, Some.QuantizedLength)], new HeavyBall());
        using var optimizer = new TorchOptimizer<HeavyBall>([Some.Parameter(1, Some.QuantizedLength)], new HeavyBall());
        Some.Steps(source, 2, 1);
        using (NewDisposeScope())
        {
            optimizer.load_state_dict(source.state_dict());
        }

        Some.Steps(optimizer, 3, 1);

        Assert.Equal(2, optimizer.States[0].State.Step);
    }

    [Fact]
    public void Step_InDisposeScope_LeavesNoTensorBehind()
    {
        Parameter parameter = new(Some.Values(1, 80, 90).t());
        using var optimizer = new TorchOptimizer<HeavyBall>([parameter], new HeavyBall());
        Some.Steps(optimizer, 2, 1);
        Some.SetGradient(parameter, 3);
        long before = Tensor.TotalCount;

        optimizer.step();

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void ApproximatelyEquals_OnStates_LeavesNoTensorBehind()
    {
        using var optimizer = new TorchOptimizer<HeavyBall>([Some.Parameter(1, 5)], new HeavyBall());
        TorchParameterState state = optimizer.States[0];
        long before = Tensor.TotalCount;

        Assert.True(state.ApproximatelyEquals(state));

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Dispose_AfterModel_DoesNotThrow()
    {
        nn.Module<Tensor, Tensor> model = nn.Linear(100, 100);
        var optimizer = new TorchOptimizer<HeavyBall>(model.parameters(), new HeavyBall());
        model.forward(Some.Values(1, 2, 100)).sum().backward();
        optimizer.step();
        model.Dispose();

        Assert.Throws<InvalidOperationException>(() => optimizer.step());
        optimizer.Dispose();
        optimizer.Dispose();
    }

    [Fact]
    public void Dispose_FreesStateTensors()
    {
        var optimizer = new TorchOptimizer<HeavyBall>([Some.Parameter(1, Some.QuantizedLength)], new HeavyBall());
        IReadOnlyList<StateTensor> tensors = optimizer.States[0].Tensors;

        optimizer.Dispose();

        Assert.All(tensors, tensor => Assert.True(tensor.Tensor.IsInvalid));
    }

    [Fact]
    public void Members_AfterDispose_ThrowObjectDisposed()
    {
        var optimizer = new TorchOptimizer<HeavyBall>([Some.Parameter(1, 5)], new HeavyBall());
        optimizer.Dispose();

        Assert.Throws<ObjectDisposedException>(() => optimizer.step());
        Assert.Throws<ObjectDisposedException>(optimizer.zero_grad);
        Assert.Throws<ObjectDisposedException>(() => optimizer.state_dict());
        Assert.Throws<ObjectDisposedException>(() => optimizer.add_param_group(new ParamGroup { Parameters = [] }));
    }

    [Fact]
    public void Step_ModelConvertedAfterConstruction_SaysWhy()
    {
        nn.Module<Tensor, Tensor> model = nn.Linear(10, 10);
        using var optimizer = new TorchOptimizer<HeavyBall>(model.named_parameters(), new HeavyBall());
        model.to(ScalarType.Float64);

        var exception = Assert.Throws<InvalidOperationException>(() => optimizer.step());

        Assert.Contains("'weight' is disposed", exception.Message, StringComparison.Ordinal);
    }
}
