using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

public sealed class GradScalerTests
{
    /// <summary>Iterations good (+) and bad (-), with the scale and the count after each, by hand from PyTorch's
    /// <c>_amp_update_scale_</c> with growth_interval = 3.</summary>
    private static readonly (char Iteration, float Scale, int Tracker)[] Table =
    [
        ('+', 65536f, 1), ('+', 65536f, 2), ('+', 131072f, 0),
        ('+', 131072f, 1), ('-', 65536f, 0),
        ('-', 32768f, 0),
        ('+', 32768f, 1), ('+', 32768f, 2), ('-', 16384f, 0),
        ('+', 16384f, 1), ('+', 16384f, 2), ('+', 32768f, 0), ('+', 32768f, 1),
    ];

    public static TheoryData<string> Optimizers => ["own", "torch"];

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Update_GoodAndBadIterations_FollowsPyTorchsTable(string kind)
    {
        Parameter parameter = Some.Parameter(1, 20);
        using optim.Optimizer optimizer = Make(kind, parameter);
        var scaler = new GradScaler(growth_interval: 3);
        foreach ((char iteration, float scale, int tracker) in Table)
        {
            Iterate(scaler, optimizer, parameter, isGood: iteration == '+');
            Assert.Equal(scale, scaler.get_scale());
            Assert.Equal(tracker, scaler.get_growth_tracker());
        }
    }

    [Fact]
    public void Update_Defaults_GrowsAfterTwoThousandGoodSteps()
    {
        Parameter parameter = Some.Parameter(1, 3);
        using var optimizer = new Adam8bit([parameter]);
        var scaler = new GradScaler();
        Iterate(scaler, optimizer, parameter, isGood: true, 1999);
        Assert.Equal((65536f, 1999), (scaler.get_scale(), scaler.get_growth_tracker()));
        Iterate(scaler, optimizer, parameter, isGood: true);
        Assert.Equal((131072f, 0), (scaler.get_scale(), scaler.get_growth_tracker()));
        Iterate(scaler, optimizer, parameter, isGood: false);
        Assert.Equal((65536f, 0), (scaler.get_scale(), scaler.get_growth_tracker()));
    }

    [Fact]
    public void Update_ScaleAtTheLargest_DoesNotBecomeInfinite()
    {
        Parameter parameter = Some.Parameter(1, 3);
        using var optimizer = new Adam8bit([parameter]);
        var scaler = new GradScaler(init_scale: 3e38f, growth_interval: 1);
        Iterate(scaler, optimizer, parameter, isGood: true);
        Assert.Equal((3e38f, 0), (scaler.get_scale(), scaler.get_growth_tracker()));
    }

    [Fact]
    public void Step_ScaledLoss_HasTheBitsOfTheUnscaledOne()
    {
        // Powers of two scale without rounding, so that nothing may differ.
        (Parameter[] own, Parameter[] reference) = (Parameters(), Parameters());
        using var optimizer = new Adam8bit(own, 0.01);
        using var expected = new Adam8bit(reference, 0.01);
        var scaler = new GradScaler();
        for (int step = 0; step < 3; step++)
        {
            using (Tensor loss = Loss(own))
            using (Tensor scaled = scaler.scale(loss))
            {
                scaled.backward();
            }

            using (Tensor loss = Loss(reference))
            {
                loss.backward();
            }

            Assert.True(scaler.step(optimizer));
            scaler.update();
            expected.step();
            optimizer.zero_grad();
            expected.zero_grad();
        }

        Assert.Equal(reference.SelectMany(Some.Array), own.SelectMany(Some.Array));
    }

    [Fact]
    public void Step_BadGradientInLastGroup_ChangesNoGroup()
    {
        Parameter first = Some.Parameter(1, Some.QuantizedLength);
        Parameter last = Some.Parameter(2, 10);
        using var optimizer = new Adam8bit([new Adam8bit.ParamGroup([first]), new Adam8bit.ParamGroup([last])]);
        (float[] firstBefore, float[] lastBefore) = (Some.Array(first), Some.Array(last));
        Some.SetGradient(first, 3);
        Some.SetGradient(last, 4);
        last.grad!.index_put_(float.PositiveInfinity, TensorIndex.Single(9));
        var scaler = new GradScaler();

        Assert.False(scaler.step(optimizer));

        Assert.Equal(firstBefore, Some.Array(first));
        Assert.Equal(lastBefore, Some.Array(last));
        Assert.All(optimizer.States, state => Assert.Equal(0, state.State.Step));
        Assert.Equal((true, 1L, 0L), (optimizer.LastStepSkipped, optimizer.SkippedSteps, optimizer.SkippedElements));
    }

    [Fact]
    public void Update_OneOfTwoOptimizersBad_Halves()
    {
        Parameter good = Some.Parameter(1, 5);
        Parameter bad = Some.Parameter(2, 5);
        using var one = new Adam8bit([good]);
        using var other = new Lion8bit([bad]);
        good.grad = ones(5);
        bad.grad = full(5, float.NaN);
        var scaler = new GradScaler();
        Assert.True(scaler.step(one));
        Assert.False(scaler.step(other));
        scaler.update();
        Assert.Equal(32768f, scaler.get_scale());
    }

    [Fact]
    public void Calls_InTheWrongOrder_AreRefused()
    {
        Parameter parameter = Some.Parameter(1, 5);
        using var optimizer = new Adam8bit([parameter]);
        var scaler = new GradScaler();
        Assert.Throws<InvalidOperationException>(() => scaler.update());
        parameter.grad = ones(5);
        scaler.step(optimizer);
        Assert.Throws<InvalidOperationException>(() => scaler.step(optimizer));
        scaler.update();
        Assert.True(scaler.step(optimizer));
    }

    [Fact]
    public void Step_OptimizerThatThrows_IsRefused()
    {
        Parameter parameter = Some.Parameter(1, 5);
        using var optimizer = new Adam8bit(
            [parameter], options: new TorchOptions { NonFinite = NonFinitePolicy.Throw });
        Assert.Contains("Throw", Assert.Throws<InvalidOperationException>(
            () => new GradScaler().step(optimizer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Step_OtherOptimizerWithFloat16Gradient_IsRefusedAndChangesNothing()
    {
        Parameter parameter = new(ones(5, float16));
        using var optimizer = optim.SGD([parameter], 0.1);
        parameter.grad = ones(5, float16);
        Assert.Throws<NotSupportedException>(() => new GradScaler().step(optimizer));
        Assert.Equal(5f, parameter.grad!.to(float32).sum().item<float>());
    }

    [Fact]
    public void StateDict_LoadedIntoAnother_GoesOn()
    {
        Parameter parameter = Some.Parameter(1, 5);
        using var optimizer = new Adam8bit([parameter]);
        var scaler = new GradScaler(init_scale: 8f, growth_factor: 4, backoff_factor: 0.25, growth_interval: 2);
        Iterate(scaler, optimizer, parameter, isGood: true);
        var loaded = new GradScaler();
        loaded.load_state_dict(scaler.state_dict());
        Iterate(loaded, optimizer, parameter, isGood: true);
        Assert.Equal((32f, 0), (loaded.get_scale(), loaded.get_growth_tracker()));
        Assert.Throws<ArgumentException>(
            () => loaded.load_state_dict(new Dictionary<string, double> { ["scale"] = 1 }));
        Assert.Equal(32f, loaded.get_scale());
    }

    [Fact]
    public void Disabled_PassesThrough()
    {
        Parameter parameter = Some.Parameter(1, 5);
        using var optimizer = new Adam8bit([parameter]);
        var scaler = new GradScaler(enabled: false);
        using Tensor loss = Loss([parameter]);
        Assert.Same(loss, scaler.scale(loss));
        loss.backward();
        Assert.True(scaler.step(optimizer));
        scaler.update();
        Assert.Equal(1f, scaler.get_scale());
        Assert.Empty(scaler.state_dict());
    }

    [Theory]
    [InlineData(0f, 2, 0.5, 2000)]
    [InlineData(float.NaN, 2, 0.5, 2000)]
    [InlineData(1f, 1, 0.5, 2000)]
    [InlineData(1f, 2, 1, 2000)]
    [InlineData(1f, 2, 0.5, 0)]
    public void Constructor_UnusableValue_IsRefused(float scale, double growth, double backoff, int interval) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new GradScaler(scale, growth, backoff, interval));

    private static optim.Optimizer Make(string kind, Parameter parameter) =>
        kind == "own" ? new Adam8bit([parameter]) : optim.SGD([parameter], 0.1);

    private static void Iterate(
        GradScaler scaler, optim.Optimizer optimizer, Parameter parameter, bool isGood, int count = 1)
    {
        for (int i = 0; i < count; i++)
        {
            float[] before = Some.Array(parameter);
            parameter.grad = full(parameter.shape, isGood ? scaler.get_scale() : float.NaN);
            Assert.Equal(isGood, scaler.step(optimizer));
            Assert.Equal(!isGood, before.SequenceEqual(Some.Array(parameter)));
            scaler.update();
        }
    }

    private static Parameter[] Parameters() => [Some.Parameter(1, Some.QuantizedLength), Some.Parameter(2, 7)];

    private static Tensor Loss(Parameter[] parameters) =>
        parameters.Select(parameter => (parameter * parameter).sum()).Aggregate((a, b) => a + b);
}
