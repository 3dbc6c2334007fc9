using System.Globalization;
using Requant.Numerics;

namespace Requant;

/// <summary>A bfloat16 number: sign, 8 exponent bits and 7 mantissa bits, the high half of a float32.</summary>
/// <remarks>For arrays of parameters and gradients, not for arithmetic: convert to float, compute,
/// convert back.</remarks>
public readonly struct BFloat16 : IEquatable<BFloat16>
{
    private readonly ushort _bits;

    private BFloat16(ushort bits) => _bits = bits;

    /// <summary>The 16 bits, sign first.</summary>
    public ushort ToBits() => _bits;

    /// <summary>The number that has these bits.</summary>
    /// <param name="bits">Sign, exponent and mantissa, in that order from the highest bit.</param>
    public static BFloat16 FromBits(ushort bits) => new(bits);

    /// <summary>The same number as a float32; exact.</summary>
    /// <param name="value">Any number; a NaN keeps its bits.</param>
    public static implicit operator float(BFloat16 value) => value.ToSingle();

    /// <summary>Rounds to nearest, ties to even, beyond the largest number to infinity; a NaN stays one.</summary>
    /// <param name="value">Any float32.</param>
    public static explicit operator BFloat16(float value) => FromSingle(value);

    /// <summary>The same number as a float32; exact.</summary>
    public float ToSingle() => BitConverter.Int32BitsToSingle(BFloat16Format.Widen(_bits));

    /// <summary>Rounds to nearest, ties to even, beyond the largest number to infinity; a NaN stays one.</summary>
    /// <param name="value">Any float32.</param>
    public static BFloat16 FromSingle(float value) =>
        new((ushort)BFloat16Format.Narrow(BitConverter.SingleToInt32Bits(value)));

    /// <summary>Whether the numbers are equal: zeros of either sign are, NaN equals nothing.</summary>
    public static bool operator ==(BFloat16 left, BFloat16 right) => left.ToSingle() == right.ToSingle();

    /// <summary>Whether the numbers differ: zeros of either sign do not, NaN differs from everything.</summary>
    public static bool operator !=(BFloat16 left, BFloat16 right) => !(left == right);

    /// <summary>As <see cref="float.Equals(float)"/>: NaN equals NaN.</summary>
    /// <param name="other">The number to compare with.</param>
    public bool Equals(BFloat16 other) => ToSingle().Equals(other.ToSingle());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BFloat16 other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => ToSingle().GetHashCode();

    /// <summary>The number as a float32 is written, in the invariant culture.</summary>
    public override string ToString() => ToSingle().ToString(CultureInfo.InvariantCulture);
}
