namespace Requant;

/// <content>Rounding of bfloat16 parameters.</content>
public sealed partial class Optimizer<TRule>
{
    /// <summary>Seed of the random bits of the next steps, where parameters or states are rounded stochastically: that of the options, then
    /// that of the checkpoint that was loaded last. Element i of a parameter or state takes the same bits in the same step of an optimizer with
    /// the same seed, whatever else differs.</summary>
    public ulong RoundingSeed
    {
        get;
        set
        {
            field = value;
            _cpu?.RoundingSeed = value;
            _device?.RoundingSeed = value;
        }
    }

    /// <summary>The seed, or null where nothing is rounded stochastically.</summary>
    private ulong? SeedInUse => Options.RoundsStochastically(TRule.Info) ? RoundingSeed : null;

    private void RequireRounding(ParameterState state, ElementType parameterType)
    {
        if (parameterType == ElementType.Float16 && Options.Rounding == ParameterRounding.Stochastic)
        {
            throw new NotSupportedException(
                $"Parameter '{state.Name}' is float16, and {nameof(OptimizerOptions.Rounding)} = {ParameterRounding.Stochastic} rounds "
                + $"bfloat16; convert it to bfloat16 or float32, or leave {nameof(OptimizerOptions.Rounding)} at {ParameterRounding.Nearest}.");
        }
    }
}
