namespace Requant.Torch;

/// <summary>Who multiplies matrices.</summary>
public enum MatrixProduct
{
    /// <summary>Requant, by fused multiply-adds in ascending order: the same bits on every machine.</summary>
    Exact,

    /// <summary>libtorch's <c>matmul</c> in float32, whose bits depend on the machine and on its number of
    /// threads.</summary>
    Torch,
}
