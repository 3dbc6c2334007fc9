using Requant.Samples.StateComparison;

namespace Requant.Samples.Tests.StateComparison;

/// <summary>What results say of a setting.</summary>
public class ComparisonTests
{
    /// <summary>Of a few operations in float64.</summary>
    private const double Rounding = 1e-12;

    private static readonly TrainingTask Task1 = new FakeTask("one");
    private static readonly TrainingTask Task2 = new FakeTask("two");

    [Fact]
    public void Cells_OfSeveralSeeds_CompareWithFloat32OfTheSameSeed()
    {
        var comparison = new Comparison(
        [
            Run(Task1, "adam", "float32", 1, 2), Run(Task1, "adam", "float32", 2, 4),
            Run(Task1, "adam", "minifloat", 1, 2.02), Run(Task1, "adam", "minifloat", 2, 4.12),
            Run(Task1, "adam", "minifloat", 3, 99),
        ]);

        Cell cell = comparison.Find("one", "adam", Setting("minifloat"))!;
        Assert.Equal([2.02, 4.12], cell.Losses);
        Assert.Equal(0.02, cell.MeanIncrease, Rounding);
        Assert.Equal(0.01, cell.IncreaseError, Rounding);
        Assert.Equal(Math.Sqrt(2) / 3, comparison.Find("one", "adam", StateSetting.Float32)!.Spread, Rounding);
        Assert.Null(comparison.Find("one", "lion", StateSetting.Float32));
    }

    [Fact]
    public void Verdicts_FailureIsAboveTheAllowedAndAboveThePapers()
    {
        var comparison = new Comparison(
        [
            Run(Task1, "adam", "float32", 1, 1), Run(Task1, "adam", "dynamic", 1, 1.03),
            Run(Task1, "adam", "minifloat", 1, 1.02), Run(Task1, "adam", "dynamic-v", 1, 1.04),
            Run(Task2, "adam", "float32", 1, 1), Run(Task2, "adam", "dynamic", 1, 0.99),
            Run(Task2, "adam", "minifloat", 1, 1.004), Run(Task2, "adam", "dynamic-v", 1, double.PositiveInfinity),
        ]);

        Assert.Empty(Failures(comparison, "minifloat"));
        Assert.Equal(["one", "two"], Failures(comparison, "dynamic-v"));
        Assert.Equal(0.02, Verdict(comparison, "minifloat").Worst["adam"], Rounding);
    }

    [Fact]
    public void Verdicts_WithoutSecondMoment_AreThoseOfTheSameFirst()
    {
        var comparison = new Comparison(
        [
            Run(Task1, "lion", "float32", 1, 1), Run(Task1, "lion", "dynamic", 1, 1.001),
            Run(Task1, "lion", "minifloat", 1, 1.02),
        ]);

        Assert.Equal(0.001, Verdict(comparison, "dynamic-minifloat-v").Worst["lion"], Rounding);
        Assert.Equal(["one"], Failures(comparison, "minifloat-v"));
        Assert.Empty(Verdict(comparison, "minifloat-mv").Worst);
    }

    [Fact]
    public void Settings_OfOptimizersWithoutSecondMoment_DifferInTheFirst()
    {
        Assert.Equal(["float32", "control", "dynamic", "minifloat", "sixteen-minifloat", "dynamic-mv", "minifloat-mv"],
            OptimizerChoice.Find("lion").Settings.Select(setting => setting.Name));
        Assert.Equal(StateSetting.All, OptimizerChoice.Find("adam").Settings);
        Assert.Equal(StateSetting.All.Count, StateSetting.All.Select(setting => setting.Name).Distinct().Count());
    }

    private static string[] Failures(Comparison comparison, string setting) =>
        [.. Verdict(comparison, setting).Failures.Select(cell => cell.Task)];

    private static Verdict Verdict(Comparison comparison, string setting) =>
        comparison.Verdicts().Single(verdict => verdict.Setting.Name == setting);

    private static StateSetting Setting(string name) => StateSetting.All.Single(setting => setting.Name == name);

    private static RunResult Run(TrainingTask task, string optimizer, string setting, int seed, double loss) =>
        new(new RunPlan(task, OptimizerChoice.Find(optimizer), Setting(setting), seed, 1, 1f), loss, 0);

    private sealed class FakeTask(string name)
        : TrainingTask(
            new TaskChoice(name, name, 1, new LearningRates(1, 1, 1, 1), _ => throw new NotSupportedException()))
    {
        public override TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor> CreateModel(
            int seed) =>
            throw new NotSupportedException();

        public override TorchSharp.torch.Tensor TrainingLoss(
            TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor> model, int step, int steps,
            Random random) =>
            throw new NotSupportedException();

        public override double EvaluationLoss(
            TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor> model) =>
            throw new NotSupportedException();
    }
}
