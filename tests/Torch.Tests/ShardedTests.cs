using Requant.Distributed;
using TorchSharp;
using TorchSharp.Modules;
using Adam = Requant.Optimizers.Adam;
using AdamW = Requant.Optimizers.AdamW;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

/// <summary>A model that ranks train has the bits of one that a process trains with the mean of their
/// gradients.</summary>
public sealed class ShardedTests : IDisposable
{
    private const int Steps = 4;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Ranks_have_the_bits_of_one_process(int size)
    {
        string path = Path.Combine(_folder.FullName, "ranks.safetensors");
        float[][][] actual = new float[size][][];
        Communicator.RunThreads(size, ranks =>
        {
            // Only rank 0 begins with the model's weights; the others take them.
            using Module model = Model(seed: ranks.Rank == 0 ? 1 : 50 + ranks.Rank);
            using var optimizer = new Sharded<AdamW>(
                ranks, Groups(model), new AdamW { Lr = 0.01f }, new TorchOptions { MaxGradientNorm = 1f });
            var schedule = optim.lr_scheduler.StepLR(optimizer, step_size: 2, gamma: 0.5);
            for (int step = 0; step < Steps; step++)
            {
                SetGradients(model, [ranks.Rank], step);
                optimizer.step();
                schedule.step();
            }

            optimizer.SaveCheckpoint(path);
            actual[ranks.Rank] = ValuesOf(model);
        });

        string expectedPath = Path.Combine(_folder.FullName, "one.safetensors");
        using Module one = Model(seed: 1);
        using var reference = new TorchOptimizer<AdamW>(
            Groups(one), new AdamW { Lr = 0.01f }, new TorchOptions { MaxGradientNorm = 1f });
        var schedule = optim.lr_scheduler.StepLR(reference, step_size: 2, gamma: 0.5);
        for (int step = 0; step < Steps; step++)
        {
            SetGradients(one, Enumerable.Range(0, size), step);
            reference.step();
            schedule.step();
        }

        reference.SaveCheckpoint(expectedPath);
        Assert.All(actual, parameters => Assert.Equal(ValuesOf(one), parameters));
        Assert.Equal(File.ReadAllBytes(expectedPath), File.ReadAllBytes(path));
    }

    [Fact]
    public void A_scaler_skips_a_step_of_all_ranks()
    {
        bool[] taken = new bool[4];
        Communicator.RunThreads(2, ranks =>
        {
            using Module model = Model(seed: 1);
            using var optimizer = new Sharded<Adam>(ranks, model.named_parameters(), new Adam());
            var scaler = new GradScaler(init_scale: 4f);
            SetGradients(model, [ranks.Rank], 0);
            if (ranks.Rank == 1)
            {
                using IDisposable noGradients = no_grad();
                model.named_parameters().First().parameter.grad![0, 0] = float.PositiveInfinity;
            }

            taken[ranks.Rank] = scaler.step(optimizer);
            scaler.update();
            SetGradients(model, [ranks.Rank], 1);
            taken[2 + ranks.Rank] = scaler.step(optimizer);
            Assert.Equal(1, optimizer.SkippedSteps);
        });

        Assert.Equal([false, false, true, true], taken);
    }

    [Fact]
    public void Training_goes_on_with_the_file_of_another_number_of_ranks()
    {
        string path = Path.Combine(_folder.FullName, "ranks.safetensors");
        float[][] Train(int size, bool isResumed)
        {
            float[][] values = [];
            Communicator.RunThreads(size, ranks =>
            {
                using Module model = Model(seed: 1);
                using var optimizer = new Sharded<Adam>(ranks, model.named_parameters(), new Adam { Lr = 0.01f });
                if (isResumed)
                {
                    optimizer.LoadCheckpoint(path);
                }

                // The same gradients on all ranks: their mean is that of 1, 2 or 4.
                SetGradients(model, [0], isResumed ? 1 : 0);
                optimizer.step();
                if (!isResumed)
                {
                    optimizer.SaveCheckpoint(path);
                }

                if (ranks.Rank == 0)
                {
                    values = ValuesOf(model);
                }
            });
            return values;
        }

        Train(4, isResumed: false);
        float[][] expected = Train(1, isResumed: true);

        Assert.Equal(expected, Train(2, isResumed: true));
    }

    [Fact]
    public void What_ranks_cannot_have_is_named()
    {
        using ICommunicator ranks = Communicator.Threads(1)[0];
        using Module model = Model(seed: 1);
        Assert.Contains("named_parameters", Assert.Throws<ArgumentException>(() => new Sharded<Adam>(
            ranks, [new RuleParamGroup<Adam>(model.parameters())], new Adam())).Message, StringComparison.Ordinal);
        using var optimizer = new Sharded<Adam>(ranks, model.named_parameters(), new Adam());
        Assert.Contains("SaveCheckpoint", Assert.Throws<NotSupportedException>(
            () => optimizer.state_dict()).Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => optimizer.add_param_group(new RuleParamGroup<Adam>()));
        (string name, Parameter first) = model.named_parameters().First();
        first.grad = zeros(first.shape, ScalarType.BFloat16);
        Assert.Contains($"The gradient of '{name}' is BFloat16", Assert.Throws<InvalidOperationException>(
            () => optimizer.step()).Message, StringComparison.Ordinal);
    }

    private static Module Model(int seed)
    {
        var model = new Module();
        var random = new Random(seed);
        using IDisposable noGradients = no_grad();
        foreach ((string _, Parameter parameter) in model.named_parameters())
        {
            using Tensor values = Random(parameter.shape, random);
            parameter.copy_(values);
        }

        return model;
    }

    private static RuleParamGroup<AdamW>[] Groups(Module model) =>
    [
        new(model.named_parameters().Where(one => one.parameter.Dimensions > 1).ToList()),
        new(model.named_parameters().Where(one => one.parameter.Dimensions == 1).ToList(),
            new RuleOptions<AdamW> { ["weightDecay"] = 0 }),
    ];

    /// <summary>Sets gradients to the mean of those of some ranks, added in their order.</summary>
    private static void SetGradients(Module model, IEnumerable<int> ranks, int step)
    {
        int index = 0;
        foreach ((string _, Parameter parameter) in model.named_parameters())
        {
            Tensor? sum = null;
            foreach (int rank in ranks)
            {
                Tensor own = Random(parameter.shape, new Random((100 * step) + (10 * rank) + index));
                sum = sum is null ? own : sum + own;
            }

            parameter.grad = sum! / ranks.Count();
            index++;
        }
    }

    private static Tensor Random(long[] shape, Random random) => tensor(
        Enumerable.Range(0, (int)shape.Aggregate(1L, (product, side) => product * side))
            .Select(_ => random.NextSingle() - 0.5f).ToArray(), shape);

    private static float[][] ValuesOf(Module model) =>
        [.. model.parameters().Select(parameter => parameter.detach().data<float>().ToArray())];

    private sealed class Module : nn.Module
    {
        private readonly Linear _first = nn.Linear(90, 110);

        private readonly Linear _second = nn.Linear(110, 30);

        public Module()
            : base("model") => RegisterComponents();
    }
}
