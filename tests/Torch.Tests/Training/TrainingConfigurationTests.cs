using TorchSharp.Modules;
using static System.FormattableString;

namespace Requant.Torch.Tests.Training;

/// <summary>What TorchSharp tests its optimizers with, trained by them, by ours with float32 states and by ours with
/// 8-bit states: with TorchSharp's seed, and in the large set with twelve others.</summary>
/// <remarks>Not every run settles in ten steps with rates as high as these. Where decay moves the weights of a unit
/// whose ReLU is off, the unit comes back in one step or in the next, and the loss jumps. Such a run does not tell codecs
/// apart. Float32 states that are multiplied after each step by random numbers within 1/16 of 1, as far as a MiniFloat
/// code may be from its value, end up to 50 % from themselves ("Adadelta, decay", seed 3), and float32 states end 0.3 %
/// from TorchSharp's by the order of roundings alone ("NAdam, betas", seed 6). So most seeds have to end within a
/// tolerance, and all within that of a jump.</remarks>
public sealed class TrainingConfigurationTests(TrainingTasks tasks) : IClassFixture<TrainingTasks>
{
    private const ulong TorchSharpsSeed = 4711;
    /// <summary>Of twelve, the most that may not settle. TODO</summary>
    private const int UnsettledSeeds = 3;

    /// <summary>TorchSharp's tests allow 0.1 % for their figures, which have four to seven digits.</summary>
    private const double KnownLossTolerance = 1e-3;

    /// <summary>A rule's hyperparameters are float32, TorchSharp's are doubles: 1 - 0.999 differs by 1e-5 of its value.
    /// The largest difference was 1.3e-5 with TorchSharp's seed, and 3.2e-5 with others where they settle.</summary>
    private const double AgreementTolerance = 5e-5;

    /// <summary>Three times what was seen where a run did not settle.</summary>
    private const double AgreementJumpTolerance = 1e-2;

    /// <summary>Codes are within a few percent of their values, and thousands of elements average that.</summary>
    private const double SettledTolerance = 0.02;

    /// <summary>See <see cref="TrainingConfiguration.Amplifies"/>.</summary>
    private const double AmplifiedTolerance = 0.10;

    /// <summary>A little above how far noise moved the losses of float32 states. When codecs could store a positive
    /// second moment as 0, Adam's were up to a million times too high.</summary>
    private const double JumpTolerance = 0.6;

    /// <summary>Half the distance between two values of MiniFloat, relative to the smaller one.</summary>
    private const double CodeNoise = 1.0 / 16;

    private static readonly ulong[] OtherSeeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

    /// <summary>As shipped, and all that options choose.</summary>
    private static readonly TorchOptions[] Formats =
    [
        new TorchOptions(),
        .. from codecs in (StateCodecs[])[StateCodecs.Dynamic, StateCodecs.MiniFloat]
           from rounding in Enum.GetValues<StateRounding>()
           select new TorchOptions { Codecs = codecs, StateRounding = rounding },
    ];

    private static readonly TorchOptions Float32States = new() { MinQuantizedLength = long.MaxValue };

    public static TheoryData<string> Names => [.. TrainingConfigurations.All.Keys];

    public static TheoryData<string> Unsettled =>
        [.. TrainingConfigurations.All.Where(one => one.Value.JumpsWithTorchSharpsSeed).Select(one => one.Key)];

    [Fact]
    public void Configurations_CoverTorchSharpsAndEveryDropIn()
    {
        const int TorchSharps = 59;
        IEnumerable<string> dropIns = typeof(Adam8bit).Assembly.GetExportedTypes()
            .Where(type => type.IsSealed && type.IsSubclassOf(typeof(OptimizerHelper))).Select(type => type.Name);
        HashSet<string> used = [];
        foreach (TrainingConfiguration configuration in TrainingConfigurations.All.Values)
        {
            tasks[TorchSharpsSeed].Train(configuration with { Steps = 0 }, network =>
            {
                OptimizerHelper optimizer = configuration.Ours(network, Float32States);
                used.Add(optimizer.GetType().Name);
                return optimizer;
            });
        }

        Assert.Equal(dropIns.Order(), used.Order());
        Assert.Equal(TorchSharps, TrainingConfigurations.All.Values.Count(one => one.KnownLoss is not null));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Train_Configuration_EndsAsTorchSharpAndAsFloat32States(string name)
    {
        TrainingConfiguration configuration = TrainingConfigurations.All[name];
        ulong[] seeds = LargeSets.AreOn ? [TorchSharpsSeed, .. OtherSeeds] : [TorchSharpsSeed];
        Outcome[] outcomes = [.. seeds.Select(seed => Train(configuration, seed))];
        Array.ForEach(outcomes, outcome => TestContext.Current.TestOutputHelper?.WriteLine($"{outcome}"));

        if (configuration.KnownLoss is double known)
        {
            Assert.InRange(outcomes[0].Torchs / known, 1 - KnownLossTolerance, 1 + KnownLossTolerance);
        }

        Assert.True(outcomes[0].Agreement <= AgreementTolerance, $"Float32 states are not TorchSharp's: {outcomes[0]}");
        AssertMost(outcomes[1..], outcome => outcome.Agreement, AgreementTolerance, AgreementJumpTolerance);
        foreach (int format in Enumerable.Range(0, Formats.Length))
        {
            double tolerance = ToleranceOf(configuration);
            double first = outcomes[0].Deviation(format);
            Assert.True(first <= (configuration.JumpsWithTorchSharpsSeed ? JumpTolerance : tolerance),
                $"{NameOf(format)} do not end as float32 states: {outcomes[0]}");
            AssertMost(outcomes[1..], outcome => outcome.Deviation(format), tolerance, JumpTolerance);
        }
    }

    /// <summary>Why the test above allows more for these.</summary>
    [Theory]
    [MemberData(nameof(Unsettled))]
    public void Train_Float32StatesWithNoise_Jump(string name)
    {
        const int Draws = 8;
        using IDisposable threads = Some.Threads(1);
        TrainingConfiguration configuration = TrainingConfigurations.All[name];
        double exact = LossWith(noise: null);

        double farthest = Enumerable.Range(1, Draws)
            .Max(draw => Deviation(exact, LossWith(new StateNoise(CodeNoise, draw))));

        Assert.InRange(farthest, ToleranceOf(configuration), JumpTolerance);

        double LossWith(StateNoise? noise) => tasks[TorchSharpsSeed].Train(
            configuration, network => configuration.Ours(network, Float32States), noise)[^1];
    }

    /// <summary>Asserts that most seeds are within one tolerance and all within the other.</summary>
    private static void AssertMost(Outcome[] outcomes, Func<Outcome, double> distance, double tolerance, double jump)
    {
        Outcome[] unsettled = [.. outcomes.Where(outcome => distance(outcome) > tolerance)];
        Assert.True(unsettled.Length <= UnsettledSeeds && Array.TrueForAll(unsettled, outcome => distance(outcome) <= jump),
            $"{unsettled.Length} seeds of {outcomes.Length} are more than {tolerance:p0} away: {string.Join("; ", unsettled)}");
    }

    private static double ToleranceOf(TrainingConfiguration configuration) =>
        configuration.Amplifies ? AmplifiedTolerance : SettledTolerance;

    /// <summary>How far a loss is from another, relative to it; infinite if it is no number.</summary>
    private static double Deviation(double expected, double actual) =>
        double.IsNaN(actual) ? double.PositiveInfinity : Math.Abs((actual / expected) - 1);

    private static string NameOf(int format) => $"{Formats[format].Codecs} states, {Formats[format].StateRounding}";

    private Outcome Train(TrainingConfiguration configuration, ulong seed)
    {
        using IDisposable threads = Some.Threads(1);
        TrainingTask task = tasks[seed];
        double[] float32 = task.Train(configuration, network => configuration.Ours(network, Float32States));
        double[] torchs = configuration.Torchs is { } make ? task.Train(configuration, make) : float32;
        double[] quantized = [.. Formats.Select(format =>
            task.Train(configuration, network => configuration.Ours(network, format))[^1])];
        return new Outcome(seed, torchs[^1], float32[^1], quantized, torchs.Zip(float32, Deviation).Max());
    }

    /// <summary>A configuration trained by all: losses before the last step.</summary>
    /// <param name="Seed">Of the task.</param>
    /// <param name="Torchs">With TorchSharp's optimizer.</param>
    /// <param name="Float32">With ours and float32 states.</param>
    /// <param name="Quantized">With 8-bit states of each format.</param>
    /// <param name="Agreement">The largest difference between the first two in any step, relative to the loss.</param>
    private sealed record Outcome(ulong Seed, double Torchs, double Float32, double[] Quantized, double Agreement)
    {
        public double Deviation(int format) => TrainingConfigurationTests.Deviation(Float32, Quantized[format]);

        public override string ToString() => Invariant(
            $"seed {Seed}: {Torchs:g6} by TorchSharp, {Float32:g6} with float32 states ({Agreement:0.0e0} apart), 8-bit states ")
            + string.Join(", ", Quantized.Select((loss, i) => Invariant($"{loss:g6} ({100 * Deviation(i):0.00} % apart)")));
    }
}
