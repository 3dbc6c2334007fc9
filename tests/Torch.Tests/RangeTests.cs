using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

/// <summary>The rules' ranges hold for values that come by TorchSharp's classes, later ones too.</summary>
public sealed class RangeTests
{
    public static TheoryData<string, Action<Adam8bit>> Setters { get; } = new()
    {
        { "beta2 = 1.5 by name", optimizer => Options(optimizer)["beta2"] = 1.5 },
        { "beta2 = 0.99999999, which is 1 in float32", optimizer => Options(optimizer)["beta2"] = 0.99999999 },
        { "weightDecay = NaN by name", optimizer => Options(optimizer)["weightDecay"] = double.NaN },
        { "weight_decay = NaN", optimizer => Options(optimizer).weight_decay = double.NaN },
        { "eps = -1", optimizer => Options(optimizer).eps = -1 },
        { "eps = infinity", optimizer => Options(optimizer)["eps"] = double.PositiveInfinity },
        { "lr = NaN by name", optimizer => Options(optimizer)["lr"] = double.NaN },
        { "amsgrad = 2", optimizer => Options(optimizer)["amsgrad"] = 2 },
        { "Betas", optimizer => optimizer.Betas = (0.5, double.NaN) },
        { "Betas of a group", optimizer => ((Adam8bit.ParamGroup)optimizer.ParamGroups.Single()).Betas = (1, 0.5) },
    };

    [Theory]
    [MemberData(nameof(Setters))]
    public void Option_SetOutOfRange_ThrowsAndChangesNothing(string what, Action<Adam8bit> set)
    {
        using var optimizer = new Adam8bit([Some.Parameter(1, 5)]);
        string before = Options(optimizer).ToString();

        Assert.Throws<ArgumentOutOfRangeException>(() => set(optimizer));

        Assert.True(before == Options(optimizer).ToString(), what);
    }

    /// <summary>TorchSharp's property takes anything; a step does not.</summary>
    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-1.0)]
    [InlineData(1e39)]
    public void LearningRate_OutOfRange_ThrowsAtTheStepAndChangesNothing(double rate)
    {
        Parameter parameter = Some.Parameter(1, 5);
        using var optimizer = new Adam8bit([parameter]);
        float[] before = Some.Array(parameter);
        optimizer.ParamGroups.Single().LearningRate = rate;

        var exception = Assert.Throws<InvalidOperationException>(() => Some.Steps(optimizer, 1, 1));

        Assert.Contains("0 or more", exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, Some.Array(parameter));
    }

    /// <summary>Each value is within its range, and the step that Adam makes of them is not finite.</summary>
    [Fact]
    public void Step_HostValueOfALaterGroupNotFinite_ChangesNothing()
    {
        Parameter[] parameters = [Some.Parameter(1, 5), Some.Parameter(2, 5)];
        using var optimizer = new Adam8bit(
            [
                new Adam8bit.ParamGroup([parameters[0]]),
                new Adam8bit.ParamGroup([parameters[1]], lr: float.MaxValue, beta1: 0.999),
            ]);
        float[][] before = [.. parameters.Select(Some.Array)];

        Assert.Throws<NotFiniteNumberException>(() => Some.Steps(optimizer, 1, 1));

        Assert.Equal(before, [.. parameters.Select(Some.Array)]);
        Assert.All(optimizer.States, state => Assert.Equal(0, state.State.Step));
    }

    [Fact]
    public void Momentum_SetNegative_ThrowsAndNamesIt()
    {
        using var optimizer = new Sgd8bit([Some.Parameter(1, 5)], 0.1, momentum: 0.9);

        Assert.Equal("Momentum", Assert.Throws<ArgumentOutOfRangeException>(() => optimizer.Momentum = -1).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => Sgd(optimizer).momentum = -1);
        Assert.Equal(0.9, optimizer.Momentum);
    }

    [Fact]
    public void Dampening_NaN_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new Sgd8bit([Some.Parameter(1, 5)], 0.1, dampening: double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new Sgd8bit.ParamGroup([Some.Parameter(1, 5)], dampening: double.NaN));
    }

    [Fact]
    public void Nesterov_WithoutMomentum_IsRefusedAtOnceAndLater()
    {
        Parameter[] parameters = [Some.Parameter(1, 5)];
        Assert.Throws<ArgumentException>(() => new Sgd8bit(parameters, 0.1, nesterov: true));
        Assert.Throws<ArgumentException>(() => new Sgd8bit([new Sgd8bit.ParamGroup(parameters, nesterov: true)], 0.1));
        Assert.Throws<ArgumentException>(
            () => new SgdW8bit([new SgdW8bit.ParamGroup(parameters, dampening: 0.1, nesterov: true)], 0.1, 0.9));
        using var optimizer = new Sgd8bit(parameters, 0.1, momentum: 0.9);
        Sgd(optimizer).nesterov = true;
        Some.Steps(optimizer, 1, 1);
        Sgd(optimizer).momentum = 0;
        float[] before = Some.Array(parameters[0]);

        Assert.Contains(
            "nesterov needs momentum above 0",
            Assert.Throws<InvalidOperationException>(() => Some.Steps(optimizer, 1, 1)).Message,
            StringComparison.Ordinal);

        Assert.Equal(before, Some.Array(parameters[0]));
    }

    [Fact]
    public void Load_OfADictionaryWithARateOutOfRange_ThrowsAndChangesNothing()
    {
        using var source = new Adam8bit([Some.Parameter(1, 5)]);
        using var target = new Adam8bit([Some.Parameter(1, 5)], lr: 0.5);
        source.ParamGroups.Single().LearningRate = double.NaN;

        Assert.Throws<ArgumentException>(() => target.load_state_dict(source.state_dict()));

        Assert.Equal(0.5, target.ParamGroups.Single().LearningRate);
    }

    [Fact]
    public void LoadCheckpoint_WithARateOutOfRange_ThrowsAndChangesNothing()
    {
        string path = Path.GetTempFileName();
        using var source = new Adam8bit([Some.Parameter(1, 5)]);
        using var target = new Adam8bit([Some.Parameter(1, 5)], lr: 0.5);
        source.ParamGroups.Single().LearningRate = -1;
        try
        {
            source.SaveCheckpoint(path);

            Assert.Contains(
                "it must be a finite number, 0 or more",
                Assert.Throws<CheckpointException>(() => target.LoadCheckpoint(path)).Message,
                StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }

        Assert.Equal(0.5, target.ParamGroups.Single().LearningRate);
    }

    private static Adam8bit.Options Options(Adam8bit optimizer) =>
        ((Adam8bit.ParamGroup)optimizer.ParamGroups.Single()).Options;

    private static Sgd8bit.Options Sgd(Sgd8bit optimizer) =>
        ((Sgd8bit.ParamGroup)optimizer.ParamGroups.Single()).Options;
}
