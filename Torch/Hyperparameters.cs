namespace Requant.Torch;

/// <summary>Ranges that TorchSharp's optimizers accept, with messages that name the argument and its value.</summary>
internal static class Hyperparameters
{
    public static float NotNegative(double value, string name) => value >= 0 && double.IsFinite(value)
        ? (float)value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} is 0 or more.");

    public static float Decay(double value, string name) => value is >= 0 and < 1
        ? (float)value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} is from 0 up to, not including, 1.");

    /// <summary>Throws for a variant of the algorithm that the rule does not have.</summary>
    public static void Unsupported(bool isAsked, string name, string rule)
    {
        if (isAsked)
        {
            throw new NotSupportedException(
                $"{name} is not part of rule {rule} in this version; leave it out, or write the variant as a rule "
                    + "of your own and run it with TorchOptimizer.");
        }
    }
}
