using Requant.Samples.StateComparison;

namespace Requant.Samples.Tests.StateComparison;

/// <summary>A few steps of real training.</summary>
public class TrainingTests
{
    private const int Steps = 3;

    public static TheoryData<string, int> TasksAndQuantizedTensors => new()
    {
        // Embedding, head, and four matrices of each block.
        { "characters", 6 },
        { "characters-large", 10 },
        { "bag", 2 },
        { "words", 3 },
        { "images", 3 },
        { "fading", 3 },
    };

    [Theory, MemberData(nameof(TasksAndQuantizedTensors))]
    public void Train_EachTask_KeepsLargeTensorsOnCodes_AndEvaluates(string name, int quantizedTensors)
    {
        TrainingTask task = TaskChoice.Find(name).Create();
        StateSetting setting = StateSetting.All.Single(one => one.Name == "minifloat");
        int large = 0, small = 0;

        RunResult run = new TrainingRun(Plan(task, "adam", setting)).Train((step, states) =>
        {
            foreach (ParameterState state in states.Where(_ => step == Steps - 1))
            {
                bool isLarge = state.Length >= StateSetting.MinQuantizedLength;
                (large, small) = (large + (isLarge ? 1 : 0), small + (isLarge ? 0 : 1));
                Assert.Equal(isLarge, IsRounded(state.States["m"], setting.First, isSigned: true));
                Assert.Equal(isLarge, IsRounded(state.States["v"], setting.Second, isSigned: false));
            }
        });

        Assert.Equal(quantizedTensors, large);
        Assert.True(small > 0);
        Assert.InRange(run.Loss, 0.01, 100);
    }

    [Fact]
    public void Train_Float32_LeavesStatesAlone() =>
        new TrainingRun(Plan(TaskChoice.Find("fading").Create(), "lion", StateSetting.Float32)).Train((_, states) =>
            Assert.All(states, state => Assert.False(IsRounded(
                state.States["m"], new SimulatedState(SimulatedCodec.MiniFloat), isSigned: true))));

    [Fact]
    public void Train_LossThatIsNotFinite_CountsAsInfinite()
    {
        RunPlan plan = Plan(TaskChoice.Find("fading").Create(), "momentum", StateSetting.Float32) with
        {
            Steps = 50, LearningRate = 1e30f,
        };

        Assert.Equal(double.PositiveInfinity, new TrainingRun(plan).Train().Loss);
    }

    [Fact]
    public void Run_SeveralAtATime_HasTheResultsOfOneAtATime()
    {
        IReadOnlyList<RunPlan> plans =
            Experiment.Plan(
                [TaskChoice.Find("fading").Create()], OptimizerChoice.All, StateSetting.All, seeds: 1, Steps);
        Assert.Equal(12 + (3 * 7), plans.Count);

        IReadOnlyList<RunResult> one = Experiment.Run(plans, workers: 1, (_, _, _) => { });
        IReadOnlyList<RunResult> three = Experiment.Run(plans, workers: 3, (_, _, _) => { });

        Assert.Equal(one.Select(run => run.Loss), three.Select(run => run.Loss));
        Assert.Equal(plans, three.Select(run => run.Plan));
        // Signs, which are all that Lion takes, hardly change in a few steps; Adam's losses do with each setting.
        Assert.Equal(
            StateSetting.All.Count,
            one.Where(run => run.Plan.Optimizer.Name == "adam").Select(run => run.Loss).Distinct().Count());
    }

    [Fact]
    public void PlanTuning_Factors_ScaleTheTasksRates()
    {
        IReadOnlyList<RunPlan> plans = Experiment.PlanTuning(
            [TaskChoice.Find("fading").Create()], [OptimizerChoice.Find("adam")], [0.5f, 1f], steps: null);

        float rate = TaskChoice.Find("fading").LearningRates.Adam;
        Assert.Equal([(StateSetting.Float32, rate / 2), (StateSetting.Float32, rate)],
            plans.Select(plan => (plan.Setting, plan.LearningRate)));
    }

    private static RunPlan Plan(TrainingTask task, string optimizer, StateSetting setting) =>
        new(
            task, OptimizerChoice.Find(optimizer), setting, Seed: 1, Steps,
            task.Choice.LearningRates.Of(OptimizerChoice.Find(optimizer)));

    /// <summary>Whether to round once more changes nothing, as is so for values that are codes' already.</summary>
    private static bool IsRounded(QuantizedState state, SimulatedState kept, bool isSigned)
    {
        float[] values = state.Values.ToArray(), again = state.Values.ToArray();
        Assert.Contains(values, value => value != 0);
        kept.Round(again, isSigned, seed: 1);
        return values.SequenceEqual(again);
    }
}
