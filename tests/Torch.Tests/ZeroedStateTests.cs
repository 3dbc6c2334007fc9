using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

/// <summary>What docs/torchsharp.md says of gradients that become 0.</summary>
public sealed class ZeroedStateTests
{
    private const double LearningRate = 1e-3;

    [Fact]
    public void Report_StateLostAndAnotherNot_TellsShareAndCure()
    {
        using Parameter parameter = new(zeros(2048));
        using var optimizer = new Adam8bit([("words", parameter)], LearningRate, options: new TorchOptions { MinQuantizedLength = 0 });
        float[] gradient = new float[2048];
        // A block's largest, one whose square is lost beside it, one whose square is not, and one that is 0 throughout.
        (gradient[0], gradient[1], gradient[2]) = (1f, 1e-5f, 1e-2f);
        parameter.grad = tensor(gradient);
        optimizer.step();

        OptimizerReport report = optimizer.Report();

        Assert.Equal([0.0, 1.0 / 2048], report.Rows.Select(row => row.ZeroedShare!.Value));
        string table = report.ToString();
        Assert.Contains("zeroed: v of words, 0.05 % of its elements\n", table, StringComparison.Ordinal);
        Assert.DoesNotContain("zeroed: m of", table, StringComparison.Ordinal);
        Assert.Contains("KeepFloat32", table, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_NothingLost_SaysNothing()
    {
        using Parameter parameter = new(zeros(2048));
        using var optimizer = new Adam8bit([parameter], LearningRate, options: new TorchOptions { MinQuantizedLength = 0 });
        parameter.grad = ones(2048);
        optimizer.step();

        Assert.DoesNotContain("zeroed", optimizer.Report().ToString(), StringComparison.Ordinal);
        Assert.All(optimizer.Report().Rows, row => Assert.Equal(0, row.ZeroedShare));
    }

    [Fact]
    public void Report_ManyLost_NamesTen()
    {
        Parameter[] parameters = [.. Enumerable.Range(0, 12).Select(_ => new Parameter(zeros(256)))];
        using var optimizer = new Adam8bit(parameters, LearningRate, options: new TorchOptions { MinQuantizedLength = 0 });
        Array.ForEach(parameters, parameter => parameter.grad = cat([ones(1), full(255, 1e-5)]));
        optimizer.step();

        string table = optimizer.Report().ToString();

        Assert.Equal(10, table.Split('\n').Count(line => line.StartsWith("zeroed: v of", StringComparison.Ordinal)));
        Assert.Contains("and 2 states more\n", table, StringComparison.Ordinal);
    }

    /// <summary>Bounds of what the docs report, a factor away from the figures there.</summary>
    [Fact]
    public void GradientsThatBecomeZero_MoveFar_UnlessStatesAreFloat32()
    {
        const double ManyRates = 1000;

        // One step is a rate, and rounded.
        const double OneRate = 1.001;
        Assert.InRange(LargestSecondMove(p => new Adam8bit([p], LearningRate)) / LearningRate, ManyRates, double.MaxValue);
        Assert.InRange(LargestSecondMove(p => new AdamW8bit([p], LearningRate)) / LearningRate, ManyRates, double.MaxValue);
        Assert.InRange(LargestSecondMove(p => new Adam8bit([p], LearningRate, options: new TorchOptions().KeepFloat32(_ => true))) / LearningRate, 0, OneRate);
        Assert.InRange(LargestSecondMove(p => optim.Adam([p], LearningRate)) / LearningRate, 0, OneRate);
        Assert.InRange(LargestSecondMove(p => new Lion8bit([p], LearningRate)) / LearningRate, 0, OneRate);
        Assert.InRange(LargestMove(p => new Adam8bit([p], LearningRate), after: 10) / LearningRate, 0, OneRate);
        Assert.True(LargestSecondMove(p => new Lamb8bit([p], LearningRate))
            > 10 * LargestSecondMove(p => new Lamb8bit([p], LearningRate, options: new TorchOptions().KeepFloat32(_ => true))));
    }

    private static double LargestSecondMove(Func<Parameter, OptimizerHelper> make) => LargestMove(make, after: 1);

    /// <summary>How far a step of zeros moves after so many steps with noise.</summary>
    private static double LargestMove(Func<Parameter, OptimizerHelper> make, int after)
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter parameter = new(zeros(8192));
        using OptimizerHelper optimizer = make(parameter);
        Some.Steps(optimizer, firstSeed: 1, after);
        Tensor before = parameter.detach().clone();
        parameter.grad = zeros(8192);
        optimizer.step();
        return (parameter.detach() - before).abs().max().item<float>();
    }
}
