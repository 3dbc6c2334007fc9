using System.Security.Cryptography;
using Requant.Optimizers;

namespace Requant.Distributed.Ranks;

/// <summary>Trainings that processes of an MPI job go through, and that one process repeats.</summary>
internal static class Trials
{
    private static readonly ShardedParameter[] Lopsided =
        [new("small", [700]), new("large", [400_007]), new("other", [50, 100])];

    private static readonly ShardedParameter[] Matrices =
        [new("embedding", [96, 64]), new("w1", [64, 128]), new("b1", [128]), new("w2", [128, 40]), new("b2", [40])];

    /// <summary>Each with what trains it on ranks, and what repeats it in one process; both give a hash of the
    /// parameters and of the file.</summary>
    public static IReadOnlyList<
        (string Name, Func<ICommunicator, string, string> OnRanks, Func<int, string, string> InOne)> All { get; } =
    [
        Of("Adam, clipped", new Trial<Adam>
        {
            Rule = new Adam(), Parameters = Lopsided,
            Options = new OptimizerOptions { BlockSize = 16, MaxGradientNorm = 0.5f },
        }),
        Of("AdamW, stochastic bfloat16", new Trial<AdamW>
        {
            Rule = new AdamW(), Parameters = Lopsided, ParameterType = ElementType.BFloat16,
            GradientType = ElementType.BFloat16,
            Options = new OptimizerOptions { Rounding = ParameterRounding.Stochastic, RoundingSeed = 5 },
        }),
        Of("LAMB, float16", new Trial<Lamb>
        {
            Rule = new Lamb(), Parameters = Matrices, ParameterType = ElementType.Float16,
            GradientType = ElementType.Float16, Sharding = new ShardingOptions { Reduction = GradientReduction.Sum },
        }),
        Of("Muon", new Trial<Muon> { Rule = new Muon(), Parameters = Matrices }),
    ];

    /// <summary>A training that saves after each step and goes on until it is killed.</summary>
    public static void SaveForever(ICommunicator ranks, string path) => new Trial<Adam>
    {
        Rule = new Adam(), Parameters = Lopsided, Steps = int.MaxValue, SavesEachStep = true,
    }.On(ranks, path);

    /// <summary>An optimizer that loads what <see cref="SaveForever"/> saved.</summary>
    public static int StepOf(string path)
    {
        using var optimizer = new Optimizer<Adam>(new Adam());
        foreach (ShardedParameter parameter in Lopsided)
        {
            optimizer.Add(parameter.Name, parameter.Shape.ToArray());
        }

        optimizer.Load(path);
        return optimizer.Parameters[0].Step;
    }

    private static (string, Func<ICommunicator, string, string>, Func<int, string, string>) Of<TRule>(
        string name, Trial<TRule> trial)
        where TRule : IOptimizerRule<TRule> => (name, (ranks, folder) =>
        {
            string path = Path.Combine(folder, "ranks.safetensors");
            byte[][] parameters = trial.On(ranks, path);
            ranks.Barrier("the file");
            return HashOf(parameters, File.ReadAllBytes(path));
        },
        (size, folder) =>
        {
            (byte[][] parameters, byte[] file, _, _) = trial.OneProcess(size, folder);
            return HashOf(parameters, file);
        });

    private static string HashOf(byte[][] parameters, byte[] file) =>
        Convert.ToHexStringLower(SHA256.HashData([.. parameters.SelectMany(one => one), .. file]));
}
