using TorchSharp;
using static TorchSharp.torch;

namespace Requant.Samples;

/// <summary>Sums of tensors in long trainings.</summary>
internal static class TensorSums
{
    // TorchSharp's operator makes a scalar of its own for each sum and does not keep it alive while libtorch reads it:
    // a collection at that moment frees it, which was seen to fail once in some ten thousand steps (toFloat: "Expected
    // false to be true").
    private static readonly Scalar One = 1;

    /// <summary>Both tensors' sum.</summary>
    public static Tensor Plus(this Tensor left, Tensor right) => left.add(right, One);
}
