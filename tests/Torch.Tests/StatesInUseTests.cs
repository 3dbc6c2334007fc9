using TorchSharp.Modules;

namespace Requant.Torch.Tests;

/// <summary>A momentum of 0 needs no buffer; raising it later brings one, and checkpoints carry
/// what there is.</summary>
public sealed class StatesInUseTests
{
    /// <summary>Some roundings of float32 near 1.</summary>
    private const double Rounding = 1e-6;

    [Fact]
    public void Sgd_WithoutMomentum_HasNoStates()
    {
        using Sgd8bit optimizer = Make(momentum: 0);
        Some.Steps(optimizer, 10, 2);

        Assert.Equal(0, optimizer.StateBytes);
        Assert.Empty(optimizer.States[0].Tensors);
    }

    [Fact]
    public void Sgd_MomentumRaised_AllocatesTensorsThatStartAtZero()
    {
        using Sgd8bit optimizer = Make(momentum: 0);
        Some.Steps(optimizer, 10, 2);
        optimizer.Momentum = 0.9;
        Some.Steps(optimizer, 20, 1);

        Assert.Equal(["m", "m"], optimizer.States[0].Tensors.Select(tensor => tensor.StateName));
        Assert.Equal(optimizer.States[0].State.StateBytes, optimizer.StateBytes);
        Assert.True(optimizer.StateBytes > Some.QuantizedLength);
    }

    [Theory]
    [InlineData(0.0, 0.0)]
    [InlineData(0.0, 0.9)]
    [InlineData(0.9, 0.0)]
    [InlineData(0.9, 0.9)]
    public void SaveAndLoad_BetweenOptimizersWithAndWithoutStates_ContinuesBitForBit(double from, double to)
    {
        using Sgd8bit source = Make(from);
        using Sgd8bit target = Make(to);
        Some.Steps(source, 10, 2);
        Some.Steps(target, 50, 3);
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            source.save_state_dict(writer);
        }

        stream.Position = 0;
        target.load_state_dict(new BinaryReader(stream));
        AssertContinueAlike(source, target);
        target.load_state_dict(source.state_dict());
        AssertContinueAlike(source, target);
    }

    /// <summary>With the source's hyperparameters, which come with its states.</summary>
    private static void AssertContinueAlike(Sgd8bit source, Sgd8bit target)
    {
        Parameter[] parameters = [source.parameters().Single(), target.parameters().Single()];
        using (TorchSharp.torch.no_grad())
        {
            parameters[1].copy_(parameters[0]);
        }

        Some.Steps(source, 90, 2);
        Some.Steps(target, 90, 2);
        Assert.Equal(Some.Array(parameters[0]), Some.Array(parameters[1]));
        source.Momentum = 0.5;
        target.Momentum = 0.5;
        Some.Steps(source, 95, 2);
        Some.Steps(target, 95, 2);
        Assert.Equal(Some.Array(parameters[0]), Some.Array(parameters[1]));
    }

    /// <summary>With dampening, the first step of a buffer is another than the later ones.</summary>
    [Fact]
    public void Sgd_MomentumRaisedLater_IsTorchSharps()
    {
        Parameter ours = Some.Parameter(1, 7);
        Parameter torchs = Some.Parameter(1, 7);
        using var optimizer = new Sgd8bit([ours], 0.1, momentum: 0, dampening: 0.5);
        using SGD reference = TorchSharp.torch.optim.SGD([torchs], 0.1, momentum: 0, dampening: 0.5);
        foreach (double momentum in (double[])[0, 0, 0, 0.9, 0.9, 0, 0.9])
        {
            optimizer.Momentum = momentum;
            ((SGD.ParamGroup)reference.ParamGroups.Single()).Options.momentum = momentum;
            Some.SetGradient(ours, 5);
            Some.SetGradient(torchs, 5);
            optimizer.step();
            reference.TakeStep();
            Some.AssertClose(torchs, ours, Rounding);
        }
    }

    private static Sgd8bit Make(double momentum) =>
        new([Some.Parameter(1, Some.QuantizedLength)], 0.1, momentum, dampening: 0.3);
}
