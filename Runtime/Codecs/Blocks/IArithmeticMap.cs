using Requant.Numerics.Functions;

namespace Requant.Codecs.Blocks;

/// <summary>A codebook whose values follow a formula that can be solved for the code.</summary>
/// <remarks>
/// The place of a number u = x / absmax is a fixed-point number: bits <see cref="FractionBits"/> to FractionBits + 7
/// are its code, and the bits below tell where between two thresholds it lies. Places are computed in float32 and are
/// off by a little; they are raised by half of <see cref="UncertainWindow"/>, so that a fraction below the window may
/// belong to either code. Such a number is looked up, and what arithmetic decides is exact: the same on every
/// processor, and the same as <see cref="Codebook.Encode(float)"/>. A test shows it around every threshold.
/// </remarks>
/// <typeparam name="TSelf">The map.</typeparam>
internal unsafe interface IArithmeticMap<TSelf> : ITableMap<TSelf>
    where TSelf : struct, IArithmeticMap<TSelf>
{
    /// <summary>Bits of a place below its code.</summary>
    static abstract int FractionBits { get; }

    /// <summary>Fractions, in units of the lowest bit, for which a place does not decide; a power of two.</summary>
    static abstract int UncertainWindow { get; }

    /// <summary>Places, as bits, of numbers from -1 to 1, in magnitude at most two ulps beyond.</summary>
    static abstract TLanes Place<TLanes>(TLanes u)
        where TLanes : struct, IVectorLanes<TLanes>;

    static void ICodebookMap.Encode128(float* values, byte* codes, int length, float inverse) =>
        Encode<ArithmeticEncoder<TSelf, Lanes128>>(values, codes, length, inverse);

    static void ICodebookMap.Encode256(float* values, byte* codes, int length, float inverse) =>
        Encode<ArithmeticEncoder<TSelf, Lanes256>>(values, codes, length, inverse);

    static void ICodebookMap.Encode512(float* values, byte* codes, int length, float inverse) =>
        Encode<ArithmeticEncoder<TSelf, Lanes512>>(values, codes, length, inverse);

    private static void Encode<TEncoder>(float* values, byte* codes, int length, float inverse)
        where TEncoder : struct, IGroupEncoder
    {
        int done = GroupEncoding<TSelf>.EncodeGroups<TEncoder>(values, codes, length, inverse);
        GroupEncoding<TSelf>.EncodeRest<TEncoder>(values + done, codes + done, length - done, inverse);
    }
}
