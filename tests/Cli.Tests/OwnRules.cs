namespace Requant.Cli.Tests;

/// <summary>Requant's optimizers.</summary>
internal static class OwnRules
{
    /// <summary>In the order in which the command lists them.</summary>
    public static readonly string[] Names =
    [
        "Adadelta", "Adagrad", "Adam", "Adamax", "AdamW", "AdEMAMix", "Lamb", "Lars", "Lion", "Momentum", "NAdam",
        "RMSProp",
        "SgdW", "Signum",
    ];
}
