namespace Requant;

/// <summary>How a new parameter, computed in float32, becomes an element of bfloat16.</summary>
public enum ParameterRounding
{
    /// <summary>To the nearest value, ties to even. An update of less than half the distance to the next bfloat16, a
    /// 512th to a 256th of the parameter, is lost.</summary>
    Nearest,

    /// <summary>To one of the two values around it, each with the probability of its nearness, so that updates of any
    /// size are kept on average. Random bits are a function of <see cref="OptimizerOptions.RoundingSeed"/>, the
    /// parameter's name, its step and the element's index alone: the same on every backend, vector width, thread count
    /// and block size.</summary>
    Stochastic,
}
