namespace Requant.Numerics;

/// <summary>How a kernel stores new elements of a parameter of bfloat16.</summary>
internal enum ParameterStorage
{
    /// <summary>Rounded to nearest, ties to even.</summary>
    Nearest,

    /// <summary>Rounded stochastically.</summary>
    Stochastic,

    /// <summary>Whole, with what the element lacks in a remainder; see <see cref="Remainder16"/>.</summary>
    Remainder,
}

/// <summary>What options ask for.</summary>
internal static class ParameterStorages
{
    public static ParameterStorage Of(ParameterRounding rounding, MasterWeights weights) =>
        weights == MasterWeights.Remainder16 ? ParameterStorage.Remainder
        : rounding == ParameterRounding.Stochastic ? ParameterStorage.Stochastic
        : ParameterStorage.Nearest;
}
