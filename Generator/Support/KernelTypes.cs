namespace Requant.Generator.Support;

/// <summary>Types that generated kernels name without a namespace, so that they can be read. Nothing of the user's may hide
/// one: neither a member of the rule's namespace nor a hyperparameter's property nor a local variable.</summary>
internal static class KernelTypes
{
    public static readonly IReadOnlyList<string> FullNames =
    [
        "ILGPU.IntrinsicMath",
        "Requant.Cpu.BlockMax",
        "Requant.Cpu.BlockRange",
        "Requant.Cpu.BlockSum",
        "Requant.Cpu.CachePrefetch",
        "Requant.Cpu.ElementMath",
        "Requant.Cpu.Gradients",
        "Requant.Cpu.KernelArguments",
        "Requant.Cpu.UpdatedElements",
        "Requant.Ilgpu.DeviceEight",
        "Requant.Ilgpu.DeviceFold",
        "Requant.Ilgpu.DeviceGrid",
        "Requant.Ilgpu.DeviceMath",
        "Requant.Ilgpu.DeviceMaxFold",
        "Requant.Ilgpu.DevicePrefetch",
        "Requant.Ilgpu.DeviceModel",
        "Requant.Ilgpu.DeviceReduction",
        "Requant.Ilgpu.DeviceState",
        "Requant.Ilgpu.DeviceTable",
        "Requant.Ilgpu.DeviceTensor",
        "Requant.Ilgpu.DeviceTile",
        "Requant.Ilgpu.DeviceWarp",
        "Requant.Ilgpu.IDeviceCodec",
        "Requant.Ilgpu.IDeviceElementType",
        "Requant.Quantization.IStateCodec",
        "Requant.Quantization.LargestMagnitude",
        "Requant.Quantization.StateBlock",
        "Requant.Quantization.StateTile",
        "System.MathF",
        "System.Runtime.CompilerServices.MethodImpl",
        "System.Runtime.CompilerServices.MethodImplAttribute",
        "System.Runtime.CompilerServices.MethodImplOptions",
        "System.Runtime.CompilerServices.Unsafe",
        "System.Runtime.Intrinsics.Vector128",
        "System.Runtime.Intrinsics.Vector256",
        "System.Runtime.Intrinsics.Vector512",
    ];

    private static readonly Dictionary<string, string> FullNameOf = FullNames.ToDictionary(SimpleName);

    public static IEnumerable<string> SimpleNames => FullNameOf.Keys;

    /// <summary>The full name of the type that a simple name stands for in kernels, or null.</summary>
    public static string? Find(string simpleName) => FullNameOf.TryGetValue(simpleName, out string? fullName) ? fullName : null;

    private static string SimpleName(string fullName) => fullName.Substring(fullName.LastIndexOf('.') + 1);
}
