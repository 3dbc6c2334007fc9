namespace Requant;

/// <summary>Which of the two codes around a new state value is stored.</summary>
public enum StateRounding
{
    /// <summary>The nearest one. A slow average that moves by less than half the distance between two codes in a step
    /// stands still.</summary>
    Nearest,

    /// <summary>Either one, with the probability of its nearness in steps of 1/256, so that the stored average is right
    /// in the mean however slowly it moves. Random bits are a function of the rounding seed, the parameter's name, its
    /// step, the state and the element's index alone: the same on every backend, vector width and
    /// thread count.</summary>
    Stochastic,
}
