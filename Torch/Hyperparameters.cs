namespace Requant.Torch;

/// <summary>How options hold a rule's <c>bool</c>: as a number.</summary>
internal static class Hyperparameters
{
    /// <summary>A <c>bool</c> as the number.</summary>
    public static double? Flag(bool? value) => value switch { null => null, true => 1, false => 0 };

    /// <summary>The number as a <c>bool</c>.</summary>
    public static bool? Flag(double? value) => value is null ? null : value != 0;
}
