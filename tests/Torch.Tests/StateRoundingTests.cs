using TorchSharp;
using TorchSharp.Modules;

namespace Requant.Torch.Tests;

/// <summary>Codecs and rounding of states that options choose, and that both go on after a load with the same
/// bits.</summary>
public sealed class StateRoundingTests : IDisposable
{
    private const ulong Seed = 0xfedc_ba98_7654_3210;

    private readonly string _file = Path.GetTempFileName();

    /// <summary>The ways to save and load.</summary>
    private static readonly Dictionary<string, Action<Adam8bit, Adam8bit, string>> Ways = new()
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

    public static MatrixTheoryData<StateCodecs, StateRounding> Formats =>
        new(Enum.GetValues<StateCodecs>(), Enum.GetValues<StateRounding>());

    public static MatrixTheoryData<string, StateCodecs> StochasticWays =>
        new(Ways.Keys, [StateCodecs.Dynamic, StateCodecs.MiniFloat]);

    /// <summary>The bits of the runtime's optimizer with the same options.</summary>
    [Theory, MemberData(nameof(Formats))]
    public void Step_OfEachFormat_IsTheRuntimes(StateCodecs codecs, StateRounding rounding)
    {
        using Adam8bit adam = Make(Options(codecs, rounding));
        Parameter parameter = adam.States[0].Parameter;
        float[] expected = Some.Array(parameter);
        using var reference = new Optimizer<Optimizers.Adam>(
            new Optimizers.Adam(),
            new OptimizerOptions { Codecs = codecs, StateRounding = rounding, RoundingSeed = Seed });
        ParameterState state = reference.Add("long", expected.Length);
        for (int step = 0; step < 3; step++)
        {
            Some.SetGradient(parameter, step);
            reference.Step(state, expected, Some.Array(parameter.grad!));
            adam.step();
        }

        Assert.Equal(expected, Some.Array(parameter));
        Assert.Equal(state.States["m"].Codec, adam.States[0].State.States["m"].Codec);
        Assert.Equal(state.States["v"].Rounding, adam.States[0].State.States["v"].Rounding);
        Assert.Equal(codecs != StateCodecs.Float32, adam.States[0].State.IsQuantized);
    }

    [Theory, MemberData(nameof(StochasticWays))]
    public void Load_StochasticStates_GoesOnBitForBit(string way, StateCodecs codecs)
    {
        using Adam8bit uninterrupted = Make(Options(codecs, StateRounding.Stochastic));
        Some.Steps(uninterrupted, 10, 3);
        using Adam8bit resumed = Make(Options(codecs, StateRounding.Stochastic) with { RoundingSeed = 1 });
        using Adam8bit other = Make(Options(codecs, StateRounding.Stochastic) with { RoundingSeed = 1 });
        Copy(uninterrupted, resumed);
        Copy(uninterrupted, other);

        Ways[way](uninterrupted, resumed, _file);
        Ways[way](uninterrupted, other, _file);
        other.RoundingSeed = 1;
        foreach (Adam8bit each in (Adam8bit[])[uninterrupted, resumed, other])
        {
            Some.Steps(each, 70, 3);
        }

        Assert.Equal(Seed, resumed.RoundingSeed);
        Assert.Equal(Bits(uninterrupted), Bits(resumed));
        Assert.NotEqual(Bits(uninterrupted), Bits(other));
    }

    [Theory, MemberData(nameof(WayNames))]
    public void Load_OtherFormat_IsRefusedAndChangesNothing(string way)
    {
        (TorchOptions Saved, TorchOptions Mine, string[] Says)[] cases =
        [
            (Options(StateCodecs.Dynamic, StateRounding.Nearest), Options(StateCodecs.MiniFloat, StateRounding.Nearest),
                ["Dynamic", "MiniFloat", "Codecs"]),
            (Options(StateCodecs.MiniFloat, StateRounding.Stochastic), Options(
                StateCodecs.MiniFloat, StateRounding.Nearest),
                ["stochastic rounding", "StateRounding"]),
            (Options(StateCodecs.MiniFloat, StateRounding.Nearest), Options(
                StateCodecs.MiniFloat, StateRounding.Stochastic),
                ["stochastic rounding", "StateRounding"]),
        ];
        foreach ((TorchOptions saved, TorchOptions mine, string[] says) in cases)
        {
            using Adam8bit source = Make(saved);
            using Adam8bit optimizer = Make(mine with { RoundingSeed = 2 });
            Some.Steps(source, 10, 2);

            Exception exception = Assert.ThrowsAny<Exception>(() => Ways[way](source, optimizer, _file));

            Assert.All(says, text => Assert.Contains(text, exception.Message, StringComparison.Ordinal));
            Assert.Equal(2ul, optimizer.RoundingSeed);
            Assert.All(optimizer.States, state => Assert.Equal(0, state.State.Step));
        }
    }

    [Fact]
    public void LoadCheckpoint_OtherFormatThatIsAllowed_KeepsItsOwn()
    {
        using Adam8bit source = Make(Options(StateCodecs.Dynamic, StateRounding.Nearest));
        using Adam8bit optimizer = Make(Options(StateCodecs.MiniFloat, StateRounding.Stochastic));
        Some.Steps(source, 10, 2);
        source.SaveCheckpoint(_file);

        optimizer.LoadCheckpoint(_file, new LoadOptions { ConvertCodec = true, AcceptOtherRounding = true });

        QuantizedState m = optimizer.States[0].State.States["m"];
        Assert.Equal((Codec.MiniFloat, StateRounding.Stochastic), (m.Codec, m.Rounding));
        Assert.Equal((Seed, 2), (optimizer.RoundingSeed, optimizer.States[0].State.Step));
    }

    [Fact]
    public void New_FormatThatThereIsNot_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(Options((StateCodecs)9, StateRounding.Nearest)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(Options(StateCodecs.Dynamic, (StateRounding)9)));
    }

    [Fact]
    public void Report_SaysCodecAndRounding()
    {
        using Adam8bit stochastic = Make(Options(StateCodecs.MiniFloat, StateRounding.Stochastic));
        using Adam8bit nearest = Make(Options(StateCodecs.MiniFloat, StateRounding.Nearest));
        Some.Steps(stochastic, 10, 1);

        OptimizerReport report = stochastic.Report();

        Assert.Equal(
            [
                (Codec.MiniFloat, StateRounding.Stochastic), (Codec.MiniFloatUnsigned, StateRounding.Stochastic),
                (Codec.Float32, null), (Codec.Float32, null),
            ],
            report.Rows.Select(row => (row.Codec!.Value, row.Rounding)));
        Assert.Matches(
            @"codec +rounding +block.*\n.* MiniFloat +Stochastic +256 .*\n.* MiniFloatUnsigned +Stochastic +256 .*\n.* Float32 + - +- ",
            report.ToString());
        Assert.All(nearest.Report().Rows.Take(2), row => Assert.Equal(StateRounding.Nearest, row.Rounding));
        Assert.DoesNotContain("rounding", nearest.Report().ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(_file);

    private static TorchOptions Options(StateCodecs codecs, StateRounding rounding) =>
        new() { Codecs = codecs, StateRounding = rounding, RoundingSeed = Seed };

    private static Adam8bit Make(TorchOptions options) =>
        new([("long", Some.Parameter(1, Some.QuantizedLength)), ("short", Some.Parameter(2, 77))], options: options);

    private static void Copy(Adam8bit from, Adam8bit to)
    {
        using IDisposable noGradients = torch.no_grad();
        foreach ((Parameter source, Parameter target) in from.parameters().Zip(to.parameters()))
        {
            target.copy_(source);
        }
    }

    private static float[] Bits(Adam8bit optimizer) => [.. optimizer.parameters().SelectMany(Some.Array)];
}
