namespace Requant.Torch;

/// <summary>How all groups of an optimizer round bfloat16 parameters; a load changes the seed.</summary>
internal sealed class TorchRounding(ParameterRounding mode, ulong seed)
{
    public ParameterRounding Mode => mode;

    public ulong Seed { get; set; } = seed;

    /// <summary>The seed, or null where all is rounded to nearest.</summary>
    public ulong? SeedInUse => mode == ParameterRounding.Stochastic ? Seed : null;

    /// <summary>Throws unless saved states were of the same rounding.</summary>
    /// <param name="savedSeed">The seed that they were saved with; null for rounding to nearest.</param>
    /// <param name="fail">Makes the exception.</param>
    public void RequireSame(ulong? savedSeed, Func<string, Exception> fail)
    {
        ParameterRounding saved = savedSeed is null ? ParameterRounding.Nearest : ParameterRounding.Stochastic;
        if (saved != mode)
        {
            throw fail($"The states are of an optimizer with {nameof(TorchOptions.Rounding)} = {saved}, and this one has {mode}; make it with the "
                + "same.");
        }
    }
}
