namespace Requant;

/// <summary>What the generated kernels may do to the arithmetic of a rule.</summary>
public enum Precision
{
    /// <summary>Every operation is rounded as written: no fused multiply-add, IEEE division and square root. Kernels of
    /// every backend and vector width give the same bits.</summary>
    Exact,

    /// <summary>Kernels may fuse a multiplication with an addition and approximate division and square root.</summary>
    Fast,
}
