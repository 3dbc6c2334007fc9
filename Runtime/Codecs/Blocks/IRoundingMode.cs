namespace Requant.Codecs.Blocks;

/// <summary><see cref="StateRounding"/> as a type, so that encoders are compiled for either.</summary>
internal interface IRoundingMode
{
    /// <summary>Whether random bytes decide.</summary>
    static abstract bool IsStochastic { get; }
}

/// <summary><see cref="StateRounding.Nearest"/>.</summary>
internal readonly struct NearestRounding : IRoundingMode
{
    public static bool IsStochastic => false;
}

/// <summary><see cref="StateRounding.Stochastic"/>.</summary>
internal readonly struct StochasticRounding : IRoundingMode
{
    public static bool IsStochastic => true;
}
