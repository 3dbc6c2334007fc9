using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>The element types of kernels as torch calls them.</summary>
internal static class TorchElementTypes
{
    /// <summary>What torch's type is to kernels, or null for a type that they do not take.</summary>
    public static ElementType? Of(ScalarType type) => type switch
    {
        ScalarType.Float32 => ElementType.Float32,
        ScalarType.Float16 => ElementType.Float16,
        ScalarType.BFloat16 => ElementType.BFloat16,
        _ => null,
    };
}
