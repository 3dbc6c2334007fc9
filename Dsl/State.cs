namespace Requant;

/// <summary>Questions that a rule can ask about its states.</summary>
/// <remarks>The methods have no body of their own: the generator replaces the calls.</remarks>
public static class State
{
    /// <summary>Whether no step of this tensor has used the state yet, so that its value is the initial 0. It differs
    /// from <c>step == 1</c> where hyperparameters bring a state into use later, as momentum that is switched on after
    /// a while. The same for all elements: a kernel is specialised for it.</summary>
    /// <param name="state">A parameter of the rule that is marked <see cref="StateAttribute"/>.</param>
    /// <exception cref="InvalidOperationException">Called outside a rule.</exception>
    public static bool IsFirst(float state) => throw new InvalidOperationException(
        "State.IsFirst has a meaning only inside a method marked [OptimizerRule]; call the generated optimizer instead "
        + "of the method.");
}
