namespace Requant.Codecs.Blocks;

/// <summary>One codebook, as a type, so that code over it is compiled once per codebook.</summary>
/// <remarks>Encoding multiplies by <c>inverse</c> and rounds to the codebook's nearest value, exactly, whatever the
/// width: float32[length] to uint8[length], all products below 2 in magnitude.</remarks>
internal unsafe interface ICodebookMap
{
    /// <summary>The values and their exact rounding.</summary>
    static abstract Codebook Codebook { get; }

    /// <summary>One value.</summary>
    static abstract float Decode(byte code, float absmax);

    /// <summary>Decodes with vectors of 4: <c>value[code] * absmax</c>, uint8[length] to float32[length].</summary>
    static abstract void Decode128(byte* codes, float* values, int length, float absmax);

    /// <summary>Decodes with vectors of 8.</summary>
    static abstract void Decode256(byte* codes, float* values, int length, float absmax);

    /// <summary>Decodes with vectors of 16.</summary>
    static abstract void Decode512(byte* codes, float* values, int length, float absmax);

    /// <summary>Encodes with vectors of 4.</summary>
    static abstract void Encode128(float* values, byte* codes, int length, float inverse);

    /// <summary>Encodes with vectors of 8.</summary>
    static abstract void Encode256(float* values, byte* codes, int length, float inverse);

    /// <summary>Encodes with vectors of 16.</summary>
    static abstract void Encode512(float* values, byte* codes, int length, float inverse);

    /// <summary>Encodes with <see cref="StateRounding.Stochastic"/>, with vectors of a width or less.</summary>
    static abstract void EncodeStochastic(
        SimdWidth width, float* values, byte* codes, int length, float inverse, RandomBytes random);
}
