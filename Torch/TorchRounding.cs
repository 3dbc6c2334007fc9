namespace Requant.Torch;

/// <summary>How all groups of an optimizer round; a load changes the seed.</summary>
/// <param name="mode">How bfloat16 parameters are rounded.</param>
/// <param name="usesSeed">Whether parameters or states are rounded stochastically.</param>
/// <param name="seed">The seed to begin with.</param>
internal sealed class TorchRounding(ParameterRounding mode, bool usesSeed, ulong seed)
{
    public ParameterRounding Mode => mode;

    public ulong Seed { get; set; } = seed;

    /// <summary>The seed, or null where all is rounded to nearest.</summary>
    public ulong? SeedInUse => usesSeed ? Seed : null;

    /// <summary>The same with a seed of its own.</summary>
    public TorchRounding Copy() => new(mode, usesSeed, Seed);

    /// <summary>Throws unless saved states were of the same rounding of parameters. States are compared one by
    /// one.</summary>
    /// <param name="saved">That of the optimizer that saved them.</param>
    /// <param name="fail">Makes the exception.</param>
    public void RequireSame(ParameterRounding saved, Func<string, Exception> fail)
    {
        if (saved != mode)
        {
            throw fail($"The states are of an optimizer with {nameof(TorchOptions.Rounding)} = {saved}, and this one "
                + $"has {mode}; make it with the same.");
        }
    }
}
