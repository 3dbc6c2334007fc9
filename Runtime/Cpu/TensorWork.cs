using Requant.CompilerServices;

namespace Requant.Cpu;

/// <summary>One tensor of the current step.</summary>
internal struct TensorWork
{
    /// <summary>What its kernels see.</summary>
    public KernelArguments Arguments;

    /// <summary>The kernel of the current phase; null where its variant has nothing to do.</summary>
    public BlockKernel? Kernel;

    /// <summary>Its states and step count.</summary>
    public ParameterState State;

    /// <summary>Number of this update, from 1.</summary>
    public int Step;

    /// <summary>The rule's specialisation for this update.</summary>
    public int Variant;
}
