using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim.lr_scheduler;

namespace Requant.Torch.Tests;

/// <summary>TorchSharp's own first example (two linear layers, mean squared error) with another optimizer: train,
/// schedule, save, crash, resume.</summary>
public sealed class ResumeTests : IDisposable
{
    private const int Steps = 30;
    private const int CrashAt = 17;

    private readonly string _folder = Directory.CreateTempSubdirectory("requant").FullName;

    public static TheoryData<string> Names => [.. Makers.Keys];

    private static Dictionary<string, (Func<nn.Module, OptimizerHelper> Ours, Func<nn.Module, OptimizerHelper> Torchs)>
        Makers { get; } = new()
    {
        ["Adam"] =
            (model => new Adam8bit(model.parameters(), lr: 1e-3), model => optim.Adam(model.parameters(), lr: 1e-3)),
        ["SGD"] = (model => new Sgd8bit(model.parameters(), 1e-5, momentum: 0.9),
            model => optim.SGD(model.parameters(), 1e-5, momentum: 0.9)),
    };

    /// <summary>After a crash everything is made anew, files are loaded, and training goes on with the same bits as
    /// without the crash. The schedule of the resumed run is what TorchSharp's own optimizer gets when it is resumed in
    /// the same way.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Resume_AfterCrash_ContinuesBitForBitOnTorchsSchedule(string name)
    {
        // The layers are small, and torch's threads wait for each other.
        using IDisposable threads = Some.Threads(1);
        (float[] parameters, List<double> rates, _) = WithoutCrash(Makers[name].Ours);

        (float[] resumed, List<double> resumedRates, int quantized) = WithCrash(Makers[name].Ours);

        Assert.All(parameters, value => Assert.True(float.IsFinite(value)));
        Assert.Equal(parameters, resumed);
        Assert.Equal(rates, resumedRates);
        Assert.True(quantized > 0);
        Assert.Equal(WithoutCrash(Makers[name].Torchs).Rates, rates);
        Assert.Equal(WithCrash(Makers[name].Torchs).Rates, resumedRates);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static (float[] Parameters, List<double> Rates, int Quantized) WithoutCrash(
        Func<nn.Module, OptimizerHelper> make)
    {
        manual_seed(1);
        using Sequential model = Model();
        using OptimizerHelper optimizer = make(model);
        List<double> rates = Train(model, optimizer, Schedule(optimizer), 0, Steps);
        return Result(model, optimizer, rates);
    }

    private (float[] Parameters, List<double> Rates, int Quantized) WithCrash(Func<nn.Module, OptimizerHelper> make)
    {
        string weights = Path.Combine(_folder, "model.dat");
        string states = Path.Combine(_folder, "optimizer.dat");
        List<double> rates;
        manual_seed(1);
        using (Sequential model = Model())
        using (OptimizerHelper optimizer = make(model))
        {
            rates = Train(model, optimizer, Schedule(optimizer), 0, CrashAt);
            model.save(weights);
            optimizer.save_state_dict(states);
            // What is not saved any more is lost.
            Train(model, optimizer, Schedule(optimizer), 0, 2);
        }

        manual_seed(2);
        using Sequential resumed = Model();
        resumed.load(weights);
        using OptimizerHelper again = make(resumed);
        LRScheduler scheduler = Schedule(again);
        // The scheduler goes where it was, then the load sets the rates that belong there.
        for (int step = 0; step < CrashAt; step++)
        {
            scheduler.step();
        }

        again.load_state_dict(states);
        rates.AddRange(Train(resumed, again, scheduler, CrashAt, Steps));
        return Result(resumed, again, rates);
    }

    private static Sequential Model() =>
        nn.Sequential(("lin1", nn.Linear(1000, 100)), ("relu1", nn.ReLU()), ("lin2", nn.Linear(100, 10)));

    private static LRScheduler Schedule(OptimizerHelper optimizer) => StepLR(optimizer, 4, gamma: 0.8);

    private static List<double> Train(
        Sequential model, OptimizerHelper optimizer, LRScheduler scheduler, int first, int end)
    {
        List<double> rates = [];
        for (int step = first; step < end; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor x = Some.Values(100 + step, 16, 1000);
            Tensor y = Some.Values(200 + step, 16, 10);
            Tensor output = nn.functional.mse_loss(model.call(x), y, nn.Reduction.Sum);
            rates.Add(optimizer.ParamGroups.Single().LearningRate);
            optimizer.zero_grad();
            output.backward();
            optimizer.step();
            scheduler.step();
        }

        return rates;
    }

    private static (float[] Parameters, List<double> Rates, int Quantized) Result(
        Sequential model, OptimizerHelper optimizer, List<double> rates) => (
        [.. model.parameters().SelectMany(Some.Array)], rates,
        optimizer.state_dict().State.OfType<TorchParameterState>().Count(state => state.State.IsQuantized));
}
