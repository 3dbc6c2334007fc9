namespace Requant.Cli.Tests;

/// <summary>Requant's optimizers.</summary>
internal static class OwnRules
{
    /// <summary>In the order in which the command lists them.</summary>
    public static readonly string[] Names =
    [
        "Adadelta", "Adafactor", "Adagrad", "Adam", "Adamax", "AdamW", "AdEMAMix", "Came", "Lamb", "Lars", "Lion",
        "Momentum", "Muon", "NAdam", "RMSProp", "SgdW", "Signum", "Sm3",
    ];
}
