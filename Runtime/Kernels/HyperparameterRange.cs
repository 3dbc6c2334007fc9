using System.Globalization;

namespace Requant;

/// <summary>The values that a hyperparameter can have. The generator makes it of <c>[Range]</c>.</summary>
/// <param name="minimum">The smallest, or what all are above.</param>
/// <param name="maximum">The largest, or what all are below.</param>
/// <param name="isMinimumExclusive">Whether <paramref name="minimum"/> itself is out of range.</param>
/// <param name="isMaximumExclusive">Whether <paramref name="maximum"/> itself is out of range.</param>
public readonly struct HyperparameterRange(
    double minimum, double maximum, bool isMinimumExclusive = false, bool isMaximumExclusive = false)
    : IEquatable<HyperparameterRange>
{
    /// <summary>All float32 numbers but NaN and infinities.</summary>
    public static HyperparameterRange Finite => new(-float.MaxValue, float.MaxValue);

    /// <summary>All float64 numbers but NaN and infinities.</summary>
    public static HyperparameterRange FiniteDoubles => new(-double.MaxValue, double.MaxValue);

    /// <summary>All int32 numbers.</summary>
    public static HyperparameterRange Integers => new(int.MinValue, int.MaxValue);

    /// <summary>The smallest value, or what all values are above.</summary>
    public double Minimum { get; } = minimum;

    /// <summary>The largest value, or what all values are below.</summary>
    public double Maximum { get; } = maximum;

    /// <summary>Whether <see cref="Minimum"/> itself is out of range.</summary>
    public bool IsMinimumExclusive { get; } = isMinimumExclusive;

    /// <summary>Whether <see cref="Maximum"/> itself is out of range.</summary>
    public bool IsMaximumExclusive { get; } = isMaximumExclusive;

    /// <summary>Whether two ranges have the same ends.</summary>
    public static bool operator ==(HyperparameterRange left, HyperparameterRange right) => left.Equals(right);

    /// <summary>Whether two ranges differ.</summary>
    public static bool operator !=(HyperparameterRange left, HyperparameterRange right) => !left.Equals(right);

    /// <summary>Whether a value is in the range; NaN is in none.</summary>
    public bool Contains(double value) => (IsMinimumExclusive ? value > Minimum : value >= Minimum)
        && (IsMaximumExclusive ? value < Maximum : value <= Maximum);

    /// <summary>Returns the value if it is in the range.</summary>
    /// <param name="value">A hyperparameter's value.</param>
    /// <param name="name">Its name, for the message.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not in the range.</exception>
    public float Require(float value, string name) => Contains(value) ? value : throw Refusal(value, name);

    /// <inheritdoc cref="Require(float, string)"/>
    public double Require(double value, string name) => Contains(value) ? value : throw Refusal(value, name);

    /// <inheritdoc cref="Require(float, string)"/>
    public int Require(int value, string name) => Contains(value) ? value : throw Refusal(value, name);

    /// <inheritdoc/>
    public bool Equals(HyperparameterRange other) => (Minimum, Maximum, IsMinimumExclusive, IsMaximumExclusive)
        == (other.Minimum, other.Maximum, other.IsMinimumExclusive, other.IsMaximumExclusive);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is HyperparameterRange other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Minimum, Maximum, IsMinimumExclusive, IsMaximumExclusive);

    /// <summary>As in "from 0 up to, not including, 1".</summary>
    public override string ToString()
    {
        string minimum = Text(Minimum);
        string maximum = Text(Maximum);
        bool hasMinimum =
            Minimum is not (-float.MaxValue or -double.MaxValue or int.MinValue or double.NegativeInfinity);
        bool hasMaximum = Maximum is not (float.MaxValue or double.MaxValue or int.MaxValue or double.PositiveInfinity);
        string number = double.IsInfinity(Minimum) || double.IsInfinity(Maximum) ? "a number" : "a finite number";
        return (hasMinimum, hasMaximum) switch
        {
            (false, false) => number,
            (true, false) => IsMinimumExclusive ? $"{number} above {minimum}" : $"{number}, {minimum} or more",
            (false, true) => IsMaximumExclusive ? $"{number} below {maximum}" : $"{number}, {maximum} or less",
            _ => (IsMinimumExclusive ? $"above {minimum}" : $"from {minimum}")
                + (IsMaximumExclusive ? $" up to, not including, {maximum}" : $" to {maximum}"),
        };
    }

    private ArgumentOutOfRangeException Refusal(object value, string name) => new(
        name, value, string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; it must be {this}."));

    private static string Text(double bound) => ((float)bound).ToString(CultureInfo.InvariantCulture);
}
