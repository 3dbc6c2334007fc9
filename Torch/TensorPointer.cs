using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>Where a tensor's elements lie.</summary>
internal static partial class TensorPointer
{
    /// <summary>Address of the first element, the storage offset included; 0 for an empty or a meta tensor.</summary>
    /// <remarks>TorchSharp's own accessors either check more than a step can afford or ignore the offset.</remarks>
    public static nint Of(Tensor tensor) => THSTensor_data(tensor.Handle);

    [LibraryImport("LibTorchSharp")]
    private static partial nint THSTensor_data(nint tensor);
}
