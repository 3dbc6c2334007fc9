using Requant;
using Requant.Optimizers;

[assembly: TorchOptimizersOf(typeof(AdamRule), "Requant.Torch")]

namespace Requant.Torch;

/// <content>What PyTorch asks of Nesterov's momentum.</content>
public sealed partial class Sgd8bit
{
    /// <content>The check.</content>
    public sealed partial class Options
    {
        partial void Check(ref string? complaint) => complaint = Nesterov.Complaint(nesterov, momentum, dampening);
    }
}

/// <content>What PyTorch asks of Nesterov's momentum.</content>
public sealed partial class SgdW8bit
{
    /// <content>The check.</content>
    public sealed partial class Options
    {
        partial void Check(ref string? complaint) => complaint = Nesterov.Complaint(nesterov, momentum, dampening);
    }
}

internal static class Nesterov
{
    public static string? Complaint(bool? nesterov, double? momentum, double? dampening) => nesterov == true
        && !(momentum > 0 && dampening == 0)
        ? $"nesterov needs momentum above 0 and no dampening; they are {momentum} and {dampening}."
        : null;
}
