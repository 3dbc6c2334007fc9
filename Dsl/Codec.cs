namespace Requant;

/// <summary>How the values of one optimizer state are stored.</summary>
/// <remarks>
/// A quantized codec has at most 256 float32 values in [-1, 1], 0 among them. An element is stored as the code of the
/// value nearest to <c>x / absmax</c>, where <c>absmax</c> is the largest magnitude in its block. A codec without a
/// sign never stores a positive value as 0, and a codec with one has codes for both <c>absmax</c> and <c>-absmax</c>.
/// Which of two neighbouring values is taken is up to <see cref="StateRounding"/>.
/// </remarks>
public enum Codec
{
    /// <summary>Dynamic quantization with a sign: for first moments. Source: arXiv 2110.02861, section 1.3.</summary>
    Dynamic,

    /// <summary>Dynamic quantization of values that are never negative: for second moments. Source: arXiv 2110.02861,
    /// section 2.2. A negative value is stored as 0.</summary>
    DynamicUnsigned,

    /// <summary>A float with a sign, 4 bits of exponent and 3 of mantissa: 8 values an octave over 16 octaves, for
    /// first moments. Computed without a table.</summary>
    MiniFloat,

    /// <summary>A float with 5 bits of exponent and 3 of mantissa: 8 values an octave over 32 octaves, for second
    /// moments. Computed without a table. A negative value is stored as 0.</summary>
    MiniFloatUnsigned,

    /// <summary>(k - 127) / 127: 255 evenly spaced values from -1 to 1, the paper's ablation.</summary>
    Linear,

    /// <summary>k / 255: 256 evenly spaced values from 0 to 1, the paper's ablation. A negative value is stored as
    /// 0.</summary>
    LinearUnsigned,

    /// <summary>y / (2 - |y|) over 255 evenly spaced y, for first moments. Source: arXiv 2602.23349.</summary>
    SoftSign,

    /// <summary>(k / 255)^2, k = 0 to 255, for second moments. Source: arXiv 2602.23349. A negative value is stored as
    /// 0.</summary>
    SquareRoot,

    /// <summary>The 253 finite values of the 8-bit float format e4m3 without -0, divided by 448. Codes number them in
    /// increasing order.</summary>
    Float8E4M3,

    /// <summary>Not quantized: float32, 4 bytes per element.</summary>
    Float32,
}
