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

    /// <summary>As <see cref="NotNegative(double, string)"/> for a group's value; null is the optimizer's.</summary>
    public static double? NotNegative(double? value, string name)
    {
        _ = value is double given ? NotNegative(given, name) : 0;
        return value;
    }

    /// <summary>As <see cref="Decay(double, string)"/> for a group's value; null is the optimizer's.</summary>
    public static double? Decay(double? value, string name)
    {
        _ = value is double given ? Decay(given, name) : 0;
        return value;
    }

    /// <summary>Both, or an exception before either is set.</summary>
    public static (double, double) Decays((double, double) values)
    {
        Decay(values.Item1, "beta1");
        Decay(values.Item2, "beta2");
        return values;
    }

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
