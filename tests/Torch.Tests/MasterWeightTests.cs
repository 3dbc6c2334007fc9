using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

/// <summary>bfloat16 parameters that train as float32 ones do.</summary>
public sealed class MasterWeightTests : IDisposable
{
    private static readonly TorchOptions Whole = new() { MasterWeights = MasterWeights.Remainder16 };

    private static readonly Dictionary<string, Action<OptimizerHelper, OptimizerHelper, string>> Ways = new()
    {
        ["checkpoint"] = (from, to, file) =>
        {
            ((Adam8bit)from).SaveCheckpoint(file);
            ((Adam8bit)to).LoadCheckpoint(file);
        },
        ["file"] = (from, to, file) =>
        {
            from.save_state_dict(file);
            to.load_state_dict(file);
        },
        ["dictionary"] = (from, to, _) => to.load_state_dict(from.state_dict()),
    };

    private readonly string _file = Path.GetTempFileName();

    public static TheoryData<string> WayNames => [.. Ways.Keys];

    [Fact]
    public void Steps_WithRemainders_AreThoseOfFloat32()
    {
        Parameter[] singles = Parameters(ScalarType.Float32);
        using Adam8bit whole = Make(Whole);
        using var single = new Adam8bit([("long", singles[0]), ("matrix", singles[1])]);

        Steps(whole, 1, 4);
        Steps(single, 1, 4);

        foreach ((Parameter parameter, Parameter expected) in whole.parameters().Zip(singles))
        {
            using Tensor weights = whole.MasterWeightsOf(parameter);
            Assert.Equal(ScalarType.Float32, weights.dtype);
            Assert.Equal(Some.Array(expected), Some.Array(weights));
            Assert.Equal(Some.Array(expected.to(ScalarType.BFloat16).to(ScalarType.Float32)),
                Some.Array(parameter.to(ScalarType.Float32)));
        }

        Assert.Equal(Some.Array(singles[1]), Some.Array(single.MasterWeightsOf(singles[1])));
    }

    /// <summary>1/4096 of a step is far below half the distance to the next bfloat16.</summary>
    [Fact]
    public void Step_BelowHalfTheDistance_AddsUp()
    {
        const int Count = 256;
        var parameter = new Parameter(ones(10, ScalarType.BFloat16));
        using var optimizer = new Sgd8bit([parameter], 1.0 / 4096, options: Whole);
        parameter.grad = ones(10, ScalarType.BFloat16);
        for (int step = 0; step < Count; step++)
        {
            optimizer.step();
        }

        Assert.Equal(1f - (Count / 4096f), parameter.detach().to(ScalarType.Float32)[3].item<float>());
    }

    /// <summary>2 + 2 + 2 bytes a parameter, and the scales.</summary>
    [Fact]
    public void Report_OfRemainders_HasARowOfTwoBytesAnElement()
    {
        using Adam8bit whole = Make(Whole);
        OptimizerReportRow row = Assert.Single(
            whole.Report().Rows, one => one is { Parameter: "long", State: "remainder" });

        Assert.Equal((16, 2L * Some.QuantizedLength), (row.Bits, row.StateBytes));
        Assert.Equal(whole.StateBytes, whole.Report().StateBytes);
        Assert.Contains("remainder", whole.Report().ToString(), StringComparison.Ordinal);
        StateTensor tensor = Assert.Single(
            whole.States[0].Tensors, one => one.Kind == StateMemoryKind.Remainder);
        Assert.Equal((ScalarType.Int16, "remainder"), (tensor.Tensor.dtype, tensor.StateName));
    }

    [Theory, MemberData(nameof(WayNames))]
    public void Load_OfRemainders_GoesOnBitForBit(string way)
    {
        using Adam8bit uninterrupted = Make(Whole);
        Steps(uninterrupted, 10, 3);
        using Adam8bit resumed = Make(Whole);
        Copy(uninterrupted, resumed);

        Ways[way](uninterrupted, resumed, _file);
        Steps(uninterrupted, 70, 3);
        Steps(resumed, 70, 3);

        Assert.Equal(Weights(uninterrupted), Weights(resumed));
    }

    [Theory, MemberData(nameof(WayNames))]
    public void Load_OfOtherMasterWeights_IsRefusedAndChangesNothing(string way)
    {
        foreach ((TorchOptions saved, TorchOptions mine) in new[]
        {
            (Whole, new TorchOptions()), (new TorchOptions(), Whole),
        })
        {
            using Adam8bit source = Make(saved);
            using Adam8bit optimizer = Make(mine);
            Steps(source, 10, 2);

            Exception exception = Assert.ThrowsAny<Exception>(() => Ways[way](source, optimizer, _file));

            Assert.Contains("MasterWeights", exception.Message, StringComparison.Ordinal);
            Assert.All(optimizer.States, state => Assert.Equal(0, state.State.Step));
        }
    }

    /// <summary>What is set between two steps is what the next one begins with, but for half a place.</summary>
    [Fact]
    public void Step_AfterAParameterWasSetToZero_BeginsThere()
    {
        using Adam8bit whole = Make(Whole);
        Steps(whole, 1, 3);
        using (no_grad())
        {
            whole.parameters().First().zero_();
        }

        Assert.All(Some.Array(whole.MasterWeightsOf(whole.parameters().First())), weight =>
            Assert.InRange(Math.Abs(weight), 0f, 1e-38f));
        Steps(whole, 9, 1);
        Assert.True(whole.parameters().First().isfinite().all().item<bool>());
    }

    [Fact]
    public void MasterWeightsOf_AForeignParameter_Throws()
    {
        using Adam8bit whole = Make(Whole);
        using Parameter foreign = Some.Parameter(1, 3, 4);

        ArgumentException exception = Assert.Throws<ArgumentException>(() => whole.MasterWeightsOf(foreign));

        Assert.Contains("Float32[3, 4]", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void New_Float16Parameter_ThrowsThatNamesIt()
    {
        using var half = new Parameter(Some.Values(1, 10).to(ScalarType.Float16));

        NotSupportedException exception = Assert.Throws<NotSupportedException>(
            () => new Adam8bit([("half", half)], options: Whole));

        Assert.Contains("'half' is Float16", exception.Message, StringComparison.Ordinal);
        Assert.Contains("bfloat16", exception.Message, StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(_file);

    private static Adam8bit Make(TorchOptions options)
    {
        Parameter[] parameters = Parameters(ScalarType.BFloat16);
        return new Adam8bit([("long", parameters[0]), ("matrix", parameters[1])], options: options);
    }

    private static Parameter[] Parameters(ScalarType type) =>
    [
        new(Some.Values(1, Some.QuantizedLength).to(ScalarType.BFloat16).to(type)),
        new(Some.Values(2, 7, 11).to(ScalarType.BFloat16).to(type)),
    ];

    /// <summary>Takes steps with gradients of bfloat16, as a parameter of that type has.</summary>
    private static void Steps(OptimizerHelper optimizer, int firstSeed, int count)
    {
        for (int step = 0; step < count; step++)
        {
            foreach ((int index, Parameter parameter) in optimizer.parameters().Index())
            {
                parameter.grad = Some.Values(firstSeed + (1000 * step) + index, parameter.shape)
                    .to(ScalarType.BFloat16).to(parameter.dtype);
            }

            optimizer.step();
        }
    }

    private static void Copy(Adam8bit from, Adam8bit to)
    {
        using IDisposable noGradients = no_grad();
        foreach ((Parameter source, Parameter target) in from.parameters().Zip(to.parameters()))
        {
            target.copy_(source);
        }
    }

    private static float[] Weights(Adam8bit optimizer) =>
        [.. optimizer.parameters().SelectMany(parameter => Some.Array(optimizer.MasterWeightsOf(parameter)))];
}
