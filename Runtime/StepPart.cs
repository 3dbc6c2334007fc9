namespace Requant;

/// <summary>What one optimizer updates in a step that several take together, as those of a model on several
/// devices.</summary>
/// <param name="Optimizer">The optimizer, in one part of the step.</param>
/// <param name="Stream">The driver's handle of a stream of its device; 0 for the default stream, and for other
/// devices.</param>
/// <param name="Updates">As for <see cref="Optimizer{TRule}.Step(nint, ReadOnlySpan{TensorUpdate})"/>.</param>
/// <typeparam name="TRule">The record that the generator made of the rule.</typeparam>
public readonly record struct StepPart<TRule>(
    Optimizer<TRule> Optimizer, nint Stream, ReadOnlyMemory<TensorUpdate> Updates)
    where TRule : IOptimizerRule<TRule>;
