namespace Requant.Samples.CharLm;

/// <summary>Which token embedding the runs have.</summary>
/// <param name="Name">As given to --embedding.</param>
/// <param name="IsStable">Whether a run with this optimizer has the paper's stable embedding.</param>
internal sealed record EmbeddingChoice(string Name, Func<OptimizerChoice, bool> IsStable)
{
    /// <summary>One for all runs, which differ in their states alone then.</summary>
    public const string Default = "plain";

    /// <summary>For the command's help.</summary>
    public const string Description =
        "plain or stable, for all runs alike; paper: plain with 32-bit states and the paper's stable embedding with "
        + "8-bit ones. Default: plain.";

    private static readonly EmbeddingChoice[] All =
    [
        new(Default, _ => false),
        new("stable", _ => true),
        new("paper", optimizer => optimizer.Is8Bit),
    ];

    /// <summary>A choice by its name.</summary>
    /// <exception cref="UsageException">There is none; the message lists all.</exception>
    public static EmbeddingChoice Find(string name) => Array.Find(All, choice => choice.Name == name)
        ?? throw new UsageException($"--embedding: there is no '{name}'. Choose one of "
            + string.Join(", ", All.Select(choice => choice.Name)) + ".");
}
