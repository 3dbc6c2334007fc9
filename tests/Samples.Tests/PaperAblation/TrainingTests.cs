using Requant.Samples.PaperAblation;

namespace Requant.Samples.Tests.PaperAblation;

/// <summary>A few steps of real training: what states each variant has, and that results do not depend on how runs are
/// spread.</summary>
public class TrainingTests
{
    private const int Steps = 3;
    private const int Words = 128;

    /// <summary>Of a product and a quotient in float32.</summary>
    private const float Rounding = 1e-6f;

    private static readonly Lazy<WordCorpus> Corpus = new(() => WordCorpus.FromDotnetDocumentation(Words));

    [Theory]
    [InlineData("adam32", null)]
    [InlineData("linear-printed", null)]
    [InlineData("linear", null)]
    [InlineData("dynamic-printed", null)]
    [InlineData("dynamic-v", null)]
    [InlineData("dynamic", null)]
    [InlineData("minifloat", null)]
    [InlineData("block-printed", Variant.BlockSize)]
    public void Variant_Simulated_HasStatesOfCodesAndOneAbsmaxForEachTensorOrBlock(string name, int? blockSize)
    {
        Variant variant = Find(name);
        CodecPair codecs = variant.Codecs ?? CodecPair.Linear;
        int tensors = 0;
        Train(variant, 1e-3f, (step, optimizer) =>
        {
            foreach (ParameterState state in optimizer.States.Select(one => one.State).Where(_ => step == Steps - 1))
            {
                bool isLarge = state.Length >= Variant.MinQuantizedLength;
                bool isRounded = isLarge && variant.Codecs is not null;
                tensors += isLarge ? 1 : 0;
                Assert.Equal(isRounded, IsOnCodes(state.States["m"], codecs.First, blockSize));
                Assert.Equal(isRounded, IsOnCodes(state.States["v"], codecs.Second, blockSize));
                Assert.False(state.States["m"].IsQuantized);
            }
        });
        // The word embedding, the head, and four matrices of each of two blocks.
        Assert.Equal(10, tensors);
    }

    [Theory]
    [InlineData("block", Codec.Dynamic, Codec.DynamicUnsigned, 10)]
    [InlineData("block-minifloat", Codec.MiniFloat, Codec.MiniFloatUnsigned, 10)]
    [InlineData("stable", Codec.Dynamic, Codec.DynamicUnsigned, 9)]
    public void Variant_Shipped_HasTheRuntimes8BitStates_ButForAStableEmbedding(
        string name, Codec first, Codec second, int quantized) => Train(Find(name), 1e-3f, (_, optimizer) =>
        {
            ParameterState[] states =
                [.. optimizer.States.Select(one => one.State).Where(state => state.States["m"].IsQuantized)];
            Assert.Equal(quantized, states.Length);
            Assert.All(states, state => Assert.Equal((first, second, Variant.BlockSize, true),
                (state.States["m"].Codec, state.States["v"].Codec, state.States["v"].BlockSize,
                    state.States["v"].IsQuantized)));
            Assert.All(states, state => Assert.Equal((StateRounding.Nearest, StateRounding.Nearest),
                (state.States["m"].Rounding, state.States["v"].Rounding)));
        });

    [Fact]
    public void Train_LossThatIsNotFinite_StopsAndCountsAsInfinite()
    {
        RunResult run = Train(Find("adam32"), 1e30f, null, steps: 50);

        Assert.Equal(double.PositiveInfinity, run.Loss);
        Assert.InRange(run.TrainingLosses.Count, 2, 49);
        Assert.False(double.IsFinite(run.TrainingLosses[^1]));
    }

    [Fact]
    public void Run_SeveralAtATime_HasTheResultsOfOneAtATime()
    {
        RunPlan[] plans = [.. Experiment.Plan([Setting.Default], seeds: 1, Steps, 1e-3f).Take(4)];
        var done = new List<int>();

        IReadOnlyList<RunResult> one = Experiment.Run(
            Corpus.Value, plans, workers: 1, (_, count, _) => done.Add(count));
        IReadOnlyList<RunResult> three = Experiment.Run(Corpus.Value, plans, workers: 3, (_, _, _) => { });

        Assert.Equal(one.Select(run => run.Loss), three.Select(run => run.Loss));
        Assert.Equal(plans, three.Select(run => run.Plan));
        Assert.Equal(Enumerable.Range(1, plans.Length), done);
    }

    [Fact]
    public void Record_Points_HaveTheStatesOfEveryLargeTensor()
    {
        IReadOnlyList<Snapshot> snapshots = ErrorTable.Record(
            Corpus.Value, new RunPlan(Find("adam32"), Setting.Default, 1, 4, 1e-3f), points: 2);

        Assert.Equal([1, 3], snapshots.Select(snapshot => snapshot.Step).Distinct());
        Assert.Equal(20, snapshots.Count);
        Assert.All(snapshots, snapshot => Assert.Contains(snapshot.First, value => value != 0));
        Assert.All(snapshots, snapshot => Assert.Contains(snapshot.Gradient, value => value != 0));
        // After one update m is 0.1 g and v is 0.001 g²: m² = 10 v.
        Snapshot first = snapshots[0];
        int largest = Array.IndexOf(first.Second, first.Second.Max());
        Assert.Equal(10, first.First[largest] * first.First[largest] / first.Second[largest], 1e-2f);
    }

    private static Variant Find(string name) => Variant.All.Single(variant => variant.Name == name);

    private static RunResult Train(
        Variant variant, float learningRate, Action<int, Torch.TorchOptimizer<Optimizers.Adam>>? observe,
        int steps = Steps) =>
        new TrainingRun(Corpus.Value, new RunPlan(variant, Setting.Default, 1, steps, learningRate)).Train(observe);

    /// <summary>Whether all values are codes' values times an absmax. The largest magnitude may stand for either end of
    /// the codes: the paper's dynamic ones end at 1 and -0.993.</summary>
    private static bool IsOnCodes(QuantizedState state, StateMap map, int? blockSize)
    {
        float[] ends = [.. new[] { map.Values.ToArray().Max(), map.Values.ToArray().Min() }.Where(end => end != 0)];
        return state.Values.ToArray().Chunk(blockSize ?? (int)state.Length).All(block =>
        {
            float largest = block.Max(MathF.Abs);
            return largest == 0 || ends.Select(end => largest / MathF.Abs(end)).Any(absmax => block.All(value =>
                MathF.Abs((map.Round(value / absmax) * absmax) - value) <= Rounding * MathF.Abs(value)));
        });
    }
}
