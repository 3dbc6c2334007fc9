using Requant.Distributed.Ranks;
using Requant.Numerics;
using Requant.Optimizers;

namespace Requant.Distributed.Tests.Sharding;

/// <summary>Training on ranks has the bits of one process: parameters on every rank, and the file.</summary>
public sealed class ShardedStepTests : IDisposable
{
    private static readonly ShardedParameter[] Model =
    [
        new("embedding", [96, 64]), new("w1", [64, 128]), new("b1", [128]), new("empty", [0, 4]), new("w2", [128, 40]),
        new("b2", [40]), new("scalar", []),
    ];

    /// <summary>A tensor above any rank's share, in small blocks, so that its chunks are cut, too.</summary>
    private static readonly ShardedParameter[] Lopsided =
        [new("small", [700]), new("large", [1_300_007]), new("other", [50, 100])];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public static TheoryData<int> Sizes => [1, 2, 3, 4, 5];

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Adam(int ranks) => Compare(ranks, new Trial<Adam> { Rule = new Adam(), Parameters = Model });

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_tensor_that_ranks_share(int ranks) => Compare(ranks, new Trial<Adam>
    {
        Rule = new Adam(), Parameters = Lopsided, Steps = 2,
        Options = new OptimizerOptions { BlockSize = 32, MaxGradientNorm = 0.5f },
        Sharding = new ShardingOptions { BucketBytes = 1 << 20 },
    });

    /// <summary>Room for one or two ranks, so that sums are carried from group to group, the last of which may be
    /// smaller.</summary>
    [Theory]
    [InlineData(3, 1, ElementType.Float32)]
    [InlineData(5, 128 << 10, ElementType.Float32)]
    [InlineData(5, 128 << 10, ElementType.BFloat16)]
    [InlineData(6, 192 << 10, ElementType.Float16)]
    public void Buffers_smaller_than_what_all_ranks_send(int ranks, int bucketBytes, ElementType type) =>
        Compare(ranks, new Trial<Adam>
        {
            Rule = new Adam(), Parameters = Lopsided, Steps = 2, GradientType = type,
            Options = new OptimizerOptions { BlockSize = 32 },
            Sharding = new ShardingOptions { BucketBytes = bucketBytes },
        });

    [Theory]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    public void Elements_of_16_bits(ElementType type) => Compare(3, new Trial<AdamW>
    {
        Rule = new AdamW(), Parameters = Model, ParameterType = type, GradientType = type,
        Sharding = new ShardingOptions { Reduction = GradientReduction.Sum },
    });

    [Fact]
    public void Stochastic_rounding() => Compare(4, new Trial<AdamW>
    {
        Rule = new AdamW(), Parameters = Lopsided, ParameterType = ElementType.BFloat16, Steps = 2,
        Options = new OptimizerOptions
        {
            Rounding = ParameterRounding.Stochastic, StateRounding = StateRounding.Stochastic, RoundingSeed = 5,
        },
    });

    [Fact]
    public void Remainders() => Compare(4, new Trial<AdamW>
    {
        Rule = new AdamW(), Parameters = Lopsided, ParameterType = ElementType.BFloat16, Steps = 2,
        Options = new OptimizerOptions { MasterWeights = MasterWeights.Remainder16 },
    });

    [Fact]
    public void A_rule_that_reduces() => Compare(3, new Trial<Lamb> { Rule = new Lamb(), Parameters = Model });

    [Fact]
    public void Rules_that_see_the_matrix()
    {
        Compare(3, new Trial<Muon> { Rule = new Muon(), Parameters = Model });
        Compare(2, new Trial<Adafactor> { Rule = new Adafactor { Beta1 = 0.9f }, Parameters = Model });
    }

    [Fact]
    public void Groups() => Compare(3, new Trial<AdamW>
    {
        Rule = new AdamW(), Rules = [new AdamW(), new AdamW { WeightDecay = 0, Lr = 0.01f }],
        Parameters = [.. Model.Select(one => one.Shape.Count < 2 ? one with { Group = 1 } : one)],
    });

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void The_norm_clips_all_ranks(int ranks) => Compare(ranks, new Trial<Adam>
    {
        Rule = new Adam(), Parameters = Model, Options = new OptimizerOptions { MaxGradientNorm = 0.1f },
    });

    [Fact]
    public void A_step_that_is_skipped_is_skipped_by_all() => Compare(4, new Trial<Adam>
    {
        Rule = new Adam(), Parameters = Model, Steps = 4,
        Options = new OptimizerOptions { NonFinite = NonFinitePolicy.SkipStep },
        Spoil = static (rank, step, gradients) =>
        {
            if (rank == 2 && step == 1)
            {
                gradients[1][77] = float.PositiveInfinity;
            }
        },
    }, skipped: 1);

    [Fact]
    public void Elements_that_are_not_finite_are_skipped() => Compare(3, new Trial<Adam>
    {
        Rule = new Adam(), Parameters = Model,
        Spoil = static (rank, _, gradients) => gradients[rank][3 + rank] = float.NaN,
    });

    [Fact]
    public void Gradients_that_some_ranks_lack_count_as_zeros() => Compare(3, new Trial<Adam>
    {
        Rule = new Adam(), Parameters = Model,
        Has = static (rank, step, tensor) => tensor switch
        {
            0 => rank == step % 3,
            1 => rank != 0,
            2 => step != 1,
            _ => true,
        },
    });

    [Fact]
    public void Training_goes_on_with_another_number_of_ranks()
    {
        (byte[][] Parameters, byte[] File) Train(
            Func<Trial<Adam>, int, string?, int, (byte[][], byte[])> stage, string name)
        {
            byte[][]? parameters = null;
            byte[] file = [];
            int step = 0;
            foreach (int ranks in new[] { 4, 2, 1, 3 })
            {
                string path = Path.Combine(_folder.FullName, $"{name}-{step}.safetensors");
                File.WriteAllBytes(path, file);
                var trial = new Trial<Adam>
                {
                    Rule = new Adam(), Parameters = Lopsided, Steps = 1, Start = parameters,
                    Options = new OptimizerOptions { BlockSize = 64 },
                };
                (parameters, file) = stage(trial, ranks, step == 0 ? null : path, step);
                step++;
            }

            return (parameters!, file);
        }

        (byte[][] expected, byte[] expectedFile) = Train((trial, ranks, from, step) =>
        {
            (byte[][] parameters, byte[] file, _, _) = trial.OneProcess(ranks, _folder.FullName, from, step);
            return (parameters, file);
        }, "one");
        (byte[][] actual, byte[] actualFile) = Train((trial, ranks, from, step) =>
        {
            (byte[][][] all, byte[] file) = trial.Ranks(ranks, _folder.FullName, from, step);
            return (all[^1], file);
        }, "ranks");

        Assert.Equal(expected, actual);
        Assert.Equal(expectedFile, actualFile);
    }

    private void Compare<TRule>(int ranks, Trial<TRule> trial, long skipped = 0)
        where TRule : IOptimizerRule<TRule>
    {
        (byte[][] expected, byte[] file, double? norm, long expectedSkipped) =
            trial.OneProcess(ranks, _folder.FullName);

        (byte[][][] actual, byte[] actualFile) = trial.Ranks(ranks, _folder.FullName);

        for (int rank = 0; rank < ranks; rank++)
        {
            for (int tensor = 0; tensor < expected.Length; tensor++)
            {
                Assert.True(
                    expected[tensor].AsSpan().SequenceEqual(actual[rank][tensor]),
                    $"'{trial.Parameters[tensor].Name}' differs on rank {rank}.");
            }
        }

        Assert.Equal(norm, trial.Norm);
        Assert.Equal((skipped, skipped), (expectedSkipped, trial.Skipped));
        Assert.True(file.AsSpan().SequenceEqual(actualFile), "The files differ.");
    }
}
