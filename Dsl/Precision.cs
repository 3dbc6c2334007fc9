namespace Requant;

/// <summary>What the generated kernels may do to the arithmetic of a rule.</summary>
public enum Precision
{
    /// <summary>Every operation is rounded as written: no fused multiply-add, IEEE division and square root. CPU kernels of
    /// every vector width and ILGPU's CPU accelerator give the same bits, and PTX as Requant writes it asks for the same
    /// roundings; PTX that ILGPU's own CUDA accelerator loads leaves the driver free to fuse.</summary>
    Exact,

    /// <summary>Kernels may fuse a multiplication with an addition and approximate division and square root.</summary>
    Fast,
}
