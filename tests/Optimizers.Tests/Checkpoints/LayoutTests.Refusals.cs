namespace Requant.Optimizers.Tests.Checkpoints;

/// <content>Files that do not fit, or only with options.</content>
public sealed partial class LayoutTests
{
    [Fact]
    public void Import_FileThatDoesNotFit_IsRefused()
    {
        using Optimizer<Adam> adam = Make(new Adam(), Paper);
        AssertRefused(adam, AdamFile("x"), StateLayout.PyTorch, Converting, "'x.exp_avg'", "no parameter");
        AssertRefused(
            adam, AdamFile("w").Add("w.lr", "F32", "", 1f), StateLayout.PyTorch, Converting, "'w.lr'",
            "none of the states");
        AssertRefused(
            adam, AdamFile("w").Add("state.0.step", "F32", "", 1f), StateLayout.PyTorch, Converting,
            "'step' of parameter 'w' twice");
        AssertRefused(
            adam, new HandMade().Add("w.step", "F32", "", 1f), StateLayout.PyTorch, Converting, "'m' of 'w'",
            "'exp_avg' is missing");
        AssertRefused(
            adam, new HandMade().Add("w.step", "F32", "", 1.5f), StateLayout.PyTorch, Converting, "step of 'w' is 1.5");
        AssertRefused(
            adam, new HandMade().Add("w.step", "F32", "2", 1f, 2f), StateLayout.PyTorch, Converting, "one number");
        AssertRefused(
            adam, new HandMade().Add("w.step", "I64", "", -1L), StateLayout.PyTorch, Converting, "step of 'w' is -1");
        AssertRefused(
            adam, new HandMade().Add<float>("w.exp_avg", "F32", "4", 1, 2, 3, 4).Add("w.step", "F32", "", 1f),
            StateLayout.PyTorch, Converting, "[4]", "[5000]");
        AssertRefused(
            adam, new HandMade().Add<byte>("w.exp_avg", "U8", "5000", Codes).Add("w.step", "F32", "", 1f),
            StateLayout.PyTorch, Converting, "U8", "F32");
        AssertRefused(
            adam, new HandMade().Add<byte>("w.state1", "U8", "5000", Codes).Add("w.step", "F32", "", 1f),
            StateLayout.BitsAndBytes, Converting, "absmax1");
        AssertRefused(
            adam, new HandMade().Add<byte>("w.state1", "U8", "5000", Codes)
                .Add<float>("w.absmax1", "F32", "3", 1, float.NaN, 1)
                .Add<float>("w.qmap1", "F32", "256", Map(Codec.Dynamic)).Add("w.step", "F32", "", 1f),
            StateLayout.BitsAndBytes, new LoadOptions { ConvertBlockSize = true }, "absmax", "NaN");
        AssertRefused(
            adam, new HandMade().Add<byte>("w.state1", "U8", "5000", Codes).Add<float>("w.absmax1", "F32", "2", 1, 1)
                .Add<float>("w.qmap1", "F32", "256", Map(Codec.Dynamic)).Add("w.step", "F32", "", 1f),
            StateLayout.BitsAndBytes, null, "2 scales");
    }

    public static TheoryData<string, float, bool> UnfitValues { get; } =
    [
        .. from quantized in (bool[])[false, true]
           from one in ((string, float)[])
           [
               ("m", float.NaN), ("m", float.PositiveInfinity), ("v", float.NaN), ("v", float.NegativeInfinity),
               ("v", -1e-8f), ("v", -float.Epsilon),
           ]
           select (one.Item1, one.Item2, quantized),
    ];

    /// <summary>Weights would be NaN after one step.</summary>
    [Theory, MemberData(nameof(UnfitValues))]
    public void Import_ValueThatNoStateHas_IsRefused(string state, float value, bool isQuantized)
    {
        using Optimizer<Adam> adam = Make(new Adam(), isQuantized ? Paper : InFloat32);
        float[] values = [.. state == "m" ? M : V];
        values[4999] = value;
        HandMade file = new HandMade().Add<float>("w.exp_avg", "F32", "5000", state == "m" ? values : M)
            .Add<float>("w.exp_avg_sq", "F32", "5000", state == "v" ? values : V).Add("w.step", "F32", "", 17f);

        AssertRefused(
            adam, file, StateLayout.PyTorch, Converting, $"'{state}' of 'w' is {value} at element 4999", "finite");
        AssertRefused(
            adam,
            new HandMade().Add<float>("w.state1", "F32", "5000", state == "m" ? values : M)
                .Add<float>("w.state2", "F32", "5000", state == "v" ? values : V).Add("w.step", "F32", "", 17f),
            StateLayout.BitsAndBytes, Converting, $"'{state}' of 'w' is {value} at element 4999");
    }

    [Theory]
    [InlineData(StateCodecs.Float32), InlineData(StateCodecs.MiniFloat)]
    public void Import_ValueThatBecomesInfinite_IsRefused(StateCodecs codecs)
    {
        using Optimizer<Adam> adam = Make(new Adam(), new OptimizerOptions { Codecs = codecs });
        double[] values = [.. V.Select(value => (double)value)];
        values[7] = 1e300;

        AssertRefused(
            adam,
            new HandMade().Add<float>("w.exp_avg", "F32", "5000", M).Add<double>("w.exp_avg_sq", "F64", "5000", values)
                .Add("w.step", "F32", "", 17f),
            StateLayout.PyTorch, Converting, "'v' of 'w'", "element 7");
    }

    /// <summary>Codes of a signed map, or scales that are too large for it, in the place of the
    /// second moment.</summary>
    [Theory]
    [InlineData(1f), InlineData(float.MaxValue)]
    public void Import_CodesOfUnfitValues_AreRefused(float scale)
    {
        using Optimizer<Adam> adam = Make(new Adam(), InFloat32);
        float[] map =
        [
            .. Map(scale == 1f ? Codec.Dynamic : Codec.DynamicUnsigned)
                .Select(value => scale == 1f ? value : 2 * value),
        ];
        float[] scales = [.. Absmax];
        scales[0] = scale;
        HandMade file = new HandMade().Add<float>("w.state1", "F32", "5000", M)
            .Add<byte>("w.state2", "U8", "5000", Codes)
            .Add<float>("w.absmax2", "F32", "20", scales).Add<float>("w.qmap2", "F32", "256", map)
            .Add("w.step", "I64", "", 17L);

        AssertRefused(adam, file, StateLayout.BitsAndBytes, Converting, "'v' of 'w'", "0 or more and finite");
    }

    [Theory]
    [InlineData(float.NaN), InlineData(float.PositiveInfinity)]
    public void Import_TensorStateThatIsNotFinite_IsRefused(float value)
    {
        using Optimizer<NAdam> nadam = Make(new NAdam(), InFloat32);

        AssertRefused(
            nadam, AdamFile("w").Add("w.mu_product", "F32", "", value), StateLayout.PyTorch, null,
            $"'muProduct' of 'w' is {value}", "finite");
    }

    /// <summary>Each message names what leads to the next, and the last one to an import.</summary>
    [Fact]
    public void Import_FileWithoutAParameter_SaysHowToTakeIt()
    {
        using Optimizer<Momentum> sgd = Make(new Momentum(), InFloat32);
        sgd.Add("frozen", Length);
        sgd.Step(sgd.Parameters[1], new float[Length], V);
        HandMade file = new HandMade().Add<float>("w.momentum_buffer", "F32", "5000", M);
        AssertRefused(sgd, file, StateLayout.PyTorch, null, "nothing of parameter 'frozen'", "AcceptMissingParameters");
        AssertRefused(
            sgd, file, StateLayout.PyTorch with { Step = 9 }, null, "nothing of parameter 'frozen'",
            "AcceptMissingParameters");
        var accepting = new LoadOptions { AcceptMissingParameters = true };
        AssertRefused(sgd, file, StateLayout.PyTorch, accepting, "no step of 'w'", "Step = ");

        Import(sgd, file, StateLayout.PyTorch with { Step = 9 }, accepting);

        Assert.Equal(M, sgd.Parameters[0].States["m"].Values);
        Assert.Equal((9, 0), (sgd.Parameters[0].Step, sgd.Parameters[1].Step));
        Assert.False(sgd.Parameters[1].States["m"].Values.ContainsAnyExcept(0f));
    }

    [Fact]
    public void Import_FileWithoutParametersWithTensorStates_BeginsThemAnew()
    {
        using Optimizer<NAdam> nadam = Make(new NAdam(), InFloat32);
        nadam.Add("frozen", Length);
        nadam.Step(nadam.Parameters[1], new float[Length], M);
        float initial = NAdamOfNoStep();

        Import(
            nadam, AdamFile("w").Add("w.mu_product", "F32", "", 0.5f), StateLayout.PyTorch,
            new LoadOptions { AcceptMissingParameters = true });

        Assert.Equal(
            (0.5f, initial),
            (nadam.Parameters[0].TensorStates["muProduct"], nadam.Parameters[1].TensorStates["muProduct"]));

        static float NAdamOfNoStep()
        {
            using Optimizer<NAdam> fresh = Make(new NAdam());
            return fresh.Parameters[0].TensorStates["muProduct"];
        }
    }

    [Fact]
    public void Import_FileOfNoParameter_IsRefusedAlsoWhenSomeMayBeMissing()
    {
        using Optimizer<Adam> adam = Make(new Adam(), InFloat32);

        AssertRefused(
            adam, new HandMade(), StateLayout.PyTorch with { Step = 1 },
            new LoadOptions { AcceptMissingParameters = true }, "no states of any parameter");
    }

    /// <summary>A rule without states in use needs nothing from a file.</summary>
    [Fact]
    public void Import_PyTorchSgdWithoutMomentum_TakesTheStep()
    {
        using Optimizer<Momentum> sgd = Make(new Momentum { Beta = 0 }, InFloat32);

        Import(sgd, new HandMade(), StateLayout.PyTorch with { Step = 9 });

        Assert.Equal(9, sgd.Parameters[0].Step);
    }

    [Fact]
    public void Import_ThatNeedsSeveralOptions_NamesThemAll()
    {
        using Optimizer<Adam> adam = Make(new Adam(), Mini);
        HandMade file = new HandMade().Add<byte>("w.state1", "U8", "5000", Codes)
            .Add<float>("w.absmax1", "F32", "3", 1f, 2f, 4f)
            .Add<float>("w.qmap1", "F32", "256", Map(Codec.Dynamic)).Add<float>("w.state2", "F32", "5000", V)
            .Add("w.step", "F32", "", 2f);
        AssertRefused(
            adam, file, StateLayout.BitsAndBytes, null, "'m' of 'w'", "and 1 more differ", "ConvertCodec",
            "ConvertBlockSize", "ConvertPrecision");

        Import(
            adam, file, StateLayout.BitsAndBytes,
            new LoadOptions { ConvertCodec = true, ConvertBlockSize = true, ConvertPrecision = true });

        Assert.Equal(2, adam.Parameters[0].Step);
    }
}
