using System.Runtime.InteropServices;
using Requant.Optimizers;

namespace Requant.Distributed.Tests.Sharding;

/// <summary>What ranks refuse together, and what each of them keeps.</summary>
public sealed unsafe class ShardedOptimizerTests : IDisposable
{
    /// <summary>What the fullest rank may have of the mean.</summary>
    private const double Balance = 1.05;

    private static readonly ShardedParameter[] Model = [new("w", [128, 64]), new("b", [64])];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Other_models_are_refused_by_all_with_the_first_difference()
    {
        string[] messages = OnRanks(3, ranks =>
        {
            ShardedParameter[] model = ranks.Rank == 2 ? [Model[0], new("b", [65])] : Model;
            using var optimizer = new ShardedOptimizer<Adam>(ranks, new Adam(), model);
        });

        Assert.All(messages, message => Assert.StartsWith(
            "ArgumentException: Rank 2 has parameter 1 'b' of [65] in group 0, and rank 0 has parameter 1 'b' of [64] "
            + "in group 0.", message, StringComparison.Ordinal));
    }

    [Fact]
    public void Other_options_and_hyperparameters_are_refused_by_all()
    {
        Assert.All(
            OnRanks(2, ranks => new ShardedOptimizer<Adam>(
                ranks, new Adam(), Model, new OptimizerOptions { BlockSize = 64 << ranks.Rank }).Dispose()),
            message => Assert.StartsWith(
                "ArgumentException: Rank 1 has BlockSize = 128, and rank 0 has BlockSize = 64.", message,
                StringComparison.Ordinal));
        Assert.All(
            OnRanks(2, ranks => new ShardedOptimizer<Adam>(ranks, new Adam { Lr = 1 + ranks.Rank }, Model).Dispose()),
            message => Assert.StartsWith(
                "ArgumentException: Rank 1 has group 0 with Adam", message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_step_with_another_rate_is_taken_by_none()
    {
        string[] messages = OnRanks(3, ranks =>
        {
            using var optimizer = new ShardedOptimizer<Adam>(ranks, new Adam(), Model);
            optimizer.Rule = new Adam { Lr = ranks.Rank == 1 ? 0.5f : 0.25f };
            Step(optimizer);
        });

        Assert.All(messages, message => Assert.StartsWith(
            "InvalidOperationException: Rank 1 would take another step than rank 0", message,
            StringComparison.Ordinal));
    }

    [Fact]
    public void A_rank_that_cannot_take_a_step_has_none_take_it()
    {
        // Its product by the decay is infinite; one block is the last rank's.
        string[] messages = OnRanks(2, ranks =>
        {
            using var optimizer = new ShardedOptimizer<AdamW>(
                ranks, new AdamW { Lr = float.MaxValue, WeightDecay = 10 }, Model[1..]);
            Step(optimizer);
        });

        Assert.StartsWith("NotFiniteNumberException", messages[1], StringComparison.Ordinal);
        Assert.StartsWith(
            "InvalidOperationException: Rank 1 cannot take the step: ", messages[0], StringComparison.Ordinal);
        Assert.EndsWith(" No rank has taken the step.", messages[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_an_exception_of_all()
    {
        string path = Path.Combine(_folder.FullName, "none", "adam.safetensors");

        string[] messages = OnRanks(3, ranks =>
        {
            using var optimizer = new ShardedOptimizer<Adam>(ranks, new Adam(), Model);
            optimizer.Save(path);
        });

        Assert.StartsWith("DirectoryNotFoundException", messages[0], StringComparison.Ordinal);
        Assert.All(messages[1..], message => Assert.StartsWith("IOException: Rank 0 could not save", message,
            StringComparison.Ordinal));
    }

    [Fact]
    public void What_one_rank_cannot_read_none_loads()
    {
        string path = Path.Combine(_folder.FullName, "adam.safetensors");
        long[] steps = new long[2];

        string[] messages = OnRanks(2, ranks =>
        {
            using var optimizer = new ShardedOptimizer<Adam>(ranks, new Adam(), Model);
            Step(optimizer);
            optimizer.Save(path);
            Step(optimizer);
            try
            {
                optimizer.Load(ranks.Rank == 1 ? path + ".missing" : path);
            }
            finally
            {
                steps[ranks.Rank] = optimizer.StepCount;
            }
        });

        Assert.StartsWith("CheckpointException: Rank 1 could not load", messages[0], StringComparison.Ordinal);
        Assert.StartsWith("FileNotFoundException", messages[1], StringComparison.Ordinal);
        Assert.Equal([2, 2], steps);
    }

    [Fact]
    public void Ranks_have_equal_parts_of_the_states_and_two_buffers()
    {
        const int Ranks = 4;
        const int BucketBytes = 1 << 20;
        ShardedParameter[] model =
        [
            .. Models.Gpt2.Select((shape, index) => new ShardedParameter(
                $"p{index}", [.. shape.Select(side => side >= 768 ? side / 8 : side)])),
        ];
        long[] bytes = new long[Ranks];
        long[] scratch = new long[Ranks];
        long whole = 0;

        Communicator.RunThreads(Ranks, ranks =>
        {
            using var optimizer = new ShardedOptimizer<Adam>(
                ranks, new Adam(), model, sharding: new ShardingOptions { BucketBytes = BucketBytes });
            (bytes[ranks.Rank], scratch[ranks.Rank]) = (optimizer.StateBytes, optimizer.ScratchBytes);
        });
        using (var one = new Optimizer<Adam>(new Adam()))
        {
            foreach (ShardedParameter parameter in model)
            {
                one.Add(parameter.Name, [.. parameter.Shape]);
            }

            whole = one.Parameters.Sum(state => state.StateBytes);
        }

        Assert.Equal(whole, bytes.Sum());
        Assert.InRange(bytes.Max() / bytes.Average(), 1, Balance);
        Assert.All(scratch, one => Assert.InRange(one, 1, (2 * BucketBytes) + (16 * model.Length)));
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        using ICommunicator ranks = Communicator.Threads(1)[0];
        Assert.Contains("group 1", Assert.Throws<ArgumentException>(() => new ShardedOptimizer<Adam>(
            ranks, new Adam(), [new("w", [3], Group: 1)])).Message, StringComparison.Ordinal);
        using var optimizer = new ShardedOptimizer<Adam>(ranks, new Adam(), Model);
        Assert.Contains("1 updates and 2 parameters", Assert.Throws<ArgumentException>(
            () => optimizer.Step(new ShardedUpdate(1, 1))).Message, StringComparison.Ordinal);
        Assert.Contains("'w' is 0", Assert.Throws<ArgumentException>(
            () => optimizer.Step(new ShardedUpdate(0, 1), new ShardedUpdate(1, 1))).Message, StringComparison.Ordinal);
    }

    private static void Step<TRule>(ShardedOptimizer<TRule> optimizer)
        where TRule : IOptimizerRule<TRule>
    {
        int tensors = optimizer.Parameters.Count;
        float*[] memory = new float*[2 * tensors];
        for (int i = 0; i < memory.Length; i++)
        {
            memory[i] = (float*)NativeMemory.AllocZeroed((nuint)Model[i / 2].Length, sizeof(float));
        }

        try
        {
            var updates = new ShardedUpdate[tensors];
            for (int i = 0; i < tensors; i++)
            {
                updates[i] = new ShardedUpdate((nint)memory[2 * i], (nint)memory[(2 * i) + 1]);
            }

            optimizer.Step(updates);
        }
        finally
        {
            foreach (float* one in memory)
            {
                NativeMemory.Free(one);
            }
        }
    }

    /// <summary>What each rank throws; <c>nothing</c> where it throws nothing.</summary>
    private static string[] OnRanks(int size, Action<ICommunicator> body)
    {
        string[] messages = new string[size];
        Communicator.RunThreads(size, ranks =>
        {
            messages[ranks.Rank] = "nothing";
            try
            {
                body(ranks);
            }
#pragma warning disable CA1031 // Whatever it is, the test says whether it should be.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                messages[ranks.Rank] = $"{exception.GetType().Name}: {exception.Message}";
            }
        });
        return messages;
    }
}
