using System.ComponentModel;

namespace Requant.CompilerServices;

/// <summary>What element types take from a step: 32 bits each, the last values of a tensor's row of uniforms, behind
/// those of the rule and the results of its reductions.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DeviceStepValue
{
    /// <summary>float32: what gradients are multiplied by.</summary>
    public const int GradientScale = 0;

    /// <summary>uint32: low half of the key of stochastic rounding.</summary>
    public const int LowerKey = 1;

    /// <summary>uint32: high half of it.</summary>
    public const int UpperKey = 2;

    /// <summary>How many there are.</summary>
    public const int Count = 3;
}
