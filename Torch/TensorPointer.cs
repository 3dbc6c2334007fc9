using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>Where a tensor's elements lie.</summary>
internal static partial class TensorPointer
{
    /// <summary>Address of the first element, the storage offset included; 0 for an empty or a meta tensor.</summary>
    /// <remarks>TorchSharp's own accessors either check more than a step can afford or ignore the offset.</remarks>
    public static nint Of(Tensor tensor) => THSTensor_data(tensor.Handle);

    /// <summary>Whether memory from <see cref="Of"/> on holds the tensor's elements one after another. It does not
    /// where the tensor is not contiguous, nor where autograd has left a sign for later: the imaginary part of a
    /// conjugate has the elements of the original, and a bit that says to negate them. Real tensors have no bit for
    /// conjugation.</summary>
    public static bool IsPlain(Tensor tensor) => tensor.is_contiguous() && !tensor.is_neg();

    [LibraryImport("LibTorchSharp")]
    private static partial nint THSTensor_data(nint tensor);
}
