namespace Requant.Numerics.Functions;

/// <summary>Float32 values side by side, and all that a function may do with them. Each operation is exact or rounded
/// once, to nearest, and none is fused with another: so a function that is written on lanes leaves the same bits on
/// every implementation.</summary>
/// <typeparam name="TSelf">The implementation.</typeparam>
/// <remarks>Operators on bits, and the methods that say so, take a lane for the 32-bit integer of
/// the same bits.</remarks>
internal interface IFloatLanes<TSelf> where TSelf : struct, IFloatLanes<TSelf>
{
    /// <summary>The same value in every lane.</summary>
    static abstract TSelf Of(float value);

    /// <summary>The same bits in every lane.</summary>
    static abstract TSelf OfBits(uint bits);

    static abstract TSelf operator +(TSelf x, TSelf y);

    static abstract TSelf operator -(TSelf x, TSelf y);

    static abstract TSelf operator *(TSelf x, TSelf y);

    static abstract TSelf operator /(TSelf x, TSelf y);

    /// <summary>The square root; NaN below zero.</summary>
    static abstract TSelf Sqrt(TSelf x);

    /// <summary>On bits.</summary>
    static abstract TSelf operator &(TSelf x, TSelf y);

    /// <summary>On bits.</summary>
    static abstract TSelf operator |(TSelf x, TSelf y);

    /// <summary>On bits.</summary>
    static abstract TSelf operator ^(TSelf x, TSelf y);

    /// <summary>On bits.</summary>
    static abstract TSelf operator <<(TSelf x, int count);

    /// <summary>On bits; the sign bit fills up.</summary>
    static abstract TSelf operator >>(TSelf x, int count);

    /// <summary>The sum of the integers that are the lanes' bits, modulo 2^32.</summary>
    static abstract TSelf AddBits(TSelf x, TSelf y);

    /// <summary>The difference of the integers that are the lanes' bits, modulo 2^32.</summary>
    static abstract TSelf SubtractBits(TSelf x, TSelf y);

    /// <summary>The integer that is a lane's bits, as a float; at most 2^24 in magnitude.</summary>
    static abstract TSelf FromInteger(TSelf bits);

    /// <summary><paramref name="then"/> in lanes where x is less than y, <paramref name="otherwise"/> in all others,
    /// also where either is NaN.</summary>
    static abstract TSelf IfLess(TSelf x, TSelf y, TSelf then, TSelf otherwise);

    /// <summary><paramref name="then"/> in lanes where x equals y, <paramref name="otherwise"/> in all others, also
    /// where either is NaN.</summary>
    static abstract TSelf IfEqual(TSelf x, TSelf y, TSelf then, TSelf otherwise);

    /// <summary>What rounding took from a product: x times y less <paramref name="product"/>, exact unless it would be
    /// denormal or the product is not finite.</summary>
    static abstract TSelf ProductError(TSelf x, TSelf y, TSelf product);

    /// <summary><paramref name="result"/>, but a function of x, computed lane by lane, in the lanes where x is
    /// <paramref name="limit"/>
    /// or more: for arguments that are too rare to have all lanes pay for them.</summary>
    static abstract TSelf ReplaceFrom<TFunction>(TSelf limit, TSelf x, TSelf result)
        where TFunction : struct, IScalarFunction;
}

/// <summary>A function of one float.</summary>
internal interface IScalarFunction
{
    static abstract float Of(float x);
}
