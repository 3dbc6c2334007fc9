namespace Requant;

/// <summary>What happens to an element whose gradient is NaN or infinite.</summary>
public enum NonFinitePolicy
{
    /// <summary>The element is skipped and counted: its parameter and states keep their values, so that one bad
    /// gradient cannot spoil the absmax of its block.</summary>
    SkipElement,
}
