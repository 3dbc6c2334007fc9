using Requant.CompilerServices;

namespace Requant.Cpu;

/// <summary>One tensor of the current phase.</summary>
internal struct TensorWork
{
    /// <summary>What its kernels see.</summary>
    public KernelArguments Arguments;

    /// <summary>The kernel of the phase; null where its variant has nothing to do.</summary>
    public BlockKernel? Kernel;

    /// <summary>Whether sums of columns are taken, each band of rows by one thread.</summary>
    public bool IsBanded;
}
