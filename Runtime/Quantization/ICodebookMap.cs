using System.Runtime.Intrinsics;

namespace Requant.Quantization;

/// <summary>One codebook, as a type, so that code over it is compiled once per codebook.</summary>
/// <remarks>Encoding multiplies by <c>inverse</c> and rounds to the codebook's nearest value, exactly, whatever the width:
/// float32[length] to uint8[length], all products below 2 in magnitude.</remarks>
internal unsafe interface ICodebookMap
{
    /// <summary>The values and their exact rounding.</summary>
    static abstract Codebook Codebook { get; }

    /// <summary>Encodes with vectors of 4.</summary>
    static abstract void Encode128(float* values, byte* codes, int length, float inverse);

    /// <summary>Encodes with vectors of 8.</summary>
    static abstract void Encode256(float* values, byte* codes, int length, float inverse);

    /// <summary>Encodes with vectors of 16.</summary>
    static abstract void Encode512(float* values, byte* codes, int length, float inverse);
}
