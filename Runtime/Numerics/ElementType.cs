namespace Requant;

/// <summary>How the elements of a parameter or a gradient are stored. Arithmetic is float32 for all of them: an element
/// is widened, which is exact, and a new parameter is rounded to nearest, ties to even.</summary>
public enum ElementType
{
    /// <summary>IEEE binary32, <see cref="float"/>: 4 bytes.</summary>
    Float32 = 0,

    /// <summary>IEEE binary16, <see cref="Half"/>: 2 bytes, 11 bits of precision, magnitudes up to 65504. A parameter
    /// that rounds above that becomes infinite.</summary>
    Float16 = 1,

    /// <summary>The high half of a float32, <see cref="Requant.BFloat16"/>: 2 bytes, 8 bits of precision, the range of
    /// float32.</summary>
    BFloat16 = 2,
}
