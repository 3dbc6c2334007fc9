namespace Requant.Generator.Support;

/// <summary>Types that generated kernels name without a namespace, so that they can be read: by aliases that come before any name
/// of the project. Local variables leave their names free.</summary>
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
        "Requant.Ilgpu.DeviceWarp",
        "Requant.Ilgpu.IDeviceCodec",
        "Requant.Ilgpu.IDeviceElementType",
        "Requant.Quantization.IStateCodec",
        "Requant.Quantization.LargestMagnitude",
        "Requant.Quantization.StateBlock",
        "System.MathF",
        "System.Runtime.CompilerServices.MethodImplOptions",
        "System.Runtime.CompilerServices.Unsafe",
        "System.Runtime.Intrinsics.Vector128",
        "System.Runtime.Intrinsics.Vector256",
        "System.Runtime.Intrinsics.Vector512",
    ];

    /// <summary>Generic types, which no alias can stand for.</summary>
    public static readonly IReadOnlyList<(string Namespace, string Name)> Generic =
    [
        ("System.Runtime.Intrinsics", "Vector128"),
        ("System.Runtime.Intrinsics", "Vector256"),
        ("System.Runtime.Intrinsics", "Vector512"),
    ];

    public static IEnumerable<string> SimpleNames => FullNames.Select(SimpleName);

    public static string SimpleName(string fullName) => fullName.Substring(fullName.LastIndexOf('.') + 1);
}
