using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

/// <summary>Stochastic rounding of bfloat16 parameters, and that it goes on after a load with the same bits.</summary>
public sealed class RoundingTests : IDisposable
{
    private const ulong Seed = 0xfedc_ba98_7654_3210;

    /// <summary>Standard deviations of the mean that it may be off by; the samples are always the same.</summary>
    private const double MostDeviations = 5;

    private readonly string _file = Path.GetTempFileName();

    /// <summary>The ways to save and load.</summary>
    private static readonly Dictionary<string,
        Action<TorchOptimizer<HeavyBall>, TorchOptimizer<HeavyBall>, string>> Ways = new()
        {
            ["checkpoint"] = (from, to, file) =>
            {
                from.SaveCheckpoint(file);
                to.LoadCheckpoint(file);
            },
            ["file"] = (from, to, file) =>
            {
                from.save_state_dict(file);
                to.load_state_dict(file);
            },
            ["dictionary"] = (from, to, _) => to.load_state_dict(from.state_dict()),
        };

    public static TheoryData<string> WayNames => [.. Ways.Keys];

    /// <summary>1 - 2^-12 lies between the bfloat16 1 - 2^-8 and 1, near the latter.</summary>
    [Fact]
    public void Step_UpdateBelowHalfTheDistance_IsLostByNearestAndKeptOnAverageByStochastic()
    {
        const int Length = 4096;
        const int Steps = 256;
        const double Rate = 1.0 / 4096;
        const double Distance = 1.0 / 256;

        Tensor nearest = Train(ParameterRounding.Nearest);
        Tensor stochastic = Train(ParameterRounding.Stochastic);

        Assert.True(nearest.eq(1).all().item<bool>());
        // Each step of an element is a coin that falls with probability 1/16, and then it moves by the distance.
        double deviation = Distance * Math.Sqrt(Steps * (Rate / Distance) * (1 - (Rate / Distance)) / Length);
        double mean = stochastic.to(ScalarType.Float64).mean().item<double>();
        Assert.InRange(mean - (1 - (Steps * Rate)), -MostDeviations * deviation, MostDeviations * deviation);

        static Tensor Train(ParameterRounding rounding)
        {
            var parameter = new Parameter(ones(Length, ScalarType.BFloat16));
            using var optimizer = new Sgd8bit([parameter], Rate, options: new TorchOptions { Rounding = rounding });
            parameter.grad = ones(Length, ScalarType.BFloat16);
            for (int step = 0; step < Steps; step++)
            {
                optimizer.step();
            }

            return parameter.detach();
        }
    }

    [Theory, MemberData(nameof(WayNames))]
    public void Load_StochasticRounding_GoesOnBitForBit(string way)
    {
        using TorchOptimizer<HeavyBall> uninterrupted = Make(Seed);
        Steps(uninterrupted, 10, 3);
        using TorchOptimizer<HeavyBall> resumed = Make(seed: 1);
        using TorchOptimizer<HeavyBall> other = Make(seed: 1);
        Copy(uninterrupted, resumed);
        Copy(uninterrupted, other);

        Ways[way](uninterrupted, resumed, _file);
        Ways[way](uninterrupted, other, _file);
        other.RoundingSeed = 1;
        foreach (TorchOptimizer<HeavyBall> each in (TorchOptimizer<HeavyBall>[])[uninterrupted, resumed, other])
        {
            Steps(each, 70, 3);
        }

        Assert.Equal(Seed, resumed.RoundingSeed);
        Assert.Equal(Bits(uninterrupted), Bits(resumed));
        Assert.NotEqual(Bits(uninterrupted), Bits(other));
    }

    [Theory, MemberData(nameof(WayNames))]
    public void Load_OtherRounding_IsRefusedAndChangesNothing(string way)
    {
        foreach ((ParameterRounding saved, ParameterRounding mine) in new[]
        {
            (ParameterRounding.Nearest, ParameterRounding.Stochastic),
            (ParameterRounding.Stochastic, ParameterRounding.Nearest),
        })
        {
            using TorchOptimizer<HeavyBall> source = Make(1, saved);
            using TorchOptimizer<HeavyBall> optimizer = Make(2, mine);
            Steps(source, 10, 2);

            Exception exception = Assert.ThrowsAny<Exception>(() => Ways[way](source, optimizer, _file));

            Assert.Contains($"Rounding = {saved}", exception.Message, StringComparison.Ordinal);
            Assert.Contains($"has {mine}", exception.Message, StringComparison.Ordinal);
            Assert.Equal(2ul, optimizer.RoundingSeed);
            Assert.All(optimizer.States, state => Assert.Equal(0, state.State.Step));
        }
    }

    [Fact]
    public void Load_OtherRoundingThatIsAllowed_KeepsItsOwn()
    {
        using TorchOptimizer<HeavyBall> source = Make(1, ParameterRounding.Nearest);
        using TorchOptimizer<HeavyBall> optimizer = Make(2);
        Steps(source, 10, 2);
        source.SaveCheckpoint(_file);

        optimizer.LoadCheckpoint(_file, new LoadOptions { AcceptOtherRounding = true });

        Assert.Equal(2ul, optimizer.RoundingSeed);
        Assert.Equal(2, optimizer.States[0].State.Step);
    }

    /// <summary>Groups share the seed, and names decide, not groups.</summary>
    [Fact]
    public void AddGroup_AfterALoad_TakesItsSeed()
    {
        using TorchOptimizer<HeavyBall> source = Make(Seed);
        using TorchOptimizer<HeavyBall> optimizer = Make(seed: 1);
        source.SaveCheckpoint(_file);
        optimizer.LoadCheckpoint(_file);
        foreach (TorchOptimizer<HeavyBall> each in (TorchOptimizer<HeavyBall>[])[source, optimizer])
        {
            each.add_param_group(new RuleParamGroup<HeavyBall>([("late", Weights(3, 500))]));
            Steps(each, 10, 2);
        }

        Assert.Equal(Bits(source), Bits(optimizer));
    }

    [Fact]
    public void New_Float16Parameter_ThrowsThatNamesIt()
    {
        using var parameter = new Parameter(Some.Values(1, 10).to(ScalarType.Float16));
        var stochastic = new TorchOptions { Rounding = ParameterRounding.Stochastic };

        NotSupportedException exception = Assert.Throws<NotSupportedException>(
            () => new TorchOptimizer<HeavyBall>([("half", parameter)], new HeavyBall(), stochastic));

        Assert.Contains("'half' is Float16", exception.Message, StringComparison.Ordinal);
        Assert.Contains("bfloat16", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void New_RoundingThatThereIsNot_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(1, (ParameterRounding)7));

    public void Dispose() => File.Delete(_file);

    private static TorchOptimizer<HeavyBall> Make(
        ulong seed, ParameterRounding rounding = ParameterRounding.Stochastic) => new(
        [("long", Weights(1, Some.QuantizedLength)), ("short", Weights(2, 77))], new HeavyBall { Lr = 0.01f },
        new TorchOptions { Rounding = rounding, RoundingSeed = seed });

    private static Parameter Weights(int seed, long length) => new(Some.Values(seed, length).to(ScalarType.BFloat16));

    private static void Steps(TorchOptimizer<HeavyBall> optimizer, int firstSeed, int count)
    {
        for (int step = 0; step < count; step++)
        {
            foreach ((int index, Parameter parameter) in optimizer.parameters().Index())
            {
                parameter.grad = Some.Values(firstSeed + (1000 * step) + index, parameter.shape)
                    .to(ScalarType.BFloat16);
            }

            optimizer.step();
        }
    }

    private static void Copy(TorchOptimizer<HeavyBall> from, TorchOptimizer<HeavyBall> to)
    {
        using IDisposable noGradients = no_grad();
        foreach ((Parameter source, Parameter target) in from.parameters().Zip(to.parameters()))
        {
            target.copy_(source);
        }
    }

    private static float[] Bits(TorchOptimizer<HeavyBall> optimizer) =>
        [.. optimizer.parameters().SelectMany(parameter => Some.Array(parameter.to(ScalarType.Float32)))];
}
