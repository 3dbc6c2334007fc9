namespace Requant.Torch;

/// <summary>Ranges that TorchSharp's optimizers accept, with messages that name the argument and its value. Null, the
/// optimizer's value for a group, is in every range.</summary>
internal static class Hyperparameters
{
    public static double? NotNegative(double? value, string name) =>
        value is null || (value >= 0 && float.IsFinite((float)value))
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} is a number, 0 or more, that float32 can hold.");

    public static double? Decay(double? value, string name) => value is null || (value >= 0 && (float)value < 1)
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} is from 0 up to, not including, 1.");

    /// <summary>Both, or an exception before either is set.</summary>
    public static (double, double) Decays((double, double) values)
    {
        Decay(values.Item1, "beta1");
        Decay(values.Item2, "beta2");
        return values;
    }

    /// <summary>A rule's <c>bool</c> as the number that options hold.</summary>
    public static double? Flag(bool? value) => value switch { null => null, true => 1, false => 0 };

    /// <summary>The number that options hold as a rule's <c>bool</c>.</summary>
    public static bool? Flag(double? value) => value is null ? null : value != 0;

    public static double? Finite(double? value, string name) => value is null || float.IsFinite((float)value)
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} is a number that float32 can hold.");

    /// <summary>As PyTorch requires it of SGD.</summary>
    public static bool Nesterov(bool nesterov, double momentum, double dampening) =>
        !nesterov || (momentum > 0 && dampening == 0) ? nesterov : throw new ArgumentException(
            $"nesterov needs momentum above 0 and no dampening; they are {momentum} and {dampening}.", nameof(nesterov));
}
