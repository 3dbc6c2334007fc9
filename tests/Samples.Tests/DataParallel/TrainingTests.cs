extern alias DataParallel;

using DataParallel::Requant.Samples.DataParallel;
using Requant.Distributed;
using Corpus = DataParallel::Requant.Samples.Corpus;

namespace Requant.Samples.Tests.DataParallel;

/// <summary>One process that does the work of ranks has the losses of ranks, bit for bit.</summary>
public sealed class TrainingTests : IDisposable
{
    private const int Steps = 3;

    /// <summary>libtorch has one generator of random numbers, which models made at once would draw from in
    /// turns.</summary>
    private static readonly Lock OneModelAtATime = new();

    private readonly TextFile _text = new();

    public void Dispose() => _text.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Train_OnRanks_HasTheLossesOfOneProcess(int size)
    {
        Corpus corpus = Corpus.FromFile(_text.Path);
        var plan = new TrainingPlan(size, Steps, GlobalBatch: 6, Seed: 1);
        var onRanks = new RunResult[size];
        Communicator.RunThreads(size, ranks => onRanks[ranks.Rank] = Train(corpus, plan, ranks));

        RunResult one = Train(corpus, plan, null);

        Assert.Equal(Steps, one.TrainingLosses.Distinct().Count());
        Assert.All(onRanks, rank =>
        {
            Assert.Equal(one.TrainingLosses, rank.TrainingLosses);
            Assert.Equal(one.ValidationLoss, rank.ValidationLoss);
            Assert.Equal(onRanks[0].StateBytes, rank.StateBytes);
            Assert.Equal(one.StateBytes.Single(), rank.StateBytes.Sum());
        });
    }

    private static RunResult Train(Corpus corpus, TrainingPlan plan, ICommunicator? ranks)
    {
        TrainingRun run;
        lock (OneModelAtATime)
        {
            run = new TrainingRun(corpus, plan, ranks);
        }

        using (run)
        {
            return run.Train(static (_, _, _) => { });
        }
    }
}
