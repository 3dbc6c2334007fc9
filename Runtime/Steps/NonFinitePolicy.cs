namespace Requant;

/// <summary>What happens when an element of a gradient is NaN or infinite, after the gradient scale.</summary>
/// <remarks>An element with a finite gradient whose update would make one of its states NaN or infinite is skipped and
/// counted under every policy but <see cref="Propagate"/>.</remarks>
public enum NonFinitePolicy
{
    /// <summary>The element is skipped and counted: its parameter and states keep their values, so that one bad
    /// gradient cannot spoil the absmax of its block.</summary>
    SkipElement,

    /// <summary>The element is updated as the rule says, so that NaN reaches its parameter and the rule's reductions,
    /// as in PyTorch. A float32 state becomes NaN, too; a quantized one keeps its old value, which spares its
    /// block. Nothing is counted. The bits of the NaN differ between devices.</summary>
    Propagate,

    /// <summary>The whole step is skipped and counted: no parameter, state or step count changes. It costs one more
    /// pass over the gradients of a step, for which the host waits on a device.</summary>
    SkipStep,

    /// <summary>The step throws a <see cref="NotFiniteNumberException"/> that names the parameter, before anything is
    /// changed. It costs one more pass over the gradients of a step, for which the host waits on a device.</summary>
    Throw,
}
